"""For machines: robots.txt, the sitemap with its languages and pictures, security.txt, the icon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from xml.sax.saxutils import escape

from flask import Blueprint, abort, current_app, redirect, url_for
from werkzeug.wrappers import Response

from marketplace.catalog.queries import feeds
from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.markets import MARKETS
from marketplace.core.web import public

from . import menu
from .pages import PAGES

bp = Blueprint("feeds", __name__)

HOUR = 3600
PRIVATE = (
    "/cart",
    "/checkout",
    "/orders/",
    "/account",
    "/sign-in",
    "/sign-up",
    "/reset",
    "/seller/",
    "/admin/",
    "/search?",
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
MORE_XMLNS = 'xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def _site() -> str:
    return str(current_app.config["SITE_URL"])


def _text(body: str, kind: str = "text/plain") -> Response:
    return public(Response(body, mimetype=kind), seconds=HOUR)


@bp.get("/robots.txt")
@audience(Audience.PUBLIC)
def robots() -> Response:
    """Everything of the shop window may be read; what is somebody's own, and endless searches, are left alone."""
    prefixes = ["", *(f"/{market.prefix}" for market in MARKETS.values() if market.prefix)]
    rules = [f"Disallow: {prefix}{path}" for path in PRIVATE for prefix in prefixes]
    return _text("\n".join(["User-agent: *", *rules, "", f"Sitemap: {_site()}/sitemap.xml", ""]))


@bp.get("/sitemap.xml")
@audience(Audience.PUBLIC)
def sitemap() -> Response:
    """The index: one part of pages, then the pieces by number."""
    parts = [url_for("feeds.sitemap_part", part=part) for part in range(feeds.part_count() + 1)]
    rows = "".join(f"<sitemap><loc>{escape(_site() + address)}</loc></sitemap>\n" for address in parts)
    return _text(f"{HEAD}<sitemapindex {XMLNS}>\n{rows}</sitemapindex>\n", "application/xml")


@bp.get("/sitemap-<int:part>.xml")
@audience(Audience.PUBLIC)
def sitemap_part(part: int) -> Response:
    entries = _pages() if part == 0 else _pieces(part)
    body = "".join(entries)
    if not body and part > feeds.part_count():  # one whose pieces are all gone stays empty: the index names it
        abort(404)
    return _text(f"{HEAD}<urlset {XMLNS} {MORE_XMLNS}>\n{body}</urlset>\n", "application/xml")


def _pages() -> Iterator[str]:
    yield from _entry("catalog.home")
    yield from _entry("catalog.workshops")
    for place in menu.tree().by_id.values():
        yield from _entry("catalog.category", slug=place.slug)
    for slug in feeds.workshop_slugs():
        yield from _entry("catalog.workshop", slug=slug)
    for name in PAGES:
        yield from _entry("pages.show", name=name)


def _pieces(part: int) -> Iterator[str]:
    for piece in feeds.pieces(part):
        yield from _entry("catalog.listing", piece.image, listing_id=piece.id, slug=piece.slug)


def _entry(endpoint: str, image: str = "", **values: Any) -> Iterator[str]:
    """One address per market, each naming all its siblings and itself (features.md J1)."""
    addresses = {market: _site() + url_for(endpoint, market=market.prefix, **values) for market in MARKETS.values()}
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{market.hreflang}" href="{escape(address)}"/>'
        for market, address in addresses.items()
    )
    links += f'<xhtml:link rel="alternate" hreflang="x-default" href="{escape(addresses[MARKETS["world"]])}"/>'
    picture = f"<image:image><image:loc>{escape(_site() + image)}</image:loc></image:image>" if image else ""
    for address in addresses.values():
        yield f"<url><loc>{escape(address)}</loc>{links}{picture}</url>\n"


@bp.get("/.well-known/security.txt")
@audience(Audience.PUBLIC)
def security() -> Response:
    """RFC 9116. The day of expiry moves with the calendar, so that a shop that is looked after never lets it pass."""
    until = datetime.combine(clock.today() + timedelta(days=180), time(), tzinfo=clock.BALI)
    contact = _site() + url_for("pages.show", name="contact", market="")
    lines = (f"Contact: {contact}", f"Expires: {until.isoformat()}", "Preferred-Languages: en, id")
    return _text("\n".join([*lines, f"Canonical: {_site()}/.well-known/security.txt", ""]))


@bp.get("/favicon.ico")
@audience(Audience.PUBLIC)
def favicon() -> Response:
    """Browsers that ask by habit; pages name the drawing themselves."""
    address = url_for("static", version=current_app.config["ASSETS_VERSION"], filename="icons/touch.png")
    return public(redirect(address, 302), seconds=HOUR)

"""The category tree, kept in the process: every page shows its menu, and it hardly ever changes."""

from __future__ import annotations

import time
from typing import Any, cast

from flask import current_app, url_for

from marketplace.catalog import pricing
from marketplace.catalog.queries import cards, nav
from marketplace.catalog.queries.cards import ListingCard, Shown
from marketplace.core.i18n import gettext as _
from marketplace.core.markets import current_market

SECONDS = 60  # how long a page that knows no version trusts the kept tree
_KEY, _PIECES, _NEVER = "shop_tree", "shop_pieces", -1


def tree(number: int | None = None) -> nav.Tree:
    """The tree; with the taxonomy's `number` exactly that version, else one at most a minute old."""
    kept = cast("tuple[float, nav.Tree] | None", current_app.extensions.get(_KEY))
    if kept is not None:
        read_at, known = kept
        if number == known.number or (number is None and time.monotonic() - read_at < SECONDS):
            return known
    fresh = nav.tree()
    current_app.extensions[_KEY] = (time.monotonic(), fresh)
    return fresh


def place_of(slug: str) -> nav.Place | None:
    """The category, also when it is newer than the kept tree."""
    return tree().by_slug.get(slug) or tree(_NEVER).by_slug.get(slug)


def links_to(path: list[nav.Place]) -> list[tuple[str, str]]:
    """(name, address) of the start page and of these categories: the way to a page."""
    places = [(place.name, url_for("catalog.category", slug=place.slug)) for place in path]
    return [(str(_("Home")), url_for("catalog.home")), *places]


def shop_nav() -> list[nav.Place]:
    """What the layouts show: slug and name."""
    return tree().named(nav.MENU)


def some_pieces() -> list[ListingCard]:
    """Four pieces that can be bought today, for a page that leads nowhere else; kept for a minute."""
    market = current_market()
    kept: dict[str, tuple[float, list[ListingCard]]] = current_app.extensions.setdefault(_PIECES, {})
    read_at, found = kept.get(market.code, (-float("inf"), []))
    if time.monotonic() - read_at > SECONDS:
        try:
            page = cards.page(Shown(market.currency, pricing.rates()), limit=12)
        except pricing.NoRate:
            return []
        found = [card for card in page.rows if card.availability != "sold"][:4]
        kept[market.code] = (time.monotonic(), found)
    return found


def template_globals() -> dict[str, Any]:
    return {"shop_nav": shop_nav, "some_pieces": some_pieces, "site": current_app.config["SITE_URL"]}

"""Search: what was typed, what was found, and what is near when nothing was."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from marketplace.catalog.queries import cards, nav, workshop
from marketplace.catalog.queries.cards import ListingCard
from marketplace.core.audience import Audience, audience
from marketplace.core.forms import one_line
from marketplace.core.markets import current_market
from marketplace.core.pagination import PAGE, decode_key, encode_key
from marketplace.search import queries, services, words
from marketplace.search.queries import Found

from . import menu, whence
from .blueprint import bp
from .caching import answer, shown

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found. `count` stops at 1,000, `is_capped` says that there is more."""

    found: Found
    cards: list[ListingCard]
    seen: int
    count: int
    is_capped: bool
    kinds: list[nav.Kind]
    kind: str
    workshops: list[workshop.WorkshopFacts]
    next_url: str | None


@bp.get("/search")
@audience(Audience.PUBLIC)
def search() -> Response:
    text = one_line(request.args.get("q", ""))[: services.LONGEST_QUERY]
    return answer(lambda: _results(text) if text else _everything())


def _everything() -> str:
    """Without a word: all pieces, the newest first."""
    page = cards.page(shown(), after=request.args.get("after"))
    next_url = url_for("catalog.search", after=page.after) if page.after else None
    return render_template(
        "storefront/everything.html", page=page, count=cards.count(), most=cards.MOST_COUNTED, next_url=next_url
    )


def _results(text: str) -> str:
    results = _find(text)
    is_exact = bool(results.cards) and not results.found.left_out and not results.found.is_near
    page = "search" if is_exact else "search_empty"
    nearby = () if results.cards else cards.page(shown(), limit=4).rows
    html = render_template(f"storefront/{page}.html", q=text, results=results, nearby=nearby)
    if "after" not in request.args:  # a later page is the same question
        _log(text, results.count if is_exact else 0)
    return html


def _log(text: str, hit_count: int) -> None:
    """The page is made already: a log that cannot be written takes nothing from the visitor.

    A page that a cache answers is not counted: the same search within a minute, or by somebody who holds the page.
    What nobody finds is asked too rarely for that to matter, and a count that the browser reports could be made up.
    """
    try:
        services.log_query(
            current_market().code, text, hit_count, country=whence.country(), visitor=whence.visitor() or ""
        )
    except SQLAlchemyError:
        log.exception("a query was not logged")


def _find(text: str) -> Results:
    found, kind = queries.find(text), request.args.get("kind", "")
    kinds = nav.kinds_of(found.ids[: cards.MOST_COUNTED], menu.tree().named(nav.MENU[1:])) if found.ids else []
    ids = found.ids[: cards.MOST_COUNTED]
    if kind:
        ids = nav.among(ids, menu.tree().by_slug[kind].id) if kind in menu.tree().by_slug else ids
    key = decode_key(request.args.get("after"), 1)
    begin = min(key[0], len(ids)) if key else 0
    shown_ids = ids[begin : begin + PAGE]
    seen = begin + len(shown_ids)
    more = url_for("catalog.search", q=text, kind=kind or None, after=encode_key(seen)) if seen < len(ids) else None
    return Results(
        found=found,
        cards=cards.by_ids(shown_ids, shown()) if shown_ids else [],
        seen=seen,
        count=len(ids),
        is_capped=found.is_capped and not kind,
        kinds=kinds,
        kind=kind if kind in menu.tree().by_slug else "",
        workshops=workshop.named(words.words(text)),
        next_url=more,
    )

"""Home, categories, workshops; the page of a piece and the search stand beside it."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.catalog import versions
from marketplace.catalog.queries import cards, home, nav, workshop
from marketplace.catalog.queries.cards import Sort
from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.workshops.queries import holidays

from . import menu, structured
from .blueprint import bp
from .caching import answer, shown
from .listing import render_listing
from .saved import saved
from .search import search

__all__ = ["bp", "render_listing", "saved", "search"]

SORTS = {
    Sort.NEWEST: _l("Newest"),
    Sort.CHEAPEST: _l("Price, low to high"),
    Sort.DEAREST: _l("Price, high to low"),
}


@bp.get("/", endpoint="home")
@audience(Audience.PUBLIC)
def home_page() -> Response:
    return answer(lambda: render_template("storefront/home.html", home=_home()))


def _home() -> home.Home:
    return home.home(shown(), menu.tree().named(nav.TILES))


def chosen_sort() -> Sort:
    """An unknown word is the newest first, not an error."""
    wanted = request.args.get("sort", "")
    return Sort(wanted) if wanted in set(Sort) else Sort.NEWEST


@bp.get("/c/<slug>")
@audience(Audience.PUBLIC)
def category(slug: str) -> Response:
    place = menu.place_of(slug) or abort(404)
    return answer(lambda: _category(slug), [versions.category_scope(place.id)])


def _category(slug: str) -> str:
    tree, sort = menu.tree(), chosen_sort()
    place = tree.by_slug.get(slug) or abort(404)
    page = cards.page(shown(), category_id=place.id, sort=sort, after=request.args.get("after"))
    return render_template(
        "storefront/category.html",
        place=place,
        steps=menu.links_to(tree.path(place)[:-1]),
        children=nav.filled(tree.children(place)) if tree.children(place) else [],
        page=page,
        count=cards.count(category_id=place.id),
        most=cards.MOST_COUNTED,
        sort=sort,
        sorts=SORTS,
        next_url=_next(page.after, slug=slug),
        structured=[structured.crumbs(tree.path(place))],
    )


def _next(after: str | None, **values: Any) -> str | None:
    """The address of the next page, with the same order."""
    if after is None:
        return None
    sort = request.args.get("sort")
    return url_for(request.endpoint or "", **values, after=after, sort=sort if sort in set(Sort) else None)


@bp.get("/w")
@audience(Audience.PUBLIC)
def workshops() -> Response:
    return answer(_workshops)


def _workshops() -> str:
    page = workshop.page(request.args.get("after"))
    return render_template("storefront/workshops.html", page=page, count=workshop.count(), next_url=_next(page.after))


@bp.get("/w/<slug>", endpoint="workshop")
@audience(Audience.PUBLIC)
def workshop_page(slug: str) -> Response:
    return answer(lambda: _workshop(slug), [], workshop_slug=slug)


def _workshop(slug: str) -> str:
    maker = workshop.public_workshop(slug) or abort(404)
    page = cards.page(shown(), workshop_id=maker.id, sort=chosen_sort(), after=request.args.get("after"))
    return render_template(
        "storefront/workshop.html",
        maker=maker,
        closing=holidays.closed_now(maker.id),
        page=page,
        most=cards.MOST_COUNTED,
        next_url=_next(page.after, slug=slug),
        structured=[structured.workshop(maker)],
    )

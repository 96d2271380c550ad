"""What the village could not give: searched and not found, sizes that ran out, pieces saved and never bought."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Category, Listing, ListingState, ListingVersion, Variant
from marketplace.core import clock
from marketplace.core.i18n import pick
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.search.meaning import key
from marketplace.search.models import Query

from ..hidden import LEAST, shown_count
from .known import begin_of
from .visits import rows, total, visits

FEW = 3  # a search that found this much or less could not be answered well
MOST_QUERIES = 20_000  # different ones of different visitors, the newest first
MOST_GROUPS = 200
MOST_COUNTRIES = 5
SOLD_SINCE = timedelta(days=90)
LEAST_WORKSHOPS = 3  # whoever is one of two would know the other
MOST_SIZES = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """A group of searches that mean the same.

    `text` is how most typed it, `others` how else; `hit_count`: the most that any of them found. `countries` are
    (code, visitors), '' for the smaller ones and the unknown together.
    """

    text: str
    others: tuple[str, ...]
    visitors: int
    hit_count: int
    countries: tuple[tuple[str, int], ...]


def wanted(weeks: int) -> list[Wanted]:
    """Searched by five visitors or more and found by none, or nearly; the most wanted first. One statement.

    A visitor is one of a day. Machines have none, so their searches are left out.
    """
    since = datetime.combine(begin_of(weeks), datetime.min.time(), clock.BALI)
    last = sa.func.max(Query.id).label("last")
    query = (
        sa.select(Query.text, Query.country, Query.visitor, sa.func.max(Query.hit_count), last)
        .where(Query.at >= since, Query.hit_count <= FEW, Query.visitor != "")
        .group_by(Query.text, Query.country, Query.visitor)
        .order_by(last.desc())
        .limit(MOST_QUERIES)
    )
    groups: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows(query):
        groups[key(row[0])].append(row)
    groups.pop("", None)
    found = [_wanted(group) for group in groups.values()]
    found = sorted((one for one in found if one.visitors >= LEAST), key=lambda one: (-one.visitors, one.text))
    return found[:MOST_GROUPS]


def _wanted(group: Sequence[tuple[Any, ...]]) -> Wanted:
    """A visitor who typed it twice counts once, with the first country."""
    country_of = {visitor: country for _text, country, visitor, _hits, _last in reversed(group)}
    typed = Counter(" ".join(text.lower().split()) for text, _c, _v, _h, _l in group)
    texts = sorted(typed, key=lambda text: (-typed[text], text))
    counts = Counter(country_of.values())
    nameless = counts.pop("", 0)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = shown_count([count for _country, count in ordered], MOST_COUNTRIES, nameless)
    rest = nameless + sum(count for _country, count in ordered[shown:])
    countries = (*ordered[:shown], *([("", rest)] if rest else []))
    return Wanted(texts[0], tuple(texts[1:3]), len(country_of), max(hits for *_seen, hits, _last in group), countries)


@dataclass(frozen=True, slots=True)
class RunOut:
    """A size of which nothing is left and that sold lately. `name`: of the piece, or of the kind of pieces."""

    name: str
    size: str
    sold: int
    listing_id: int = 0
    workshops: int = 0


def _sold_lately() -> Any:
    """variant_id and the pieces of it that were sold in the last ninety days."""
    return (
        sa.select(Line.variant_id, total(Line.quantity - Line.refunded_quantity).label("pieces"))
        .join(SellerOrder, SellerOrder.id == Line.seller_order_id)
        .join(Order, Order.id == SellerOrder.order_id)
        .where(
            Order.paid_at >= clock.now() - SOLD_SINCE,
            SellerOrder.status.not_in((Status.PENDING, Status.CANCELED)),
        )
        .group_by(Line.variant_id)
        .subquery()
    )


_EMPTY = (
    Variant.stock == 0,
    Variant.retired_at.is_(None),
    Listing.made_to_order.is_(False),
    Listing.state == ListingState.LIVE,
)


def own_run_out(workshop_id: int) -> list[RunOut]:
    """Piece by piece; one statement."""
    sold = _sold_lately()
    query = (
        sa.select(ListingVersion.title_en, ListingVersion.title_id, Variant.size, sold.c.pieces, Listing.id)
        .join(sold, sold.c.variant_id == Variant.id)
        .join(Listing, Listing.id == Variant.listing_id)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .where(*_EMPTY, Listing.workshop_id == workshop_id, sold.c.pieces > 0)
        .order_by(sold.c.pieces.desc(), Variant.id)
        .limit(MOST_SIZES)
    )
    return [RunOut(pick(en, indonesian), size, pieces, ident) for en, indonesian, size, pieces, ident in rows(query)]


def village_run_out() -> list[RunOut]:
    """By kind and size over all workshops, where three or more are meant: none of them can be told. One statement."""
    sold = _sold_lately()
    pieces, makers = total(sold.c.pieces), sa.func.count(sa.distinct(Listing.workshop_id))
    query = (
        sa.select(Category.name_en, Category.name_id, Variant.size, pieces, makers)
        .join_from(Variant, sold, sold.c.variant_id == Variant.id)
        .join(Listing, Listing.id == Variant.listing_id)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .join(Category, Category.id == ListingVersion.category_id)
        .where(*_EMPTY, Variant.size != "")
        .group_by(Category.id, Category.name_en, Category.name_id, Variant.size)
        .having(makers >= LEAST_WORKSHOPS)
        .order_by(pieces.desc(), Category.name_en, Variant.size)
        .limit(MOST_SIZES)
    )
    return [
        RunOut(pick(en, indonesian), size, count, workshops=some) for en, indonesian, size, count, some in rows(query)
    ]


@dataclass(frozen=True, slots=True)
class Saved:
    listing_id: int
    title: str
    saves: int
    views: int


def saved_not_bought(workshop_id: int, weeks: int) -> list[Saved]:
    """Own pieces that five visitors or more saved in these weeks and nobody bought; one statement."""
    since = begin_of(weeks)
    seen = visits(workshop_id, since)
    bought = (
        sa.select(Line.id)
        .join(SellerOrder, SellerOrder.id == Line.seller_order_id)
        .join(Order, Order.id == SellerOrder.order_id)
        .where(
            Line.listing_id == Listing.id,
            Order.paid_at >= datetime.combine(since, datetime.min.time(), clock.BALI),
            SellerOrder.status.not_in((Status.PENDING, Status.CANCELED)),
        )
        .exists()
    )
    saves, views = total(seen.c.saves), total(seen.c.views)
    query = (
        sa.select(Listing.id, ListingVersion.title_en, ListingVersion.title_id, saves, views)
        .join_from(seen, Listing, Listing.id == seen.c.listing_id)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .where(Listing.state == ListingState.LIVE, ~bought)
        .group_by(Listing.id, ListingVersion.title_en, ListingVersion.title_id)
        .having(saves >= LEAST)
        .order_by(saves.desc(), Listing.id)
        .limit(MOST_SIZES)
    )
    return [Saved(ident, pick(en, indonesian), some, more) for ident, en, indonesian, some, more in rows(query)]

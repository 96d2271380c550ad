"""What a workshop may know: visits and sales of the last weeks, by time, by piece, by country."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Listing, ListingVersion
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.orders.models import SellerOrderStatus as Status

from ..hidden import LEAST, shown_count
from .visits import DEEDS, rows, total, visits

TOP = 10
OTHERS = ""  # the key of the row of all groups that are not shown, and of what names no country
WEEK = 7


@dataclass(slots=True)
class Figures:
    """Visitors of one day each, and what was sold: orders, pieces, and their price in rupiah before the fee."""

    views: int = 0
    saves: int = 0
    bags: int = 0
    orders: int = 0
    pieces: int = 0
    rupiah: int = 0

    def add(self, other: Figures) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def conversion_bp(self) -> int | None:
        """Orders for each ten thousand views; None where that says nothing: too few, or sold without being seen."""
        if self.views < LEAST or self.orders > self.views:
            return None
        return self.orders * 10_000 // self.views


@dataclass(frozen=True, slots=True)
class Group:
    """`name` as the group is called, '' for all the others together; `visitors`: of how many it is, at least."""

    name: str
    figures: Figures
    visitors: int


@dataclass(frozen=True, slots=True)
class Report:
    """`steps` are weeks, or four weeks each, named by their first day; `is_hidden`: fewer than five visitors in all."""

    weeks: int
    since: date
    whole: Figures
    steps: list[tuple[date, Figures]]
    pieces: list[Group]
    countries: list[Group]
    best: list[Group]
    is_hidden: bool


def begin_of(weeks: int) -> date:
    """The Monday with which the last `weeks` begin, this one among them."""
    today = clock.today()
    return today - timedelta(today.weekday() + WEEK * (weeks - 1))


def report(workshop_id: int, weeks: int, most: int = TOP) -> Report:
    """Five statements, whatever there is. `most`: how many pieces and countries stand by themselves."""
    since = begin_of(weeks)
    seen = visits(workshop_id, since)
    sold = _sold(workshop_id, since)
    steps = _steps(seen, sold, since, weeks)
    is_hidden = sum(figures.views for _first, figures in steps) < LEAST
    whole = Figures()
    for _first, figures in steps:
        if is_hidden:
            figures.views = figures.saves = figures.bags = 0
        whole.add(figures)
    by_piece, by_country = _by_piece(seen, sold), _by_country(seen, sold)
    pieces, countries = _shown(by_piece, most), _shown(by_country, most)
    best = sorted(
        ((ident, figures) for ident, (figures, _v) in by_piece.items() if figures.pieces),
        key=lambda pair: (-pair[1].pieces, -pair[1].rupiah, pair[0]),
    )[:most]
    titles = _titles({row[0] for row in (*pieces, *best)} - {OTHERS})
    return Report(
        weeks=weeks,
        since=since,
        whole=whole,
        steps=steps,
        pieces=[Group(titles.get(ident, OTHERS), figures, visitors) for ident, figures, visitors in pieces],
        countries=[Group(country, figures, visitors) for country, figures, visitors in countries],
        best=[Group(titles.get(ident, OTHERS), figures, 0) for ident, figures in best],
        is_hidden=is_hidden,
    )


@dataclass(frozen=True, slots=True)
class Sold:
    day: date
    country: str
    listing_id: int
    figures: Figures


def _sold(workshop_id: int, since: date) -> list[Sold]:
    """Each line that was paid and not canceled, what was refunded as a piece taken off; one statement."""
    left = (Line.quantity - Line.refunded_quantity).label("left")
    query = (
        sa.select(Order.paid_at, Order.country, Line.listing_id, left, Line.unit_idr)
        .join_from(Line, SellerOrder, SellerOrder.id == Line.seller_order_id)
        .join(Order, Order.id == SellerOrder.order_id)
        .where(
            SellerOrder.workshop_id == workshop_id,
            Order.paid_at >= datetime.combine(since, datetime.min.time(), clock.BALI),
            SellerOrder.status.not_in((Status.PENDING, Status.CANCELED)),
            Line.quantity > Line.refunded_quantity,
        )
    )
    return [
        Sold(clock.local(paid_at).date(), country, listing_id, Figures(orders=1, pieces=count, rupiah=count * price))
        for paid_at, country, listing_id, count, price in rows(query)
    ]


def _steps(seen: Any, sold: Iterable[Sold], since: date, weeks: int) -> list[tuple[date, Figures]]:
    days = WEEK if weeks <= 12 else 4 * WEEK
    steps = [(since + timedelta(days * at), Figures()) for at in range(weeks * WEEK // days)]
    by_day = sa.select(seen.c.happened_on, *(total(seen.c[name]) for name in DEEDS)).group_by(seen.c.happened_on)
    for day, *counts in rows(by_day):
        steps[(day - since).days // days][1].add(Figures(*counts))
    for sale in sold:
        steps[(sale.day - since).days // days][1].add(sale.figures)
    return steps


def _by_piece(seen: Any, sold: Iterable[Sold]) -> dict[int, tuple[Figures, int]]:
    """A visitor has one mark a day for each piece: its views are its visitors."""
    query = sa.select(seen.c.listing_id, *(total(seen.c[name]) for name in DEEDS)).group_by(seen.c.listing_id)
    found = {ident: (Figures(*counts), counts[0]) for ident, *counts in rows(query)}
    for sale in sold:
        found.setdefault(sale.listing_id, (Figures(), 0))[0].add(sale.figures)
    return found


def _by_country(seen: Any, sold: Iterable[Sold]) -> dict[str, tuple[Figures, int]]:
    """Who looks at ten pieces is one visitor: a country's day has at least as many as its most seen piece."""
    daily = (
        sa.select(
            seen.c.country,
            *(sa.func.sum(seen.c[name]).label(name) for name in DEEDS),
            sa.func.max(seen.c.views).label("visitors"),
        )
        .group_by(seen.c.country, seen.c.happened_on)
        .subquery()
    )
    sums = [total(daily.c[name]) for name in (*DEEDS, "visitors")]
    query = sa.select(daily.c.country, *sums).group_by(daily.c.country)
    found = {country: (Figures(*counts), visitors) for country, *counts, visitors in rows(query)}
    for sale in sold:
        found.setdefault(sale.country, (Figures(), 0))[0].add(sale.figures)
    return found


def _shown(groups: dict[Any, tuple[Figures, int]], most: int) -> list[tuple[Any, Figures, int]]:
    """The largest by themselves and all the others in one row, or not at all (hidden.py)."""
    rest, visitors = groups.get(OTHERS, (Figures(), 0))
    named = [(key, *group) for key, group in groups.items() if key != OTHERS]
    named.sort(key=lambda group: (-group[2], -group[1].pieces, str(group[0])))
    shown = shown_count([count for _key, _figures, count in named], most, visitors)
    for _key, figures, count in named[shown:]:
        rest.add(figures)
        visitors += count
    has_rest = visitors >= LEAST or (not visitors and rest.pieces)
    by_views = sorted(named[:shown], key=lambda group: -group[1].views)
    return [*by_views, *([(OTHERS, rest, visitors)] if has_rest else [])]


def _titles(listing_ids: Collection[Any]) -> dict[int, str]:
    query = (
        sa.select(Listing.id, ListingVersion.title_en, ListingVersion.title_id)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .where(Listing.id.in_(listing_ids))
    )
    return {ident: pick(en, indonesian) for ident, en, indonesian in rows(query)}


@dataclass(frozen=True, slots=True)
class WeekSeen:
    """This week so far, and the same days of the week before."""

    views: int
    saves: int
    views_before: int

    @property
    def is_hidden(self) -> bool:
        return self.views < LEAST

    @property
    def was_hidden(self) -> bool:
        return self.views_before < LEAST


def week_of(workshop_id: int) -> WeekSeen:
    """One statement."""
    today, monday = clock.today(), begin_of(1)
    seen = visits(workshop_id, monday - timedelta(WEEK))
    is_now = seen.c.happened_on >= monday
    is_before = seen.c.happened_on <= today - timedelta(WEEK)
    row = db.session.execute(
        sa.select(
            total(sa.case((is_now, seen.c.views), else_=0)),
            total(sa.case((is_now, seen.c.saves), else_=0)),
            total(sa.case((is_before, seen.c.views), else_=0)),
        )
    ).one()
    return WeekSeen(*row)

"""What the collective keeps of the goods: dated rates, the most specific one in force, frozen on each line.

Order of precedence: workshop and category, then workshop, then category (the nearest ancestor), then the general rate,
then `DEFAULT_BP`. Among equals the newest counts. Sums are rounded once per rate (payments.md 9); a rate's floor and
cap hold for all goods at this rate in one seller order, and never more than the goods is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from marketplace.catalog.models import Category
from marketplace.core.db import db
from marketplace.core.money import Money, allocate

from .models import CommissionRate

DEFAULT_BP = 800  # 8%


@dataclass(frozen=True, slots=True)
class Rate:
    basis_points: int
    floor_idr: int | None = None
    cap_idr: int | None = None

    def of(self, goods_idr: int) -> int:
        """Whole rupiah kept of goods at this rate, rounded half up once, within floor and cap."""
        kept = Money(goods_idr, "IDR").share(self.basis_points).amount
        kept = max(kept, self.floor_idr or 0)
        return min(kept, goods_idr, goods_idr if self.cap_idr is None else self.cap_idr)


@dataclass(frozen=True, slots=True)
class Row:
    workshop_id: int | None
    category_id: int | None
    basis_points: int
    valid_from: date
    floor_idr: int | None = None
    cap_idr: int | None = None

    @property
    def rate(self) -> Rate:
        return Rate(self.basis_points, self.floor_idr, self.cap_idr)


@dataclass(frozen=True, slots=True)
class Rates:
    """The rows in force, newest first, and the category tree as child → parent."""

    rows: tuple[Row, ...]
    parents: Mapping[int, int | None]

    def basis_points(self, workshop_id: int, category_id: int | None) -> int:
        return self.rate(workshop_id, category_id).basis_points

    def rate(self, workshop_id: int, category_id: int | None) -> Rate:
        """What holds for a piece of this workshop in this category."""
        path = self._path(category_id)
        for workshop in (workshop_id, None):
            for category in (*path, None):
                for row in self.rows:
                    if row.workshop_id == workshop and row.category_id == category:
                        return row.rate
        return Rate(DEFAULT_BP)

    def _path(self, category_id: int | None) -> list[int]:
        path: list[int] = []
        while category_id is not None and category_id not in path:
            path.append(category_id)
            category_id = self.parents.get(category_id)
        return path


def rates(on: date) -> Rates:
    """One statement, and a second one when a rate names a category."""
    found = db.session.execute(
        sa.select(
            CommissionRate.workshop_id,
            CommissionRate.category_id,
            CommissionRate.basis_points,
            CommissionRate.valid_from,
            CommissionRate.floor_idr,
            CommissionRate.cap_idr,
        )
        .where(CommissionRate.valid_from <= on)
        .order_by(CommissionRate.valid_from.desc(), CommissionRate.id.desc())
    )
    rows = tuple(Row(*row) for row in found)
    parents: dict[int, int | None] = {}
    if any(row.category_id is not None for row in rows):
        parents = {row.id: row.parent_id for row in db.session.execute(sa.select(Category.id, Category.parent_id))}
    return Rates(rows, parents)


def commissions_idr(goods: Sequence[tuple[int, Rate]]) -> list[int]:
    """Whole rupiah kept of each line of one seller order, given (rupiah, rate) per line.

    All lines of one rate are summed and rounded once; the sum is shared among them by the largest remainder, so that
    the lines always add up to what is kept.
    """
    groups: dict[Rate, list[int]] = {}
    for place, (_amount, rate) in enumerate(goods):
        groups.setdefault(rate, []).append(place)
    kept = [0] * len(goods)
    for rate, places in groups.items():
        amounts = [goods[place][0] for place in places]
        if sum(amounts):
            for place, share in zip(places, allocate(rate.of(sum(amounts)), amounts), strict=True):
                kept[place] = share
    return kept

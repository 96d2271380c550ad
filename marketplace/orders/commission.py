"""What the collective keeps of the goods: dated rates, the most specific one in force, frozen on each line.

Order of precedence: workshop and category, then workshop, then category (the nearest ancestor), then the general rate,
then `DEFAULT_BP`. Among equals the newest counts. Sums are rounded once per rate (payments.md 9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from marketplace.catalog.models import Category
from marketplace.core.db import db
from marketplace.core.money import Money

from .models import CommissionRate

DEFAULT_BP = 800  # 8%


@dataclass(frozen=True, slots=True)
class Row:
    workshop_id: int | None
    category_id: int | None
    basis_points: int
    valid_from: date


@dataclass(frozen=True, slots=True)
class Rates:
    """The rows in force, newest first, and the category tree as child → parent."""

    rows: tuple[Row, ...]
    parents: Mapping[int, int | None]

    def basis_points(self, workshop_id: int, category_id: int | None) -> int:
        """The rate of a piece of this workshop in this category."""
        path = self._path(category_id)
        for workshop in (workshop_id, None):
            for category in (*path, None):
                for row in self.rows:
                    if row.workshop_id == workshop and row.category_id == category:
                        return row.basis_points
        return DEFAULT_BP

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
        )
        .where(CommissionRate.valid_from <= on)
        .order_by(CommissionRate.valid_from.desc(), CommissionRate.id.desc())
    )
    rows = tuple(Row(*row) for row in found)
    parents: dict[int, int | None] = {}
    if any(row.category_id is not None for row in rows):
        parents = {row.id: row.parent_id for row in db.session.execute(sa.select(Category.id, Category.parent_id))}
    return Rates(rows, parents)


def commission_idr(goods: Iterable[tuple[int, int]]) -> int:
    """Whole rupiah kept of one seller order's goods, given (rupiah, basis points) per line.

    All lines of one rate are summed first, then rounded half up, once.
    """
    by_rate: dict[int, int] = {}
    for amount, basis_points in goods:
        by_rate[basis_points] = by_rate.get(basis_points, 0) + amount
    return sum(Money(amount, "IDR").share(basis_points).amount for basis_points, amount in by_rate.items())

"""Rates of commission: which one counts for what, which ones come, which ones were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.catalog.models import Category
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.core.money import Money
from marketplace.orders.commission import DEFAULT_BP, Rate
from marketplace.orders.models import CommissionRate
from marketplace.workshops.models import Workshop

SHOWN = 500
Above = aliased(Category, name="above")  # the tree has three levels
EXAMPLE = Money(500_000, "IDR")


@dataclass(frozen=True, slots=True)
class Row:
    """An entered rate; `workshop` and `category` are empty where it holds for all of them. `id` 0: the shop's own."""

    id: int
    workshop: str
    category: str
    rate: Rate
    valid_from: date | None
    by: str

    @property
    def floor(self) -> Money | None:
        return Money(self.rate.floor_idr, "IDR") if self.rate.floor_idr else None

    @property
    def cap(self) -> Money | None:
        return None if self.rate.cap_idr is None else Money(self.rate.cap_idr, "IDR")

    @property
    def kept(self) -> Money:
        """Of a piece of EXAMPLE."""
        return Money(self.rate.of(EXAMPLE.amount), "IDR")


@dataclass(frozen=True, slots=True)
class Commission:
    """`now` stands in the order of precedence, the most specific first; `next` and `past` by day, the newest last."""

    now: Sequence[Row]
    next: Sequence[Row]
    past: Sequence[Row]


def entered() -> Commission:
    """All rates; one statement."""
    found = db.session.execute(
        sa.select(
            CommissionRate,
            Workshop.name.label("workshop"),
            Category.name_en,
            Category.name_id,
            sa.func.coalesce(User.full_name, "").label("by"),
            (sa.cast(Category.parent_id.is_not(None), sa.Integer) + sa.cast(Above.parent_id.is_not(None), sa.Integer)),
        )
        .outerjoin(Workshop, Workshop.id == CommissionRate.workshop_id)
        .outerjoin(Category, Category.id == CommissionRate.category_id)
        .outerjoin(Above, Above.id == Category.parent_id)
        .outerjoin(User, User.id == CommissionRate.created_by)
        .order_by(CommissionRate.valid_from.desc(), CommissionRate.id.desc())
        .limit(SHOWN)
    )
    now: list[tuple[tuple[int, int, str, str], Row]] = []
    coming: list[Row] = []
    past: list[Row] = []
    seen: set[tuple[int | None, int | None]] = set()
    for rate, workshop, name_en, name_id, by, depth in found:
        row = _row(rate, workshop, pick(name_en or "", name_id or ""), by)
        scope = (rate.workshop_id, rate.category_id)
        if rate.valid_from > clock.today():
            coming.append(row)
        elif scope in seen:
            past.append(row)
        else:
            seen.add(scope)
            now.append(((_rank(rate), -depth, row.workshop, row.category), row))
    if (None, None) not in seen:
        now.append(((4, 0, "", ""), Row(0, "", "", Rate(DEFAULT_BP), None, "")))
    return Commission([row for _key, row in sorted(now, key=lambda pair: pair[0])], coming[::-1], past)


def _rank(rate: CommissionRate) -> int:
    """The place in orders/commission.py's order of precedence."""
    return (0 if rate.category_id else 1) if rate.workshop_id else (2 if rate.category_id else 3)


def _row(rate: CommissionRate, workshop: str | None, category: str, by: str) -> Row:
    counts = Rate(rate.basis_points, rate.floor_idr, rate.cap_idr)
    return Row(rate.id, workshop or "", category, counts, rate.valid_from, by)


def workshop_names() -> list[tuple[int, str]]:
    """Every workshop that may sell, for a list to choose from; one statement."""
    query = sa.select(Workshop.id, Workshop.name).where(Workshop.closed_at.is_(None)).order_by(Workshop.name)
    return [(row.id, row.name) for row in db.session.execute(query)]


def category_names() -> list[tuple[int, str]]:
    """Every category under its parent's name, in the order of the shop; one statement."""
    rows = db.session.execute(
        sa.select(Category.id, Category.parent_id, Category.name_en, Category.name_id).order_by(
            Category.position, Category.id
        )
    ).all()
    names = {row.id: pick(row.name_en, row.name_id) for row in rows}
    children: dict[int | None, list[tuple[int, str]]] = {}
    for row in rows:
        above = names.get(row.parent_id)
        children.setdefault(row.parent_id, []).append(
            (row.id, f"{above} · {names[row.id]}" if above else names[row.id])
        )
    found: list[tuple[int, str]] = []
    waiting = children.get(None, [])[::-1]
    while waiting:
        entry = waiting.pop()
        found.append(entry)
        waiting += children.get(entry[0], [])[::-1]
    return found


def in_force(workshop_id: int) -> Sequence[Row]:
    """The rates that were made for this workshop alone and count today; one statement."""
    rows = db.session.execute(
        sa.select(CommissionRate, Category.name_en, Category.name_id)
        .outerjoin(Category, Category.id == CommissionRate.category_id)
        .where(CommissionRate.valid_from <= clock.today())
        .where(sa.or_(CommissionRate.workshop_id == workshop_id, CommissionRate.workshop_id.is_(None)))
        .where(sa.or_(CommissionRate.workshop_id.is_not(None), CommissionRate.category_id.is_(None)))
        .order_by(CommissionRate.workshop_id.is_(None), CommissionRate.valid_from.desc(), CommissionRate.id.desc())
        .limit(SHOWN)
    )
    found: dict[tuple[bool, int | None], Row] = {}
    for rate, name_en, name_id in rows:
        scope = (rate.workshop_id is None, rate.category_id)
        found.setdefault(scope, _row(rate, None, pick(name_en or "", name_id or ""), ""))
    own = [row for (is_general, _category), row in found.items() if not is_general]
    if (False, None) not in found:
        own.append(found.get((True, None)) or Row(0, "", "", Rate(DEFAULT_BP), None, ""))
    return own

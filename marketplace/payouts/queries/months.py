"""A workshop's months and years in sums, from the books: what a tax return asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.ledger.accounts import seller
from marketplace.ledger.models import Kind, LedgerEntry, LedgerTxn
from marketplace.orders.models import SellerOrder

from .statements import PAYOUTS, REFUNDS, bounds, months_of

AGAIN = ":refund:"  # in the key of an earning that a failed refund brought back


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a month or a year, in rupiah, as the rows of its statements add up. What goes off is negative.

    `net` is what the workshop earned: everything but payouts.
    """

    price: Money
    commission: Money
    shipping: Money
    refund: Money
    other: Money
    payout: Money

    @property
    def net(self) -> Money:
        return self.price + self.commission + self.shipping + self.refund + self.other


@dataclass(frozen=True, slots=True)
class MonthTotals:
    year: int
    month: int
    totals: Totals


def totals_of_months(workshop_id: int) -> list[MonthTotals]:
    """Every month from the first movement to the present one, newest first, empty ones too; three statements."""
    months = months_of(workshop_id)
    if not months:
        return []
    moved, sold = _moved(workshop_id, months), _sold(workshop_id, months)
    return [
        MonthTotals(year, month, _totals(moved.get(year * 100 + month, {}), sold.get(year * 100 + month)))
        for year, month in months
    ]


def totals_of_years(months: Sequence[MonthTotals]) -> dict[int, Totals]:
    """The months added up, newest year first."""
    years: dict[int, Totals] = {}
    for month in months:
        years[month.year] = _added(years[month.year], month.totals) if month.year in years else month.totals
    return years


def _added(one: Totals, other: Totals) -> Totals:
    return Totals(*(getattr(one, field.name) + getattr(other, field.name) for field in fields(Totals)))


@dataclass(frozen=True, slots=True)
class _Sold:
    price: int
    commission: int
    shipping: int
    payable: int


def _month_case(months: Sequence[tuple[int, int]]) -> sa.Case[int]:
    """202611 for a moment of November 2026 in Bali."""
    return sa.case(*((LedgerTxn.at >= bounds(year, month)[0], year * 100 + month) for year, month in months), else_=0)


def _moved(workshop_id: int, months: Sequence[tuple[int, int]]) -> dict[int, dict[tuple[Kind, bool], int]]:
    """Rupiah owed by month and (kind, is a sale)."""
    month = _month_case(months).label("month")
    is_again = LedgerTxn.key.contains(AGAIN, autoescape=True).label("is_again")
    query = (
        sa.select(month, LedgerTxn.kind, is_again, sa.func.sum(LedgerEntry.amount))
        .join(LedgerEntry, LedgerEntry.txn_id == LedgerTxn.id)
        .where(LedgerEntry.account == seller(workshop_id), LedgerEntry.currency == "IDR")
        .group_by(month, LedgerTxn.kind, is_again)
    )
    found: dict[int, dict[tuple[Kind, bool], int]] = {}
    for number, kind, again, amount in db.session.execute(query):
        found.setdefault(int(number), {})[kind, bool(kind is Kind.EARN and not again)] = -int(amount)
    return found


def _sold(workshop_id: int, months: Sequence[tuple[int, int]]) -> dict[int, _Sold]:
    """What was earned by month, before refunds."""
    month = _month_case(months).label("month")
    payable, commission, shipping = SellerOrder.payable_idr, SellerOrder.commission_idr, SellerOrder.shipping_idr
    query = (
        sa.select(
            month,
            sa.func.sum(payable + commission - shipping),
            sa.func.sum(commission),
            sa.func.sum(shipping),
            sa.func.sum(payable),
        )
        .join(SellerOrder, SellerOrder.id == LedgerTxn.seller_order_id)
        .where(
            LedgerTxn.workshop_id == workshop_id,
            LedgerTxn.kind == Kind.EARN,
            ~LedgerTxn.key.contains(AGAIN, autoescape=True),
        )
        .group_by(month)
    )
    return {int(number): _Sold(*(int(value) for value in values)) for number, *values in db.session.execute(query)}


def _totals(moved: dict[tuple[Kind, bool], int], sold: _Sold | None) -> Totals:
    before = sold or _Sold(0, 0, 0, 0)
    sums = {"refund": -before.payable, "other": 0, "payout": 0}
    for (kind, is_sale), amount in moved.items():
        column = "refund" if is_sale or kind in (*REFUNDS, Kind.EARN) else "payout" if kind in PAYOUTS else "other"
        sums[column] += amount
    return Totals(
        price=Money(before.price, "IDR"),
        commission=Money(-before.commission, "IDR"),
        shipping=Money(before.shipping, "IDR"),
        **{name: Money(amount, "IDR") for name, amount in sums.items()},
    )

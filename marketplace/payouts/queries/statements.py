"""A workshop's statement of a month in Bali: where it stood, what moved, where it stands, all of it from the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.core.money import Money, total
from marketplace.ledger.accounts import seller
from marketplace.ledger.models import Kind, LedgerEntry, LedgerTxn
from marketplace.ledger.queries import Movement, movements_between
from marketplace.ledger.services import key_of
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.workshops.models import Workshop

REFUNDS = (Kind.REFUND, Kind.REFUND_FAILED, Kind.REFUND_ASSIGNED, Kind.REFUND_RETURNED)
PAYOUTS = (Kind.PAYOUT, Kind.PAYOUT_RETURNED)


@dataclass(frozen=True, slots=True)
class StatementItem:
    """A line of an order that was earned, in rupiah."""

    title: str
    size: str
    quantity: int
    price: Money
    commission: Money


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A movement. Its columns add up to `amount`: commission, refunds and payouts are negative; `balance` is after it.

    `refund` is what the workshop gets less, its commission given back already; on an earning's row it is what was
    refunded before the money was earned. `other` holds corrections.
    """

    txn_id: int
    kind: Kind
    at: datetime
    memo: str
    order_no: str
    seller_order_id: int | None
    payout_id: int | None
    items: tuple[StatementItem, ...]
    price: Money
    commission: Money
    shipping: Money
    refund: Money
    payout: Money
    other: Money
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class Sums:
    price: Money
    commission: Money
    shipping: Money
    refund: Money
    payout: Money
    other: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """opening + the rows' amounts = closing, and closing is what the books say at the month's end."""

    workshop_id: int
    workshop_name: str
    year: int
    month: int
    opening: Money
    closing: Money
    sums: Sums
    rows: tuple[StatementRow, ...]

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a statement needs of a seller order."""

    goods: int
    commission: int
    shipping: int
    payable: int
    items: tuple[StatementItem, ...]


def statement(workshop_id: int, year: int, month: int) -> Statement | None:
    """The month's statement, None for a workshop that is not there; six statements, however long the month.

    Raises:
        ValueError: there is no such month.
    """
    since, until = bounds(year, month)
    name = db.session.scalar(sa.select(Workshop.name).where(Workshop.id == workshop_id))
    if name is None:
        return None
    opening, movements = movements_between(workshop_id, since, until)
    parts = _parts(workshop_id, since, until)
    numbers = _numbers(workshop_id, since, until)
    rows = tuple(_row(movement, parts, numbers) for movement in movements)
    return Statement(
        workshop_id=workshop_id,
        workshop_name=name,
        year=year,
        month=month,
        opening=opening,
        closing=rows[-1].balance if rows else opening,
        sums=Sums(
            price=total((row.price for row in rows), "IDR"),
            commission=total((row.commission for row in rows), "IDR"),
            shipping=total((row.shipping for row in rows), "IDR"),
            refund=total((row.refund for row in rows), "IDR"),
            payout=total((row.payout for row in rows), "IDR"),
            other=total((row.other for row in rows), "IDR"),
        ),
        rows=rows,
    )


def bounds(year: int, month: int) -> tuple[datetime, datetime]:
    """A month begins at midnight in Bali.

    Raises:
        ValueError
    """
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return datetime(year, month, 1, tzinfo=clock.BALI), datetime(*following, 1, tzinfo=clock.BALI)


def months_of(workshop_id: int) -> list[tuple[int, int]]:
    """(year, month) from the workshop's first movement to the present month, newest first."""
    query = (
        sa.select(sa.func.min(LedgerTxn.at))
        .join(LedgerEntry, LedgerEntry.txn_id == LedgerTxn.id)
        .where(LedgerEntry.account == seller(workshop_id), LedgerEntry.currency == "IDR")
    )
    first = db.session.scalar(query)
    if first is None:
        return []
    begin, today = clock.local(first).date(), clock.today()
    count = (today.year - begin.year) * 12 + today.month - begin.month
    months = [begin.year * 12 + begin.month - 1 + step for step in range(count + 1)]
    return [(number // 12, number % 12 + 1) for number in reversed(months)]


def _mine(workshop_id: int, since: datetime, until: datetime) -> sa.Select[int | None]:
    """The seller orders that were earned in the month."""
    return sa.select(LedgerTxn.seller_order_id).where(
        LedgerTxn.workshop_id == workshop_id,
        LedgerTxn.kind == Kind.EARN,
        LedgerTxn.at >= since,
        LedgerTxn.at < until,
    )


def _parts(workshop_id: int, since: datetime, until: datetime) -> dict[int, _Part]:
    """Two statements."""
    earned = _mine(workshop_id, since, until)
    items: dict[int, list[StatementItem]] = {}
    told = (Line.seller_order_id, Line.title_en, Line.title_id, Line.size, Line.quantity, Line.unit_idr)
    query = sa.select(*told, Line.commission_idr).where(Line.seller_order_id.in_(earned)).order_by(Line.id)
    for ident, title_en, title_id, size, quantity, unit, commission in db.session.execute(query):
        price = Money(unit * quantity, "IDR")
        item = StatementItem(pick(title_en, title_id), size, quantity, price, Money(-commission, "IDR"))
        items.setdefault(ident, []).append(item)
    columns = (SellerOrder.id, SellerOrder.commission_idr, SellerOrder.shipping_idr, SellerOrder.payable_idr)
    parts = db.session.execute(sa.select(*columns).where(SellerOrder.id.in_(earned)))
    return {
        ident: _Part(
            goods=sum(item.price.amount for item in items.get(ident, ())),
            commission=commission,
            shipping=shipping,
            payable=payable,
            items=tuple(items.get(ident, ())),
        )
        for ident, commission, shipping, payable in parts
    }


def _numbers(workshop_id: int, since: datetime, until: datetime) -> dict[int, str]:
    """The orders' numbers, of everything that moved in the month."""
    moved = (
        sa.select(LedgerTxn.order_id)
        .join(LedgerEntry, LedgerEntry.txn_id == LedgerTxn.id)
        .where(LedgerEntry.account == seller(workshop_id), LedgerTxn.at >= since, LedgerTxn.at < until)
    )
    query = sa.select(Order.id, Order.public_no).where(Order.id.in_(moved))
    return dict(db.session.execute(query).all())


def _row(movement: Movement, parts: dict[int, _Part], numbers: dict[int, str]) -> StatementRow:
    columns = dict.fromkeys(("price", "commission", "shipping", "refund", "payout", "other"), 0)
    amount = movement.amount.amount
    items: tuple[StatementItem, ...] = ()
    part = _earned_part(movement, parts)
    if part is not None:
        items = part.items
        columns.update(price=part.goods, commission=-part.commission, shipping=part.shipping)
        columns["refund"] = amount - part.payable
        columns["other"] = part.payable - (part.goods - part.commission + part.shipping)  # a discount
    else:
        columns[_column(movement.kind)] = amount
    return StatementRow(
        txn_id=movement.txn_id,
        kind=movement.kind,
        at=movement.at,
        memo=movement.memo,
        order_no=numbers.get(movement.order_id or 0, ""),
        seller_order_id=movement.seller_order_id,
        payout_id=int(movement.key.partition(":")[2]) if movement.kind in PAYOUTS else None,
        items=items,
        amount=movement.amount,
        balance=movement.balance,
        **{name: Money(value, "IDR") for name, value in columns.items()},
    )


def _earned_part(movement: Movement, parts: dict[int, _Part]) -> _Part | None:
    """The seller order of an earning; of a refund that failed after it, which earns its sum again, there is none."""
    ident = movement.seller_order_id
    if movement.kind is not Kind.EARN or ident is None or movement.key != key_of(Kind.EARN, ident):
        return None
    return parts.get(ident)


def _column(kind: Kind) -> str:
    if kind in REFUNDS or kind is Kind.EARN:
        return "refund"
    return "payout" if kind in PAYOUTS else "other"

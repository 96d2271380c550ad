"""The workshop's pages: only its own parts, and of the buyer only what delivery needs (security.md 19)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from marketplace.accounts import postal
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key

from ..leaving import has_to_send
from ..models import Order, SellerOrder
from ..models import SellerOrderStatus as Status
from .parts import PartView, parts_where

TO_ANSWER = (Status.PAID,)
TO_SEND = (Status.ACCEPTED, Status.STARTED)
OPEN = TO_ANSWER + TO_SEND
PAST = (Status.SHIPPED, Status.DELIVERED, Status.EARNED, Status.CANCELED)


@dataclass(frozen=True, slots=True)
class SellerPart:
    """A part as its workshop sees it. `phone` and `address_lines` are for the parcel."""

    part: PartView
    number: str
    paid_at: datetime | None
    buyer_name: str
    country: str
    language: str
    address_lines: tuple[str, ...]
    phone: str

    @property
    def id(self) -> int:
        return self.part.id


@dataclass(frozen=True, slots=True)
class Counts:
    to_answer: int
    to_send: int
    due_tomorrow: int  # leaves by tomorrow, late ones among them
    late: int


def open_parts(workshop_id: int) -> list[SellerPart]:
    """What is to be done, the most urgent first; five statements, at most 200 parts."""
    mine = (SellerOrder.workshop_id == workshop_id, SellerOrder.status.in_(OPEN))
    found = _with_orders(parts_where(*mine))
    return sorted(found, key=_due)


def past_parts(workshop_id: int, after: str | None = None) -> Page[SellerPart]:
    """What was sent or canceled after it had been paid, newest first; six statements."""
    query = (
        sa.select(SellerOrder.id)
        .join(Order, Order.id == SellerOrder.order_id)
        .where(SellerOrder.workshop_id == workshop_id, SellerOrder.status.in_(PAST), Order.paid_at.is_not(None))
        .order_by(SellerOrder.id.desc())
        .limit(PAGE + 1)
    )
    key = decode_key(after, 1)
    if key:
        query = query.where(SellerOrder.id < key[0])
    ids = list(db.session.scalars(query))
    found = _with_orders(parts_where(SellerOrder.id.in_(ids))) if ids else []
    return cut(found[::-1], PAGE, lambda row: encode_key(row.part.id))


def part_of(workshop_id: int, seller_order_id: int) -> SellerPart | None:
    """One part, if it is this workshop's and was ever paid; five statements."""
    found = _with_orders(parts_where(SellerOrder.id == seller_order_id, SellerOrder.workshop_id == workshop_id))
    return found[0] if found and found[0].paid_at is not None else None


def chosen_parts(workshop_id: int, ids: Collection[int]) -> list[SellerPart]:
    """Those of these that are this workshop's and were ever paid, what leaves first on top; five statements."""
    found = _with_orders(parts_where(SellerOrder.id.in_(ids), SellerOrder.workshop_id == workshop_id)) if ids else []
    return sorted((row for row in found if row.paid_at is not None), key=_due)


def _due(row: SellerPart) -> tuple[date, int]:
    return row.part.ship_by_on, row.part.id


def counts_of(workshop_id: int) -> Counts:
    today = clock.today()
    status, due = SellerOrder.status, SellerOrder.ship_by_on
    row = db.session.execute(
        sa.select(
            sa.func.count(sa.case((status.in_(TO_ANSWER), 1))),
            sa.func.count(sa.case((status.in_(TO_SEND), 1))),
            sa.func.count(sa.case((sa.and_(due <= today + timedelta(1), has_to_send()), 1))),
            sa.func.count(sa.case((sa.and_(due < today, has_to_send()), 1))),
        ).where(SellerOrder.workshop_id == workshop_id, status.in_(OPEN))
    ).one()
    return Counts(*(int(value) for value in row))


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    payable: Money
    part_count: int


def weeks_of(workshop_id: int, count: int = 8) -> list[Week]:
    """What was sold in each of the last weeks (Monday to Sunday in Celuk), refunds taken off; one statement."""
    this = clock.today() - timedelta(clock.today().weekday())
    mondays = [this - timedelta(7 * back) for back in range(count - 1, -1, -1)]
    since = datetime.combine(mondays[0], datetime.min.time(), clock.BALI)
    rows = db.session.execute(
        sa.select(Order.paid_at, (SellerOrder.payable_idr - SellerOrder.payable_returned_idr).label("payable"))
        .join(Order, Order.id == SellerOrder.order_id)
        .where(
            SellerOrder.workshop_id == workshop_id,
            Order.paid_at >= since,
            SellerOrder.status.not_in((Status.PENDING, Status.CANCELED)),
        )
    )
    sums = {monday: [0, 0] for monday in mondays}
    for paid_at, payable in rows:
        assert paid_at is not None
        day = clock.local(paid_at).date()
        week = sums.get(day - timedelta(day.weekday()))
        if week is not None:
            week[0], week[1] = week[0] + payable, week[1] + 1
    return [Week(monday, Money(amount, "IDR"), parts) for monday, (amount, parts) in sums.items()]


def _with_orders(parts: list[PartView]) -> list[SellerPart]:
    orders = {
        order.id: order
        for order in db.session.scalars(sa.select(Order).where(Order.id.in_([part.order_id for part in parts])))
    }
    return [_seller_part(part, orders[part.order_id]) for part in parts]


def _seller_part(part: PartView, order: Order) -> SellerPart:
    part.moments[Status.PAID] = order.paid_at
    return SellerPart(
        part=part,
        number=order.public_no,
        paid_at=order.paid_at,
        buyer_name=str(order.address.get("name", "")),
        country=order.country,
        language=order.language,
        address_lines=tuple(postal.lines(order.postal)),
        phone=str(order.address.get("phone", "")),
    )

"""The money side of an order as the collective sees it: attempts, what processors told us, what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.orders.models import Order, OrderStatus, SellerOrder, SellerOrderStatus
from marketplace.payments.models import AttemptStatus, PaymentAttempt, ProcessorEvent, Refund

LIMIT = 50


@dataclass(frozen=True, slots=True)
class Attempt:
    id: int
    processor: str
    is_live: bool
    status: AttemptStatus
    total: Money
    external_id: str
    charge_id: str
    problem: str
    decline_count: int
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    received_at: datetime
    handled_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A payment that does not fit its order; `text` is the note of the settlement, empty for late money."""

    order_id: int
    public_no: str
    total: Money
    text: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """What a parcel brings its workshop, and what went back of it. `payable` is what is left for the workshop."""

    refunded: Money
    left: Money
    commission_returned: Money
    payable_returned: Money
    payable: Money
    is_earned: bool


def shares_of(order_id: int) -> dict[int, Share]:
    """By seller order; one statement."""
    rows = db.session.scalars(sa.select(SellerOrder).where(SellerOrder.order_id == order_id))
    return {
        part.id: Share(
            refunded=Money(part.refunded_amount, part.currency),
            left=part.left,
            commission_returned=Money(part.commission_returned_idr, "IDR"),
            payable_returned=Money(part.payable_returned_idr, "IDR"),
            payable=Money(part.payable_idr - part.payable_returned_idr, "IDR"),
            is_earned=part.status is SellerOrderStatus.EARNED,
        )
        for part in rows
    }


def attempts_of(order_id: int) -> Sequence[Attempt]:
    rows = db.session.scalars(
        sa.select(PaymentAttempt).where(PaymentAttempt.order_id == order_id).order_by(PaymentAttempt.id).limit(LIMIT)
    )
    return [
        Attempt(
            row.id,
            row.processor,
            row.livemode,
            row.status,
            row.total,
            row.external_id or "",
            row.charge_id or "",
            row.problem,
            row.decline_count,
            row.created_at,
            row.expires_at,
            row.paid_at,
        )
        for row in rows
    ]


def order_of_refund(refund_id: int) -> int | None:
    """The order whose payment a refund gives back."""
    query = sa.select(PaymentAttempt.order_id).join(Refund, Refund.attempt_id == PaymentAttempt.id)
    return db.session.scalar(query.where(Refund.id == refund_id))


def events_of(order_id: int) -> Sequence[Event]:
    """What processors told us about the attempts of this order, the newest first."""
    keys = sa.select(PaymentAttempt.key).where(PaymentAttempt.order_id == order_id)
    rows = db.session.scalars(
        sa.select(ProcessorEvent)
        .where(ProcessorEvent.attempt_key.in_(keys))
        .order_by(ProcessorEvent.id.desc())
        .limit(LIMIT)
    )
    return [Event(row.kind, row.received_at, row.handled_at, row.error) for row in rows]


def troubles() -> Sequence[Trouble]:
    """Sums that differ, a second payment, money for an order that had ended, unless it went back; one statement."""
    late_money = sa.and_(PaymentAttempt.status == AttemptStatus.PAID, Order.status == OrderStatus.CANCELED)
    rows = db.session.execute(
        sa.select(PaymentAttempt, Order)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(sa.or_(PaymentAttempt.problem != "", late_money), PaymentAttempt.refunded_amount < PaymentAttempt.amount)
        .order_by(PaymentAttempt.id)
        .limit(LIMIT)
    )
    return [
        Trouble(order.id, order.public_no, attempt.total, attempt.problem, attempt.paid_at or attempt.created_at)
        for attempt, order in rows
    ]

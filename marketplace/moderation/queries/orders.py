"""The money side of an order as the collective sees it: attempts, what processors told us, what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.orders.models import Order, OrderStatus
from marketplace.payments.models import AttemptStatus, PaymentAttempt, ProcessorEvent

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
    """Sums that differ, a second payment, money for an order that had ended; the oldest first. One statement."""
    late_money = sa.and_(PaymentAttempt.status == AttemptStatus.PAID, Order.status == OrderStatus.CANCELED)
    rows = db.session.execute(
        sa.select(PaymentAttempt, Order)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(sa.or_(PaymentAttempt.problem != "", late_money))
        .order_by(PaymentAttempt.id)
        .limit(LIMIT)
    )
    return [
        Trouble(order.id, order.public_no, attempt.total, attempt.problem, attempt.paid_at or attempt.created_at)
        for attempt, order in rows
    ]

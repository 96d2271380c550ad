"""Attempts to pay, what processors told us, and the demo processor's own truth. Tables: payments.md 6."""

from __future__ import annotations

import enum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.core.db import Base, MaybeUtc, Minor, Pk, Utc, fk, text_enum
from marketplace.core.money import Money


class AttemptStatus(enum.StrEnum):
    CREATED = "created"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


_A = AttemptStatus
RUNNING = (_A.CREATED, _A.OPEN, _A.PROCESSING)


class PaymentAttempt(Base):
    """One try to pay an order. `key` is random: a row's number comes again in a fresh database."""

    __tablename__ = "payment_attempts"
    __table_args__ = (
        sa.UniqueConstraint("processor", "external_id"),
        sa.UniqueConstraint("processor", "charge_id"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.Index(
            "uq_payment_attempts_running",
            "order_id",
            unique=True,
            sqlite_where=sa.text("status in ('created', 'open', 'processing')"),
            postgresql_where=sa.text("status in ('created', 'open', 'processing')"),
        ),
        sa.Index("ix_payment_attempts_status", "status", "expires_at"),
    )
    MOVES: ClassVar = {
        _A.CREATED: {_A.OPEN, _A.PROCESSING, _A.PAID, _A.FAILED, _A.EXPIRED},
        _A.OPEN: {_A.PROCESSING, _A.PAID, _A.FAILED, _A.EXPIRED},
        _A.PROCESSING: {_A.PAID, _A.FAILED, _A.EXPIRED},
        _A.FAILED: {_A.PAID},  # late money is still money
        _A.EXPIRED: {_A.PAID},
        _A.PAID: set(),
    }

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)  # the processor's idempotency key
    order_id: Mapped[int] = fk("orders.id")
    processor: Mapped[str] = mapped_column(sa.String(20))
    livemode: Mapped[bool] = mapped_column(default=False)
    status: Mapped[AttemptStatus] = mapped_column(text_enum(AttemptStatus), default=AttemptStatus.CREATED)
    amount: Mapped[Minor]
    currency: Mapped[str] = mapped_column(sa.String(3))
    total: Mapped[Money] = composite("amount", "currency")
    request_json: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # saved before the call
    external_id: Mapped[str | None] = mapped_column(sa.String(120))
    redirect_url: Mapped[str] = mapped_column(sa.String(2000), default="")
    charge_id: Mapped[str | None] = mapped_column(sa.String(120))
    fee_amount: Mapped[int | None] = mapped_column(sa.BigInteger())  # in settle_currency
    net_amount: Mapped[int | None] = mapped_column(sa.BigInteger())
    settle_currency: Mapped[str] = mapped_column(sa.String(3), default="")
    problem: Mapped[str] = mapped_column(sa.String(300), default="")  # for the admin: mismatch, duplicate payment
    decline_count: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[Utc]
    created_at: Mapped[Utc]
    checked_at: Mapped[MaybeUtc]  # when the sweep last asked the processor
    paid_at: Mapped[MaybeUtc]


class ProcessorEvent(Base):
    """A message as it came, stored once; its effect and `handled_at` are one transaction."""

    __tablename__ = "processor_events"
    __table_args__ = (
        sa.UniqueConstraint("processor", "event_id"),
        sa.Index("ix_processor_events_unhandled", "handled_at", "received_at"),
    )

    id: Mapped[Pk]
    processor: Mapped[str] = mapped_column(sa.String(20))
    event_id: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(80))
    livemode: Mapped[bool]
    attempt_key: Mapped[str] = mapped_column(sa.String(40), default="")
    external_id: Mapped[str] = mapped_column(sa.String(120), default="")
    body: Mapped[str] = mapped_column(sa.Text)
    received_at: Mapped[Utc]
    handled_at: Mapped[MaybeUtc]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.String(300), default="")


class DemoSession(Base):
    """What the demo processor 'knows'; stands for the processor's own database (payments.md 10)."""

    __tablename__ = "demo_sessions"

    id: Mapped[Pk]
    external_id: Mapped[str] = mapped_column(sa.String(60), unique=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)  # our idempotency key
    amount: Mapped[Minor]
    currency: Mapped[str] = mapped_column(sa.String(3))
    status: Mapped[str] = mapped_column(sa.String(20), default="open")  # open, processing, paid, failed, expired
    charge_id: Mapped[str | None] = mapped_column(sa.String(60))
    outcome: Mapped[str] = mapped_column(sa.String(20), default="")
    due_at: Mapped[MaybeUtc]  # when 'approve later' comes true
    noticed_at: Mapped[MaybeUtc]  # when its message was taken
    return_url: Mapped[str] = mapped_column(sa.String(500))
    cancel_url: Mapped[str] = mapped_column(sa.String(500))
    expires_at: Mapped[Utc]
    created_at: Mapped[Utc]

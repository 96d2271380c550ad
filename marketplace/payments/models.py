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
        sa.CheckConstraint("refunded_amount between 0 and amount", name="refunded"),
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
    offer: Mapped[str] = mapped_column(sa.String(30), default="")  # the way that the buyer chose (payments/offers.py)
    method: Mapped[str] = mapped_column(sa.String(40), default="")  # how it was paid, in the processor's word
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
    fee_booked_at: Mapped[MaybeUtc]  # the processor tells its fee with the charge, or days later
    is_applied: Mapped[bool] = mapped_column(default=True)  # False: paid, but its order could not take the money
    refunded_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # asked for and not failed
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
    external_id: Mapped[str] = mapped_column(sa.String(120), default="")  # of what it is about: page, refund, dispute
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
    fee_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    paid_at: Mapped[MaybeUtc]
    charge_id: Mapped[str | None] = mapped_column(sa.String(60))
    outcome: Mapped[str] = mapped_column(sa.String(20), default="")
    due_at: Mapped[MaybeUtc]  # when 'approve later' comes true
    noticed_at: Mapped[MaybeUtc]  # when its message was taken
    return_url: Mapped[str] = mapped_column(sa.String(500))
    cancel_url: Mapped[str] = mapped_column(sa.String(500))
    expires_at: Mapped[Utc]
    created_at: Mapped[Utc]


class RefundStatus(enum.StrEnum):
    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundOrigin(enum.StrEnum):
    """Who wanted it."""

    WORKSHOP = "workshop"
    ADMIN = "admin"
    CANCELED = "canceled"  # by the shop itself: a paid part was refused or withdrawn
    UNAPPLIED = "unapplied"  # by the shop itself: a second or late payment
    DASHBOARD = "dashboard"  # made at the processor, found by its message
    DISPUTE = "dispute"  # a lost dispute that the workshop bears: the bank has paid the buyer already


class RefundChannel(enum.StrEnum):
    """How the money travels."""

    PROCESSOR = "processor"
    MANUAL = "manual"  # the collective sends it by bank transfer and says so (Midtrans' virtual accounts)
    NONE = "none"  # it has left already: the bank took it in a dispute


_R = RefundStatus


class Refund(Base):
    """Money back to a buyer, of one seller order; without one only while nobody knows which (payments.md 6)."""

    __tablename__ = "refunds"
    __table_args__ = (
        sa.UniqueConstraint("processor", "external_id"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("seller_order_id is null or amount = goods_amount + shipping_amount", name="parts"),
        sa.Index("ix_refunds_status", "status", "requested_at"),
    )
    MOVES: ClassVar = {
        _R.REQUESTED: {_R.PENDING, _R.SUCCEEDED, _R.FAILED},
        _R.PENDING: {_R.SUCCEEDED, _R.FAILED},
        _R.SUCCEEDED: {_R.FAILED},  # the bank sent it back
        _R.FAILED: set(),
    }

    id: Mapped[Pk]
    request_key: Mapped[str] = mapped_column(sa.String(60), unique=True)  # of the form or the event that asked
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)  # random: the processor's idempotency key
    attempt_id: Mapped[int] = fk("payment_attempts.id")
    seller_order_id: Mapped[int | None] = fk("seller_orders.id")
    origin: Mapped[RefundOrigin] = mapped_column(text_enum(RefundOrigin))
    channel: Mapped[RefundChannel] = mapped_column(text_enum(RefundChannel), default=RefundChannel.PROCESSOR)
    processor: Mapped[str] = mapped_column(sa.String(20))
    livemode: Mapped[bool]
    status: Mapped[RefundStatus] = mapped_column(text_enum(RefundStatus), default=RefundStatus.REQUESTED)
    currency: Mapped[str] = mapped_column(sa.String(3))
    amount: Mapped[Minor]
    goods_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    shipping_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    payable_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # what the workshop gets less
    commission_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # what the collective gives back
    shipping_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # the part of payable_idr that is postage
    total: Mapped[Money] = composite("amount", "currency")
    reason_code: Mapped[str] = mapped_column(sa.String(40), default="")  # payments/reasons.py
    reason: Mapped[str] = mapped_column(sa.String(500), default="")  # the buyer reads it
    request_json: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # saved before the call
    external_id: Mapped[str | None] = mapped_column(sa.String(120))
    bank_reference: Mapped[str] = mapped_column(sa.String(80), default="")  # of a manual transfer
    error: Mapped[str] = mapped_column(sa.String(300), default="")
    tries: Mapped[int] = mapped_column(default=0)
    requested_by: Mapped[int | None] = fk("users.id")
    requested_at: Mapped[Utc]
    called_at: Mapped[MaybeUtc]  # when the processor was last asked
    succeeded_at: Mapped[MaybeUtc]
    failed_at: Mapped[MaybeUtc]
    restocked_at: Mapped[MaybeUtc]  # pieces go back once, when the money has


class RefundLine(Base):
    """The part of a refund that belongs to one line; `quantity` is 0 where only money goes back."""

    __tablename__ = "refund_lines"
    __table_args__ = (
        sa.UniqueConstraint("refund_id", "line_id"),
        sa.CheckConstraint("quantity >= 0 and amount >= 0", name="amounts"),
    )

    id: Mapped[Pk]
    refund_id: Mapped[int] = fk("refunds.id", index=False)
    line_id: Mapped[int] = fk("lines.id")
    quantity: Mapped[int] = mapped_column(default=0)
    amount: Mapped[Minor]
    goods_idr: Mapped[Minor]  # the maker's price of that part
    commission_idr: Mapped[Minor]
    restock: Mapped[bool] = mapped_column(default=False)


class DisputeStatus(enum.StrEnum):
    INQUIRY = "inquiry"  # the bank asks; no money has moved
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


_D = DisputeStatus
OPEN_DISPUTES = (_D.INQUIRY, _D.NEEDS_RESPONSE, _D.UNDER_REVIEW)


class Bearer(enum.StrEnum):
    """Who bears a lost dispute: a person decides."""

    WORKSHOP = "workshop"
    COLLECTIVE = "collective"


class Dispute(Base):
    """A buyer's bank asks for the money back. While it is open nothing of its order is earned, paid out or refunded."""

    __tablename__ = "disputes"
    __table_args__ = (
        sa.UniqueConstraint("processor", "external_id"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.Index("ix_disputes_status", "status", "due_by"),
    )
    MOVES: ClassVar = {
        _D.INQUIRY: {_D.NEEDS_RESPONSE, _D.UNDER_REVIEW, _D.WON, _D.LOST},
        _D.NEEDS_RESPONSE: {_D.UNDER_REVIEW, _D.WON, _D.LOST},
        _D.UNDER_REVIEW: {_D.NEEDS_RESPONSE, _D.WON, _D.LOST},
        _D.WON: set(),
        _D.LOST: {_D.WON},  # an appeal
    }

    id: Mapped[Pk]
    attempt_id: Mapped[int] = fk("payment_attempts.id")
    processor: Mapped[str] = mapped_column(sa.String(20))
    external_id: Mapped[str] = mapped_column(sa.String(120))
    livemode: Mapped[bool]
    status: Mapped[DisputeStatus] = mapped_column(text_enum(DisputeStatus))
    currency: Mapped[str] = mapped_column(sa.String(3))
    amount: Mapped[Minor]
    reason: Mapped[str] = mapped_column(sa.String(60), default="")  # the bank's code
    due_by: Mapped[MaybeUtc]
    seller_order_id: Mapped[int | None] = fk("seller_orders.id")  # which parcel it is about, when a person knows
    evidence: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # what has been gathered, by code
    submitted_at: Mapped[MaybeUtc]
    withdrawn_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # in settle_currency, as booked
    reinstated_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # given back of it, as booked
    fee_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # kept by the processor, as booked
    settle_currency: Mapped[str] = mapped_column(sa.String(3), default="")
    opened_at: Mapped[Utc]
    checked_at: Mapped[MaybeUtc]
    closed_at: Mapped[MaybeUtc]
    borne_by: Mapped[Bearer | None] = mapped_column(text_enum(Bearer))
    decided_by: Mapped[int | None] = fk("users.id")
    decided_at: Mapped[MaybeUtc]


class Difference(Base):
    """Something of the processor's list that our books do not have, or the other way round: a person decides."""

    __tablename__ = "differences"

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)  # 'missing:stripe:txn_1': found once
    kind: Mapped[str] = mapped_column(sa.String(40))  # payments/differences.py
    processor: Mapped[str] = mapped_column(sa.String(20))
    subject: Mapped[str] = mapped_column(sa.String(120))  # the processor's name, or our key
    amount: Mapped[int | None] = mapped_column(sa.BigInteger())
    currency: Mapped[str] = mapped_column(sa.String(3), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    found_at: Mapped[Utc]
    seen_at: Mapped[Utc]  # when it was last there
    settled_at: Mapped[MaybeUtc]
    settled_by: Mapped[int | None] = fk("users.id")  # None: it went away by itself
    note: Mapped[str] = mapped_column(sa.String(500), default="")


class Reconciliation(Base):
    """One comparison with a processor's own list."""

    __tablename__ = "reconciliations"
    __table_args__ = (sa.Index("ix_reconciliations_at", "processor", "started_at"),)

    id: Mapped[Pk]
    processor: Mapped[str] = mapped_column(sa.String(20))
    since: Mapped[Utc]
    until: Mapped[Utc]
    started_at: Mapped[Utc]
    finished_at: Mapped[MaybeUtc]
    row_count: Mapped[int] = mapped_column(default=0)
    difference_count: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.String(300), default="")


class DemoMovement(Base):
    """What else the demo processor 'knows' of a page: refunds, disputes, and what it paid to our bank."""

    __tablename__ = "demo_movements"

    id: Mapped[Pk]
    external_id: Mapped[str] = mapped_column(sa.String(60), unique=True)
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)  # our idempotency key
    kind: Mapped[str] = mapped_column(sa.String(20))  # refund, dispute, payout
    session_id: Mapped[int | None] = fk("demo_sessions.id")
    amount: Mapped[Minor]
    currency: Mapped[str] = mapped_column(sa.String(3))
    fee_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    status: Mapped[str] = mapped_column(sa.String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    created_at: Mapped[Utc]
    noticed_at: Mapped[MaybeUtc]

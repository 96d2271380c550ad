"""Runs, payouts and what each of them settles. States: payments.md 7."""

from __future__ import annotations

import enum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.core.db import Base, MaybeUtc, Minor, Pk, Utc, fk, text_enum
from marketplace.core.money import Money


class PayoutStatus(enum.StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    UNKNOWN = "unknown"  # sent, and nobody can say what became of it: a person or `find` will
    PAID = "paid"
    FAILED = "failed"  # a definite no
    RETURNED = "returned"  # it was paid and the bank sent it back
    CANCELED = "canceled"


_P = PayoutStatus
RUNNING_PAYOUTS = (_P.DRAFT, _P.APPROVED, _P.SENDING, _P.UNKNOWN)
ENDED_WITHOUT_MONEY = (_P.FAILED, _P.RETURNED, _P.CANCELED)  # their lines are open again


class PayoutRun(Base):
    """Payouts that are prepared by one admin, approved by another and sent together."""

    __tablename__ = "payout_runs"

    id: Mapped[Pk]
    provider: Mapped[str] = mapped_column(sa.String(20))  # payouts/providers: manual, stripe
    livemode: Mapped[bool]
    prepared_by: Mapped[int] = fk("users.id")
    prepared_at: Mapped[Utc]
    approved_by: Mapped[int | None] = fk("users.id")
    approved_at: Mapped[MaybeUtc]
    sent_by: Mapped[int | None] = fk("users.id")
    sent_at: Mapped[MaybeUtc]
    canceled_at: Mapped[MaybeUtc]


class Payout(Base):
    """One workshop's money in one run: the sum of its lines, always above zero."""

    __tablename__ = "payouts"
    __table_args__ = (
        sa.UniqueConstraint("provider", "external_id"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.Index(
            "uq_payouts_running",
            "workshop_id",
            "livemode",
            unique=True,
            sqlite_where=sa.text("status in ('draft', 'approved', 'sending', 'unknown')"),
            postgresql_where=sa.text("status in ('draft', 'approved', 'sending', 'unknown')"),
        ),
        sa.Index("ix_payouts_status", "status", "checked_at"),
    )
    MOVES: ClassVar = {
        _P.DRAFT: {_P.APPROVED, _P.CANCELED},
        _P.APPROVED: {_P.SENDING, _P.CANCELED},
        _P.SENDING: {_P.PAID, _P.FAILED, _P.UNKNOWN},
        _P.UNKNOWN: {_P.PAID, _P.FAILED},
        _P.PAID: {_P.RETURNED},
        _P.FAILED: set(),
        _P.RETURNED: set(),
        _P.CANCELED: set(),
    }

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)  # random: the provider's idempotency key
    run_id: Mapped[int] = fk("payout_runs.id")
    workshop_id: Mapped[int] = fk("workshops.id")
    provider: Mapped[str] = mapped_column(sa.String(20))
    livemode: Mapped[bool]
    status: Mapped[PayoutStatus] = mapped_column(text_enum(PayoutStatus), default=PayoutStatus.DRAFT)
    currency: Mapped[str] = mapped_column(sa.String(3), default="IDR")
    amount: Mapped[Minor]
    total: Mapped[Money] = composite("amount", "currency")
    bank_account_id: Mapped[int | None] = fk("bank_accounts.id")  # frozen when it is prepared
    payout_account_id: Mapped[int | None] = fk("payout_accounts.id")
    attempt_no: Mapped[int] = mapped_column(default=1)  # grows only after a definite no (payments.md 4)
    external_id: Mapped[str | None] = mapped_column(sa.String(120))
    bank_ref: Mapped[str] = mapped_column(sa.String(80), default="")
    reason: Mapped[str] = mapped_column(sa.String(300), default="")  # why it ended: words, or a code of reasons.py
    created_at: Mapped[Utc]
    sent_at: Mapped[MaybeUtc]
    checked_at: Mapped[MaybeUtc]
    paid_at: Mapped[MaybeUtc]
    returning_at: Mapped[MaybeUtc]  # a person wants it back; until it is, `find_stuck` asks the provider again
    ended_at: Mapped[MaybeUtc]  # failed, returned or canceled


class PayoutLine(Base):
    """A booked movement on a workshop's account that a payout settles; released when the payout ends without money."""

    __tablename__ = "payout_lines"
    __table_args__ = (
        sa.Index(
            "uq_payout_lines_settled",
            "txn_id",
            unique=True,
            sqlite_where=sa.text("released_at is null"),
            postgresql_where=sa.text("released_at is null"),
        ),
    )

    id: Mapped[Pk]
    payout_id: Mapped[int] = fk("payouts.id")
    txn_id: Mapped[int] = fk("ledger_txns.id", index=False)
    seller_order_id: Mapped[int | None] = fk("seller_orders.id")
    amount: Mapped[Minor]  # owed to the workshop when positive
    released_at: Mapped[MaybeUtc]


class PayoutHold(Base):
    """An admin keeps a workshop's money back, with a reason, until one lets it go."""

    __tablename__ = "payout_holds"
    __table_args__ = (
        sa.Index(
            "uq_payout_holds_current",
            "workshop_id",
            unique=True,
            sqlite_where=sa.text("released_at is null"),
            postgresql_where=sa.text("released_at is null"),
        ),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshops.id", index=False)
    reason: Mapped[str] = mapped_column(sa.String(300))
    held_by: Mapped[int] = fk("users.id", index=False)
    held_at: Mapped[Utc]
    released_by: Mapped[int | None] = fk("users.id", index=False)
    released_at: Mapped[MaybeUtc]


class PayoutAccount(Base):
    """A workshop's account with a provider other than a bank file."""

    __tablename__ = "payout_accounts"
    __table_args__ = (sa.UniqueConstraint("workshop_id", "provider"),)

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshops.id", index=False)
    provider: Mapped[str] = mapped_column(sa.String(20))
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)  # random: the provider's idempotency key
    external_id: Mapped[str] = mapped_column(sa.String(120), default="")  # '' until the provider has answered
    country: Mapped[str] = mapped_column(sa.String(2))
    payable: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")  # why not
    created_at: Mapped[Utc]
    checked_at: Mapped[MaybeUtc]

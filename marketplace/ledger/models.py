"""Transactions and their entries. Rows are only ever added: the database refuses to change or delete one."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Minor, Pk, Utc, fk, text_enum


class Kind(enum.StrEnum):
    """What happened. With the number of what it happened to, it makes the transaction's key: 'charge:17'."""

    CHARGE = "charge"  # a buyer's money came in: attempt
    FEE = "fee"  # the processor's fee became known later: attempt
    REFUND = "refund"  # asked: the sum left its account for the buyer: refund
    REFUND_SENT = "refund-sent"  # it left the processor (or our bank): refund
    REFUND_FAILED = "refund-failed"  # asked, but it never left: refund
    REFUND_RETURNED = "refund-returned"  # it had left and the bank sent it back: refund
    REFUND_ASSIGNED = "refund-assigned"  # one made in the processor's dashboard found its parcel: refund
    EARN = "earn"  # the hold is over: seller order
    DISPUTE_WITHDRAWN = "dispute-withdrawn"  # the bank took the money: dispute
    DISPUTE_FEE = "dispute-fee"  # what the processor keeps for it: dispute
    DISPUTE_WON = "dispute-won"  # the bank gave it back: dispute
    DISPUTE_LOST = "dispute-lost"  # an admin said who bears it, and it is the collective: dispute
    PAYOUT = "payout"  # the workshop's bank has it: payout
    PAYOUT_RETURNED = "payout-returned"  # its bank sent it back: payout
    SETTLE = "settle"  # the processor paid our bank: the processor's own name of it
    CORRECTION = "correction"  # a person's entry, with its reason


class LedgerTxn(Base):
    """One movement. `order_id`, `seller_order_id` and `workshop_id` say whose, where there is one."""

    __tablename__ = "ledger_txns"
    __table_args__ = (
        sa.Index("ix_ledger_txns_at", "at", "id"),
        sa.Index("ix_ledger_txns_workshop", "workshop_id", "id"),
    )

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    kind: Mapped[Kind] = mapped_column(text_enum(Kind))
    memo: Mapped[str] = mapped_column(sa.String(300), default="")
    livemode: Mapped[bool]  # a demo or test payment never mixes with real money
    order_id: Mapped[int | None] = fk("orders.id")
    seller_order_id: Mapped[int | None] = fk("seller_orders.id")
    workshop_id: Mapped[int | None] = fk("workshops.id", index=False)
    at: Mapped[Utc]


class LedgerEntry(Base):
    """One side of a movement: a debit is positive, a credit negative (payments.md 6)."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        sa.UniqueConstraint("txn_id", "account", "currency"),
        sa.CheckConstraint("amount <> 0", name="amount"),
        sa.Index("ix_ledger_entries_account", "account", "currency", "txn_id"),
    )

    id: Mapped[Pk]
    txn_id: Mapped[int] = fk("ledger_txns.id", index=False)
    account: Mapped[str] = mapped_column(sa.String(60))  # ledger/accounts.py
    currency: Mapped[str] = mapped_column(sa.String(3))
    amount: Mapped[Minor]

"""What is owed to workshops and in no payout yet: the one place that says which money a payout may take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.ledger.accounts import SELLER_PREFIX, seller
from marketplace.ledger.models import Kind, LedgerEntry, LedgerTxn
from marketplace.payments.models import OPEN_DISPUTES, Dispute, DisputeStatus, PaymentAttempt

from ..models import PayoutLine

OWN_KINDS = (Kind.PAYOUT, Kind.PAYOUT_RETURNED)  # a payout settles what others booked, never another payout


_Columns = tuple[str, int, int, Kind, int | None, int | None, datetime]


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A booked movement of a workshop's account; `amount` is whole rupiah, positive when owed to the workshop."""

    txn_id: int
    kind: Kind
    order_id: int | None
    seller_order_id: int | None
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """A workshop's open lines, those apart that an undecided dispute holds."""

    lines: tuple[OpenLine, ...]
    held: tuple[OpenLine, ...]

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def held_amount(self) -> int:
        return sum(line.amount for line in self.held)


def open_accounts(livemode: bool, workshop_ids: Collection[int] | None = None) -> dict[int, OpenAccount]:
    """By workshop, those without open lines left out; two statements."""
    disputed = disputed_orders()
    found: dict[int, list[OpenLine]] = {}
    for account, amount, txn_id, kind, order_id, part_id, at in db.session.execute(_query(livemode, workshop_ids)):
        line = OpenLine(txn_id, kind, order_id, part_id, -amount, at)
        found.setdefault(int(account.removeprefix(SELLER_PREFIX)), []).append(line)
    return {workshop_id: _parted(lines, disputed) for workshop_id, lines in found.items()}


def disputed_orders() -> set[int]:
    """Orders whose money is held: a dispute is open, or lost and nobody has decided yet who bears it."""
    undecided = sa.and_(Dispute.status == DisputeStatus.LOST, Dispute.borne_by.is_(None))
    query = (
        sa.select(PaymentAttempt.order_id)
        .join(Dispute, Dispute.attempt_id == PaymentAttempt.id)
        .where(sa.or_(Dispute.status.in_(OPEN_DISPUTES), undecided))
    )
    return set(db.session.scalars(query))


def _query(livemode: bool, workshop_ids: Collection[int] | None) -> sa.Select[*_Columns]:
    settled = sa.exists().where(PayoutLine.txn_id == LedgerTxn.id, PayoutLine.released_at.is_(None))
    query = (
        sa.select(
            LedgerEntry.account,
            LedgerEntry.amount,
            LedgerTxn.id,
            LedgerTxn.kind,
            LedgerTxn.order_id,
            LedgerTxn.seller_order_id,
            LedgerTxn.at,
        )
        .join(LedgerTxn, LedgerTxn.id == LedgerEntry.txn_id)
        .where(
            LedgerEntry.currency == "IDR",
            LedgerTxn.livemode == livemode,
            LedgerTxn.kind.not_in(OWN_KINDS),
            ~settled,
        )
        .order_by(LedgerTxn.id)
    )
    if workshop_ids is None:
        return query.where(LedgerEntry.account.startswith(SELLER_PREFIX, autoescape=True))
    return query.where(LedgerEntry.account.in_([seller(workshop_id) for workshop_id in workshop_ids]))


def _parted(lines: Sequence[OpenLine], disputed: Collection[int]) -> OpenAccount:
    """A disputed order's lines are held together, unless they are a debt: leaving that out would pay too much."""
    sums: dict[int, int] = {}
    for line in lines:
        if line.order_id is not None and line.order_id in disputed:
            sums[line.order_id] = sums.get(line.order_id, 0) + line.amount
    held = {order_id for order_id, amount in sums.items() if amount > 0}
    return OpenAccount(
        tuple(line for line in lines if line.order_id not in held),
        tuple(line for line in lines if line.order_id in held),
    )

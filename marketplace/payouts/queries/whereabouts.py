"""Where a workshop's earned money is: in the next payout, on its way to the bank, or there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.ledger.accounts import seller
from marketplace.ledger.models import Kind, LedgerEntry, LedgerTxn
from marketplace.ledger.services import key_of

from ..models import RUNNING_PAYOUTS, Payout, PayoutLine, PayoutStatus
from ..setup import takes_real_money
from .open_lines import open_accounts


@dataclass(frozen=True, slots=True)
class ComingLine:
    """A movement that the next payout settles; `amount` is owed to the workshop when positive.

    `is_sale` marks the earning of a seller order; every other line takes off, gives back or corrects.
    """

    kind: Kind
    key: str
    memo: str
    seller_order_id: int | None
    amount: Money
    is_sale: bool


def coming_lines(workshop_id: int) -> list[ComingLine]:
    """Of the payout that is under way, else what the next one would settle, in the order of booking; four statements.

    What a dispute holds is left out.
    """
    livemode = takes_real_money()
    running = (
        sa.select(PayoutLine.txn_id)
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .where(
            Payout.workshop_id == workshop_id,
            Payout.status.in_(RUNNING_PAYOUTS),
            Payout.livemode == livemode,
            PayoutLine.released_at.is_(None),
        )
    )
    txn_ids = list(db.session.scalars(running))
    account = open_accounts(livemode, [workshop_id]).get(workshop_id)
    if not txn_ids and account is not None:
        txn_ids = [line.txn_id for line in account.lines]
    return _lines(workshop_id, txn_ids)


def _lines(workshop_id: int, txn_ids: Collection[int]) -> list[ComingLine]:
    query = (
        sa.select(LedgerTxn.kind, LedgerTxn.key, LedgerTxn.memo, LedgerTxn.seller_order_id, LedgerEntry.amount)
        .join(LedgerEntry, LedgerEntry.txn_id == LedgerTxn.id)
        .where(LedgerTxn.id.in_(txn_ids), LedgerEntry.account == seller(workshop_id), LedgerEntry.currency == "IDR")
        .order_by(LedgerTxn.id)
    )
    return [
        ComingLine(kind, key, memo, seller_order_id, Money(-amount, "IDR"), _is_sale(key, seller_order_id))
        for kind, key, memo, seller_order_id, amount in db.session.execute(query)
    ]


def _is_sale(key: str, seller_order_id: int | None) -> bool:
    return seller_order_id is not None and key == key_of(Kind.EARN, seller_order_id)


@dataclass(frozen=True, slots=True)
class Settled:
    """The payout that carries the earning of a seller order. It can be opened by its workshop once it is sent."""

    payout_id: int
    status: PayoutStatus
    sent_at: datetime | None
    paid_at: datetime | None


def settled(workshop_id: int, seller_order_ids: Iterable[int]) -> dict[int, Settled]:
    """By seller order, those whose earning is in no payout left out; one statement."""
    query = (
        sa.select(LedgerTxn.seller_order_id, LedgerTxn.key, Payout.id, Payout.status, Payout.sent_at, Payout.paid_at)
        .join(PayoutLine, PayoutLine.txn_id == LedgerTxn.id)
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .where(
            Payout.workshop_id == workshop_id,
            PayoutLine.released_at.is_(None),
            LedgerTxn.kind == Kind.EARN,
            LedgerTxn.seller_order_id.in_(set(seller_order_ids)),
        )
    )
    return {
        seller_order_id: Settled(payout_id, status, sent_at, paid_at)
        for seller_order_id, key, payout_id, status, sent_at, paid_at in db.session.execute(query)
        if seller_order_id is not None and _is_sale(key, seller_order_id)
    }


def paid_out_since(workshop_id: int, since: datetime) -> Money:
    """What reached the workshop's bank from then on and stayed there; one statement."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Payout.amount), 0)).where(
        Payout.workshop_id == workshop_id, Payout.status == PayoutStatus.PAID, Payout.paid_at >= since
    )
    return Money(int(db.session.scalar(query) or 0), "IDR")

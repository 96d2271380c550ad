"""Single payouts with what each of them settles: the workshop's proof, and the collective's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.core.money import Money
from marketplace.core.pagination import Page, cut, decode_key, encode_key
from marketplace.ledger.models import Kind, LedgerTxn
from marketplace.orders.models import Line, Order
from marketplace.workshops.banks import masked, name_of
from marketplace.workshops.models import BankAccount, Workshop

from ..models import Payout, PayoutLine, PayoutStatus
from ..reasons import words_of

PAYOUTS = 20  # on one page


@dataclass(frozen=True, slots=True)
class PayoutLineView:
    """A settled movement; `amount` is owed to the workshop when positive."""

    txn_id: int
    kind: Kind
    memo: str
    at: datetime
    order_id: int | None
    seller_order_id: int | None
    order_no: str
    title: str  # of the order's first piece, '' without an order
    amount: Money


@dataclass(frozen=True, slots=True)
class PayoutView:
    """`lines` is empty in lists; there `line_count` tells how many there are."""

    id: int
    run_id: int
    workshop_id: int
    workshop_name: str
    livemode: bool
    status: PayoutStatus
    amount: Money
    bank_name: str
    masked: str
    bank_ref: str
    reason: str
    created_at: datetime
    sent_at: datetime | None
    paid_at: datetime | None
    ended_at: datetime | None
    line_count: int
    order_count: int
    lines: tuple[PayoutLineView, ...] = ()


def payouts_of(workshop_id: int, after: str | None = None, limit: int = PAYOUTS) -> Page[PayoutView]:
    """A workshop's payouts that were sent, newest first; one statement."""
    query = _query().where(Payout.workshop_id == workshop_id, Payout.sent_at.is_not(None))
    key = decode_key(after, 1)
    if key:
        query = query.where(Payout.id < key[0])
    rows = db.session.execute(query.order_by(Payout.id.desc()).limit(limit + 1))
    return cut([_view(*row) for row in rows], limit, lambda row: encode_key(row.id))


def payout(payout_id: int, workshop_id: int | None = None) -> PayoutView | None:
    """One payout with its lines, of this workshop only when one is given; two statements."""
    query = _query().where(Payout.id == payout_id)
    if workshop_id is not None:
        query = query.where(Payout.workshop_id == workshop_id, Payout.sent_at.is_not(None))
    row = db.session.execute(query).first()
    return _view(*row, lines=_lines(payout_id)) if row is not None else None


def _query() -> sa.Select[Payout, str, BankAccount, int, int]:
    of_this = PayoutLine.payout_id == Payout.id
    line_count = sa.select(sa.func.count()).where(of_this).scalar_subquery()
    order_count = sa.select(sa.func.count(sa.distinct(PayoutLine.seller_order_id))).where(of_this).scalar_subquery()
    return (
        sa.select(Payout, Workshop.name, BankAccount, line_count, order_count)
        .join(Workshop, Workshop.id == Payout.workshop_id)
        .outerjoin(BankAccount, BankAccount.id == Payout.bank_account_id)
    )


def _view(
    row: Payout,
    name: str,
    account: BankAccount | None,
    line_count: int,
    order_count: int,
    lines: tuple[PayoutLineView, ...] = (),
) -> PayoutView:
    return PayoutView(
        id=row.id,
        run_id=row.run_id,
        workshop_id=row.workshop_id,
        workshop_name=name,
        livemode=row.livemode,
        status=row.status,
        amount=row.total,
        bank_name=name_of(account.bank_code) if account else "Stripe",
        masked=masked(account.last_digits) if account else "",
        bank_ref=row.bank_ref,
        reason=words_of(row.reason),
        created_at=row.created_at,
        sent_at=row.sent_at,
        paid_at=row.paid_at,
        ended_at=row.ended_at,
        line_count=line_count,
        order_count=order_count,
        lines=lines,
    )


def _lines(payout_id: int) -> tuple[PayoutLineView, ...]:
    of_part = aliased(Line)
    first = sa.select(sa.func.min(of_part.id)).where(of_part.seller_order_id == PayoutLine.seller_order_id)
    query = (
        sa.select(PayoutLine.amount, LedgerTxn, Order.public_no, Line.title_en, Line.title_id)
        .join(LedgerTxn, LedgerTxn.id == PayoutLine.txn_id)
        .outerjoin(Order, Order.id == LedgerTxn.order_id)
        .outerjoin(Line, Line.id == first.scalar_subquery())
        .where(PayoutLine.payout_id == payout_id)
        .order_by(PayoutLine.id)
    )
    return tuple(
        PayoutLineView(
            txn_id=txn.id,
            kind=txn.kind,
            memo=txn.memo,
            at=txn.at,
            order_id=txn.order_id,
            seller_order_id=txn.seller_order_id,
            order_no=number or "",
            title=pick(title_en or "", title_id or ""),
            amount=Money(amount, "IDR"),
        )
        for amount, txn, number, title_en, title_id in db.session.execute(query)
    )

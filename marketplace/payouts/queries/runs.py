"""Runs of payouts as the collective sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.core.money import Money, total
from marketplace.core.pagination import Page, cut, decode_key, encode_key
from marketplace.workshops.banks import masked, name_of
from marketplace.workshops.models import BankAccount, Workshop

from ..models import RUNNING_PAYOUTS, Payout, PayoutAccount, PayoutLine, PayoutRun, PayoutStatus
from ..reasons import words_of

RUNS = 20  # on one page
DRAFT, APPROVED, SENT, DONE, CANCELED = "draft", "approved", "sent", "done", "canceled"
_LEFT = (PayoutStatus.PAID, PayoutStatus.RETURNED, *RUNNING_PAYOUTS)


@dataclass(frozen=True, slots=True)
class RunRow:
    """`state`: draft, approved, sent (some are on their way), done (none is any more), canceled."""

    id: int
    provider: str
    livemode: bool
    state: str
    prepared_at: datetime
    sent_at: datetime | None
    amount: Money  # of all that were not canceled or failed
    payout_count: int  # those
    problem_count: int  # failed, returned or unknown


@dataclass(frozen=True, slots=True)
class PayoutRow:
    id: int
    workshop_id: int
    name: str
    initials: str
    bank: str  # 'BRI ···4417', or the account at the provider
    amount: Money
    line_count: int
    order_count: int
    status: PayoutStatus
    bank_ref: str
    reason: str  # why it failed, came back or fell out
    sent_at: datetime | None
    paid_at: datetime | None
    is_wanted_back: bool


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with its payouts, by workshop; `lines_amount` is what their lines add up to, and equals `amount`."""

    id: int
    provider: str
    livemode: bool
    state: str
    prepared_by: int
    prepared_by_name: str
    prepared_at: datetime
    approved_by: int | None
    approved_by_name: str
    approved_at: datetime | None
    sent_by: int | None
    sent_by_name: str
    sent_at: datetime | None
    canceled_at: datetime | None
    amount: Money
    lines_amount: Money
    payouts: tuple[PayoutRow, ...]

    @property
    def counted(self) -> tuple[PayoutRow, ...]:
        """Those that were not canceled."""
        return tuple(row for row in self.payouts if row.status is not PayoutStatus.CANCELED)

    def may_approve(self, user_id: int) -> bool:
        return self.state == DRAFT and user_id != self.prepared_by

    def may_send(self, user_id: int) -> bool:
        return self.state == APPROVED and user_id != self.approved_by


def runs(after: str | None = None, limit: int = RUNS) -> Page[RunRow]:
    """Newest first; two statements."""
    query = sa.select(PayoutRun).order_by(PayoutRun.id.desc()).limit(limit + 1)
    key = decode_key(after, 1)
    if key:
        query = query.where(PayoutRun.id < key[0])
    found = db.session.scalars(query).all()
    sums = _sums([row.id for row in found])
    return cut([_run_row(row, sums.get(row.id, [])) for row in found], limit, lambda row: encode_key(row.id))


def run(run_id: int) -> RunView | None:
    """Three statements."""
    row = db.session.get(PayoutRun, run_id)
    if row is None:
        return None
    names = _names([row.prepared_by, row.approved_by, row.sent_by])
    payouts = _payout_rows(run_id)
    counted = [payout for payout, _lines in payouts if payout.status is not PayoutStatus.CANCELED]
    lines = sum(lines for payout, lines in payouts if payout.status is not PayoutStatus.CANCELED)
    return RunView(
        id=row.id,
        provider=row.provider,
        livemode=row.livemode,
        state=_state(row, [payout.status for payout in counted]),
        prepared_by=row.prepared_by,
        prepared_by_name=names.get(row.prepared_by, ""),
        prepared_at=row.prepared_at,
        approved_by=row.approved_by,
        approved_by_name=names.get(row.approved_by, ""),
        approved_at=row.approved_at,
        sent_by=row.sent_by,
        sent_by_name=names.get(row.sent_by, ""),
        sent_at=row.sent_at,
        canceled_at=row.canceled_at,
        amount=total((payout.amount for payout in counted), "IDR"),
        lines_amount=Money(lines, "IDR"),
        payouts=tuple(payout for payout, _lines in payouts),
    )


def _state(row: PayoutRun, statuses: Sequence[PayoutStatus]) -> str:
    if row.canceled_at is not None:
        return CANCELED
    if row.sent_at is not None:
        return SENT if any(status in RUNNING_PAYOUTS for status in statuses) else DONE
    return APPROVED if row.approved_at is not None else DRAFT


def _sums(run_ids: Sequence[int]) -> dict[int, list[tuple[PayoutStatus, int, int]]]:
    """By run: (status, how many, amount)."""
    query = (
        sa.select(Payout.run_id, Payout.status, sa.func.count(), sa.func.sum(Payout.amount))
        .where(Payout.run_id.in_(run_ids))
        .group_by(Payout.run_id, Payout.status)
    )
    found: dict[int, list[tuple[PayoutStatus, int, int]]] = {}
    for run_id, status, count, amount in db.session.execute(query):
        found.setdefault(run_id, []).append((status, count, int(amount)))
    return found


def _run_row(row: PayoutRun, sums: Sequence[tuple[PayoutStatus, int, int]]) -> RunRow:
    bad = (PayoutStatus.FAILED, PayoutStatus.RETURNED, PayoutStatus.UNKNOWN)
    return RunRow(
        id=row.id,
        provider=row.provider,
        livemode=row.livemode,
        state=_state(row, [status for status, _count, _amount in sums if status is not PayoutStatus.CANCELED]),
        prepared_at=row.prepared_at,
        sent_at=row.sent_at,
        amount=Money(sum(amount for status, _count, amount in sums if status in _LEFT), "IDR"),
        payout_count=sum(count for status, count, _amount in sums if status in _LEFT),
        problem_count=sum(count for status, count, _amount in sums if status in bad),
    )


def _payout_rows(run_id: int) -> list[tuple[PayoutRow, int]]:
    """Each payout with the sum of its lines, the released ones of a canceled payout counted too."""
    lines = (
        sa.select(
            PayoutLine.payout_id,
            sa.func.count().label("lines"),
            sa.func.count(sa.distinct(PayoutLine.seller_order_id)).label("orders"),
            sa.func.sum(PayoutLine.amount).label("amount"),
        )
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .where(Payout.run_id == run_id)
        .group_by(PayoutLine.payout_id)
        .subquery()
    )
    query = (
        sa.select(Payout, Workshop, BankAccount, PayoutAccount.external_id, lines)
        .join(Workshop, Workshop.id == Payout.workshop_id)
        .join(lines, lines.c.payout_id == Payout.id)
        .outerjoin(BankAccount, BankAccount.id == Payout.bank_account_id)
        .outerjoin(PayoutAccount, PayoutAccount.id == Payout.payout_account_id)
        .where(Payout.run_id == run_id)
        .order_by(Workshop.name, Payout.id)
    )
    return [
        (_payout_row(payout, workshop, account, other, line_count, order_count), int(amount))
        for payout, workshop, account, other, _id, line_count, order_count, amount in db.session.execute(query)
    ]


def _payout_row(
    row: Payout, workshop: Workshop, account: BankAccount | None, other: str | None, line_count: int, order_count: int
) -> PayoutRow:
    return PayoutRow(
        id=row.id,
        workshop_id=row.workshop_id,
        name=workshop.name,
        initials=workshop.initials,
        bank=f"{name_of(account.bank_code)} {masked(account.last_digits)}" if account else other or "",
        amount=row.total,
        line_count=line_count,
        order_count=order_count,
        status=row.status,
        bank_ref=row.bank_ref,
        reason=words_of(row.reason),
        sent_at=row.sent_at,
        paid_at=row.paid_at,
        is_wanted_back=row.returning_at is not None and row.ended_at is None,
    )


def _names(idents: Sequence[int | None]) -> dict[int | None, str]:
    query = sa.select(User.id, User.full_name, User.email).where(User.id.in_([ident for ident in idents if ident]))
    return {ident: name or email for ident, name, email in db.session.execute(query)}

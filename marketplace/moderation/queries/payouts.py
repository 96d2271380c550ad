"""What a second person looks at before money leaves: the checks of a run, and what waits in sent ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.ledger import accounts
from marketplace.ledger.models import LedgerEntry, LedgerTxn
from marketplace.payouts.models import Payout, PayoutAccount, PayoutHold, PayoutLine, PayoutRun, PayoutStatus
from marketplace.payouts.queries import Due, RunView
from marketplace.payouts.reasons import words_of
from marketplace.workshops.models import Workshop

LIMIT = 50


@dataclass(frozen=True, slots=True)
class Checks:
    """What the books say of a list of payouts. `above` names workshops that would get more than they are owed."""

    line_count: int
    equals_lines: bool
    above: tuple[str, ...]
    foreign_count: int  # lines of the other kind of money: test among real, or real among test
    bank: Money  # as booked
    to_send: Money

    @property
    def bank_is_enough(self) -> bool:
        return self.to_send <= self.bank

    @property
    def are_met(self) -> bool:
        return self.equals_lines and not self.above and not self.foreign_count


def checks_of_due(rows: Sequence[Due], *, livemode: bool) -> Checks:
    """Of what could be prepared now; one statement."""
    ready = [row for row in rows if row.is_ready]
    balances = _balances([row.workshop_id for row in ready], livemode=livemode)
    return Checks(
        line_count=sum(row.line_count for row in ready),
        equals_lines=True,
        above=tuple(row.name for row in ready if balances.get(row.workshop_id, 0) < row.amount.amount),
        foreign_count=0,
        bank=Money(balances[None], "IDR"),
        to_send=Money(sum(row.amount.amount for row in ready), "IDR"),
    )


def checks_of_run(run: RunView) -> Checks:
    """Of a run that has not been sent; two statements."""
    balances = _balances([row.workshop_id for row in run.counted], livemode=run.livemode)
    foreign = (
        sa.select(sa.func.count())
        .select_from(PayoutLine)
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .join(LedgerTxn, LedgerTxn.id == PayoutLine.txn_id)
        .where(Payout.run_id == run.id, PayoutLine.released_at.is_(None), LedgerTxn.livemode != run.livemode)
    )
    return Checks(
        line_count=sum(row.line_count for row in run.counted),
        equals_lines=run.amount == run.lines_amount,
        above=tuple(row.name for row in run.counted if balances.get(row.workshop_id, 0) < row.amount.amount),
        foreign_count=db.session.scalar(foreign) or 0,
        bank=Money(balances[None], "IDR"),
        to_send=run.amount,
    )


def _balances(workshop_ids: Sequence[int], *, livemode: bool) -> Mapping[int | None, int]:
    """What each workshop is owed in rupiah, and under None what lies in our bank, as booked."""
    names = {accounts.seller(ident): ident for ident in workshop_ids}
    rows = db.session.execute(
        sa.select(LedgerEntry.account, sa.func.sum(LedgerEntry.amount))
        .join(LedgerTxn, LedgerTxn.id == LedgerEntry.txn_id)
        .where(
            LedgerEntry.account.in_([*names, accounts.BANK]),
            LedgerEntry.currency == "IDR",
            LedgerTxn.livemode == livemode,
        )
        .group_by(LedgerEntry.account)
    )
    sums = {account: int(amount) for account, amount in rows}
    found: dict[int | None, int] = {ident: -sums.get(name, 0) for name, ident in names.items()}
    return {**found, None: sums.get(accounts.BANK, 0)}


@dataclass(frozen=True, slots=True)
class StuckPayout:
    """A payout that needs a person: nobody knows what became of it, or the workshop has not been paid."""

    run_id: int
    workshop_name: str
    amount: Money
    status: PayoutStatus
    reason: str
    since: datetime


def stuck_payouts() -> Sequence[StuckPayout]:
    """UNKNOWN ones, and failed or returned ones whose workshop has had no payout since; one statement."""
    later = sa.orm.aliased(Payout)
    tried_again = sa.exists().where(
        later.workshop_id == Payout.workshop_id, later.livemode == Payout.livemode, later.id > Payout.id
    )
    bad = sa.and_(Payout.status.in_((PayoutStatus.FAILED, PayoutStatus.RETURNED)), ~tried_again)
    since = sa.func.coalesce(Payout.ended_at, Payout.checked_at, Payout.sent_at, type_=Payout.created_at.type)
    rows = db.session.execute(
        sa.select(Payout, Workshop.name, since)
        .join(Workshop, Workshop.id == Payout.workshop_id)
        .where(sa.or_(Payout.status == PayoutStatus.UNKNOWN, bad))
        .order_by(Payout.id)
        .limit(LIMIT)
    )
    return [
        StuckPayout(payout.run_id, name, payout.total, payout.status, words_of(payout.reason), at)
        for payout, name, at in rows
    ]


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that waits for the next person."""

    id: int
    livemode: bool
    is_approved: bool
    prepared_by: int
    approved_by: int | None
    at: datetime


def open_runs() -> Sequence[OpenRun]:
    """Prepared or approved, and neither sent nor canceled; one statement."""
    rows = db.session.scalars(
        sa.select(PayoutRun)
        .where(PayoutRun.sent_at.is_(None), PayoutRun.canceled_at.is_(None))
        .order_by(PayoutRun.id)
        .limit(LIMIT)
    )
    return [
        OpenRun(
            row.id,
            row.livemode,
            row.approved_at is not None,
            row.prepared_by,
            row.approved_by,
            row.approved_at or row.prepared_at,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an admin keeps a workshop's payouts back, and since when."""

    reason: str
    by: str
    since: datetime


def hold_of(workshop_id: int) -> Hold | None:
    """One statement."""
    row = db.session.execute(
        sa.select(PayoutHold, User.full_name)
        .join(User, User.id == PayoutHold.held_by)
        .where(PayoutHold.workshop_id == workshop_id, PayoutHold.released_at.is_(None))
    ).first()
    return None if row is None else Hold(row[0].reason, row[1], row[0].held_at)


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """A workshop's account at an API provider."""

    provider: str
    external_id: str
    country: str
    payable: bool
    reason: str


def provider_accounts(workshop_id: int) -> Sequence[ProviderAccount]:
    """One statement."""
    rows = db.session.scalars(sa.select(PayoutAccount).where(PayoutAccount.workshop_id == workshop_id))
    return [ProviderAccount(row.provider, row.external_id, row.country, row.payable, row.reason) for row in rows]

"""Approving and canceling: a second person looks, and what has changed since it was prepared falls out."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.ledger.models import LedgerTxn
from marketplace.workshops.models import BankAccount

from ..errors import ReasonMissing, SamePerson
from ..models import Payout, PayoutAccount, PayoutHold, PayoutLine, PayoutRun, PayoutStatus
from ..queries.open_lines import disputed_orders, open_accounts
from ..reasons import ACCOUNT_CHANGED, ACCOUNT_PROBLEM, BALANCE_FELL, DISPUTED, HELD
from .preparing import PAYOUT, RUN, lock_workshops

NOT_SENT = (PayoutStatus.DRAFT, PayoutStatus.APPROVED)


def approve_run(run_id: int, by: int) -> int:
    """Say yes to a run that somebody else prepared; gives how many payouts are left in it.

    A payout that no longer holds (its account was changed, a dispute, a refund in between) is taken out with its
    reason; with none left the run is canceled.

    Raises:
        SamePerson: who prepared it cannot approve it.
        IllegalTransition: it was approved or canceled meanwhile.
    """
    with transaction():
        run = locked(PayoutRun, run_id)
        if run.prepared_by == by:
            raise SamePerson
        if run.approved_at or run.canceled_at:
            raise IllegalTransition("draft", "approved")
        good = standing(run, by)
        for payout in good:
            move(payout, PayoutStatus.APPROVED)
        if good:
            run.approved_by, run.approved_at = by, clock.now()
            amount = sum(payout.amount for payout in good)
            record("payout_run.approve", RUN, run.id, by, {}, {"payouts": len(good), "amount": amount})
        return len(good)


def standing(run: PayoutRun, by: int) -> list[Payout]:
    """The run's payouts that may go on, their workshops locked; the others are canceled with their reason."""
    query = sa.select(Payout).where(Payout.run_id == run.id, Payout.status.in_(NOT_SENT)).order_by(Payout.id)
    lock_workshops(sorted(db.session.scalars(query.with_only_columns(Payout.workshop_id).order_by(None))))
    payouts = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    reasons = _reasons(payouts)
    for payout in payouts:
        if payout.id in reasons:
            _cancel(payout, reasons[payout.id], by)
    good = [payout for payout in payouts if payout.id not in reasons]
    if not good and run.canceled_at is None:
        run.canceled_at = clock.now()
        record("payout_run.cancel", RUN, run.id, by, {}, {"payouts": 0})
    return good


def _reasons(payouts: Sequence[Payout]) -> dict[int, str]:
    """Why a prepared payout may not be sent after all, by its number; six statements for any number of them."""
    if not payouts:
        return {}
    wrong_accounts = _wrong_accounts(payouts)
    held = _held([payout.workshop_id for payout in payouts])
    disputed = _disputed([payout.id for payout in payouts])
    accounts = open_accounts(payouts[0].livemode, [payout.workshop_id for payout in payouts])
    found = {}
    for payout in payouts:
        rest = accounts.get(payout.workshop_id)
        if payout.id in wrong_accounts:
            found[payout.id] = wrong_accounts[payout.id]
        elif payout.workshop_id in held:
            found[payout.id] = HELD
        elif payout.id in disputed:
            found[payout.id] = DISPUTED
        elif rest is not None and rest.amount < 0:  # a debt that was booked since: the next run nets it
            found[payout.id] = BALANCE_FELL
    return found


def _wrong_accounts(payouts: Sequence[Payout]) -> dict[int, str]:
    idents = [payout.id for payout in payouts]
    banks = (
        sa.select(Payout.id, BankAccount.replaced_at, BankAccount.problem)
        .join(BankAccount, BankAccount.id == Payout.bank_account_id)
        .where(Payout.id.in_(idents), sa.or_(BankAccount.replaced_at.is_not(None), BankAccount.problem != ""))
    )
    found = {
        ident: ACCOUNT_CHANGED if replaced else ACCOUNT_PROBLEM for ident, replaced, _ in db.session.execute(banks)
    }
    others = (
        sa.select(Payout.id)
        .join(PayoutAccount, PayoutAccount.id == Payout.payout_account_id)
        .where(Payout.id.in_(idents), PayoutAccount.payable.is_(False))
    )
    return found | dict.fromkeys(db.session.scalars(others), ACCOUNT_PROBLEM)


def _held(workshop_ids: Sequence[int]) -> set[int]:
    query = sa.select(PayoutHold.workshop_id).where(
        PayoutHold.workshop_id.in_(workshop_ids), PayoutHold.released_at.is_(None)
    )
    return set(db.session.scalars(query))


def _disputed(payout_ids: Sequence[int]) -> set[int]:
    orders = disputed_orders()
    if not orders:
        return set()
    query = (
        sa.select(PayoutLine.payout_id)
        .join(LedgerTxn, LedgerTxn.id == PayoutLine.txn_id)
        .where(PayoutLine.payout_id.in_(payout_ids), PayoutLine.amount > 0, LedgerTxn.order_id.in_(orders))
    )
    return set(db.session.scalars(query))


def cancel_payout(payout_id: int, reason: str, by: int) -> None:
    """Take one workshop out of a run that was not sent; its lines are open for the next one.

    Raises:
        IllegalTransition: it was sent or canceled meanwhile.
        ReasonMissing
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction():
        run_id = db.session.scalar(sa.select(Payout.run_id).where(Payout.id == payout_id))
        if run_id is None:
            raise NotFound("Payout", payout_id)
        locked(PayoutRun, run_id)  # the run first, as everywhere
        payout = locked(Payout, payout_id)
        _cancel(payout, reason.strip(), by)
        left = sa.select(Payout.id).where(Payout.run_id == payout.run_id, Payout.status != PayoutStatus.CANCELED)
        if db.session.scalar(left.limit(1)) is None:
            db.session.execute(
                sa.update(PayoutRun)
                .where(PayoutRun.id == payout.run_id, PayoutRun.canceled_at.is_(None))
                .values(canceled_at=clock.now())
            )


def cancel_run(run_id: int, reason: str, by: int) -> None:
    """Give up a run before it is sent.

    Raises:
        IllegalTransition: it was sent or canceled meanwhile.
        ReasonMissing
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction():
        run = locked(PayoutRun, run_id)
        if run.sent_at or run.canceled_at:
            raise IllegalTransition("sent", "canceled")
        query = sa.select(Payout).where(Payout.run_id == run.id, Payout.status.in_(NOT_SENT)).order_by(Payout.id)
        for payout in db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all():
            _cancel(payout, reason.strip(), by)
        run.canceled_at = clock.now()
        record("payout_run.cancel", RUN, run.id, by, {}, {}, reason)


def _cancel(payout: Payout, reason: str, by: int) -> None:
    before = payout.status
    move(payout, PayoutStatus.CANCELED)
    payout.reason, payout.ended_at = reason[:300], clock.now()
    release(payout)
    record("payout.cancel", PAYOUT, payout.id, by, {"status": before}, {"status": payout.status}, reason)


def move(payout: Payout, status: PayoutStatus) -> None:
    """The payout's row must be locked. Raises IllegalTransition."""
    if status not in payout.MOVES[payout.status]:
        raise IllegalTransition(payout.status, status)
    payout.status = status


def release(payout: Payout) -> None:
    """What it would have settled is open again."""
    db.session.execute(
        sa.update(PayoutLine)
        .where(PayoutLine.payout_id == payout.id, PayoutLine.released_at.is_(None))
        .values(released_at=clock.now())
    )

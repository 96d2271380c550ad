"""What became of a payout: paid, failed, returned. The only place that books payouts (payments.md 8)."""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, end_read, locked, transaction
from marketplace.ledger import accounts
from marketplace.ledger.models import Kind
from marketplace.ledger.services import credit, debit, key_of, post, reverse
from marketplace.payments.processors import ProcessorDown, Refused
from marketplace.workshops.services import note_bank_problem

from .. import mails
from ..errors import (
    NotByHand,
    PaidAfterAll,
    ProviderAway,
    ProviderRefused,
    ReasonMissing,
    ReferenceMissing,
    StillUnderWay,
)
from ..models import Payout, PayoutStatus
from ..providers import MANUAL, PayoutSaid, PayoutState
from ..setup import provider_named
from .approving import move, release
from .facts import read_facts
from .preparing import PAYOUT

log = logging.getLogger(__name__)

LONGEST_CALL = timedelta(minutes=2)  # no call to a provider lasts that long
ON_THE_WAY = (PayoutStatus.SENDING, PayoutStatus.UNKNOWN)


def mark_paid(payout_id: int, bank_ref: str, by: int) -> None:
    """A person saw it leave our bank; books it and tells the workshop.

    Raises:
        ReferenceMissing: the bank's reference is empty.
        NotByHand: its provider itself tells; only one that cannot say (UNKNOWN) is left to people.
        IllegalTransition: it is not on its way.
    """
    bank_ref = bank_ref.strip()
    if not bank_ref:
        raise ReferenceMissing
    with transaction():
        payout = locked(Payout, payout_id)
        _only_by_hand(payout)
        pay(payout, by, bank_ref=bank_ref[:80])


def mark_run_paid(run_id: int, bank_ref: str, by: int) -> int:
    """All of a bank file's payouts that are still on their way have left our bank; how many.

    Raises:
        ReferenceMissing
    """
    query = sa.select(Payout.id).where(
        Payout.run_id == run_id, Payout.provider == MANUAL, Payout.status.in_(ON_THE_WAY)
    )
    with transaction():
        idents = db.session.scalars(query.order_by(Payout.id).with_for_update()).all()
        for payout_id in idents:
            mark_paid(payout_id, bank_ref, by)
    return len(idents)


def mark_failed(payout_id: int, reason: str, by: int) -> None:
    """It never left: what it would have settled is open again. A wrong account must be changed before the next run.

    An API provider is asked first, so that nothing is paid twice.

    Raises:
        ReasonMissing
        NotByHand, IllegalTransition: as for mark_paid.
        StillUnderWay: it is being sent at this moment.
        PaidAfterAll: the provider says that it was paid, and it is booked so.
        ProviderAway: the provider cannot be asked now.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    _ask_first(payout_id)
    with transaction():
        payout = locked(Payout, payout_id)
        _only_by_hand(payout)
        if payout.payout_account_id and payout.checked_at and payout.checked_at > clock.now() - LONGEST_CALL:
            raise StillUnderWay
        fail(payout, reason, by)


def mark_returned(payout_id: int, reason: str, by: int) -> None:
    """It was paid and came back: booked back, and open again for the next run.

    For a bank file a person saw it on the statement. At an API provider it is taken back now; when its answer is
    lost, `find_stuck` finishes.

    Raises:
        ReasonMissing
        IllegalTransition: it was not paid, or came back already.
        ProviderAway: no answer; it will be asked again.
        DomainError: the provider refuses; nothing was changed.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    with transaction():
        payout = locked(Payout, payout_id)
        if provider_named(payout.provider).is_manual:
            return_(payout, reason, by)
            return
        if payout.status is not PayoutStatus.PAID:
            move(payout, PayoutStatus.RETURNED)
        if payout.returning_at is None:
            payout.returning_at, payout.reason = clock.now(), reason[:300]
            record("payout.take_back", PAYOUT, payout.id, by, {}, {"status": payout.status}, reason)
    if not take_back(payout_id, by):
        raise ProviderAway


def take_back(payout_id: int, by: int | None) -> bool:
    """Ask the provider for a paid payout that a person wants back; safe to repeat. False: no answer."""
    facts, provider = read_facts(payout_id)
    end_read()
    try:
        reversal = provider.reverse(facts, facts.amount, f"{facts.group}-return")
    except ProcessorDown:
        return False
    except Refused as error:
        _leave_it_paid(payout_id, str(error), by)
        raise ProviderRefused(words=str(error)[:200]) from error
    with transaction():
        payout = locked(Payout, payout_id)
        if payout.status is PayoutStatus.PAID:
            return_(payout, payout.reason, by, memo=reversal.external_id)
    return True


def _ask_first(payout_id: int) -> None:
    facts, provider = read_facts(payout_id)
    if provider.is_manual:
        return
    end_read()
    try:
        state = provider.find(facts)
    except (ProcessorDown, Refused) as error:
        raise ProviderAway from error
    if state is not None:
        apply(payout_id, state)
        raise PaidAfterAll


def apply(payout_id: int, state: PayoutState) -> PayoutStatus:
    """Write down what a provider says; said twice, it counts once. Gives the payout's status after it."""
    with transaction():
        payout = locked(Payout, payout_id)
        if state.external_id and payout.external_id is None:
            payout.external_id = state.external_id
        if payout.status in ON_THE_WAY:
            if state.said is PayoutSaid.PAID:
                pay(payout, None, bank_ref=state.external_id[:80])
            elif state.said is PayoutSaid.FAILED:
                fail(payout, state.reason, None)
            elif state.said is PayoutSaid.RETURNED:
                pay(payout, None, bank_ref=state.external_id[:80])
                return_(payout, state.reason, None)
        elif state.said is PayoutSaid.PAID and payout.status is not PayoutStatus.PAID:
            log.critical("payout %s is %s here and paid at %s", payout.id, payout.status, payout.provider)
        return payout.status


def pay(payout: Payout, by: int | None, *, bank_ref: str) -> None:
    """The payout's row must be locked."""
    before = payout.status
    move(payout, PayoutStatus.PAID)
    payout.paid_at, payout.bank_ref, payout.reason = clock.now(), bank_ref, ""
    paid_from = accounts.BANK if payout.provider == MANUAL else accounts.clearing(payout.provider)
    post(
        Kind.PAYOUT,
        payout.id,
        [debit(accounts.seller(payout.workshop_id), payout.total), credit(paid_from, payout.total)],
        livemode=payout.livemode,
        workshop_id=payout.workshop_id,
        memo=bank_ref,
        at=payout.paid_at,
    )
    after = {"status": payout.status, "amount": payout.amount, "bank_ref": bank_ref}
    record("payout.paid", PAYOUT, payout.id, by, {"status": before}, after)
    mails.paid(payout)


def fail(payout: Payout, reason: str, by: int | None) -> None:
    """The payout's row must be locked."""
    before = payout.status
    move(payout, PayoutStatus.FAILED)
    _end(payout, reason, by)
    record("payout.failed", PAYOUT, payout.id, by, {"status": before}, {"status": payout.status}, reason)
    mails.failed(payout)


def return_(payout: Payout, reason: str, by: int | None, *, memo: str = "") -> None:
    """The payout's row must be locked. `memo` is the provider's name of what brought it back."""
    before = payout.status
    move(payout, PayoutStatus.RETURNED)
    _end(payout, reason, by)
    reverse(Kind.PAYOUT_RETURNED, payout.id, key_of(Kind.PAYOUT, payout.id), memo=memo or reason)
    record("payout.returned", PAYOUT, payout.id, by, {"status": before}, {"status": payout.status}, reason)
    mails.returned(payout)


def _end(payout: Payout, reason: str, by: int | None) -> None:
    payout.reason, payout.ended_at = reason[:300], clock.now()
    release(payout)
    if payout.bank_account_id is not None:
        note_bank_problem(payout.bank_account_id, reason, by)


def _leave_it_paid(payout_id: int, words: str, by: int | None) -> None:
    with transaction():
        payout = locked(Payout, payout_id)
        payout.returning_at, payout.reason = None, ""
        record("payout.not_taken_back", PAYOUT, payout.id, by, {}, {"status": payout.status}, words)


def _only_by_hand(payout: Payout) -> None:
    if payout.status is PayoutStatus.SENDING and not provider_named(payout.provider).is_manual:
        raise NotByHand

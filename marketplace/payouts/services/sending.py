"""Sending: a bank file waits for people, an API provider is called after the commit, and what is stuck is found."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import after_commit, db, end_read, locked, transaction
from marketplace.core.errors import DomainError, IllegalTransition
from marketplace.core.tasks import enqueue, job
from marketplace.payments.processors import ProcessorDown, Refused

from ..errors import ProviderAway, SamePerson, StillUnderWay
from ..models import Payout, PayoutRun, PayoutStatus
from ..providers import MANUAL, NotNow, PayoutFacts, PayoutProvider, PayoutState
from ..setup import provider_named
from .approving import move, standing
from .facts import read_facts
from .outcomes import LONGEST_CALL, apply, fail, take_back
from .preparing import PAYOUT, RUN

log = logging.getLogger(__name__)

STUCK = timedelta(minutes=10)  # no call lasts so long
KEY_LIVES = timedelta(hours=24)  # a provider forgets an idempotency key after that (payments.md 4)
MAX_TRIES = 5  # definite but passing refusals, ten minutes apart
BATCH = 50


def send_run(run_id: int, by: int) -> int:
    """Send an approved run; gives how many payouts are on their way.

    What no longer holds falls out as in `approve_run`. A bank file can be downloaded from now on (`bank_file`), and
    its payouts wait for people; an API provider is called for each payout after the commit, by the worker.

    Raises:
        SamePerson: who approved it cannot send it.
        IllegalTransition: it is not approved, or was sent or canceled meanwhile.
    """
    with transaction():
        run = locked(PayoutRun, run_id)
        if run.approved_at is None or run.sent_at or run.canceled_at:
            raise IllegalTransition("not approved", "sent")
        if run.approved_by == by:
            raise SamePerson
        good = standing(run, by)
        now = clock.now()
        for payout in good:
            move(payout, PayoutStatus.SENDING)
            payout.sent_at = now
        if good:
            run.sent_by, run.sent_at = by, now
            amount = sum(payout.amount for payout in good)
            record("payout_run.send", RUN, run.id, by, {}, {"payouts": len(good), "amount": amount})
        if not provider_named(run.provider).is_manual:
            for payout in good:
                after_commit(enqueue, "send_payout", payout.id)
        return len(good)


@job("send_payout")
def send_payout(payout_id: int) -> PayoutStatus | None:
    """Call the provider for one payout that is on its way; None when it is not, or is being sent by another.

    Without a usable answer it stays SENDING, and `find_stuck` asks what became of it.
    """
    if not _claim(payout_id, PayoutStatus.SENDING, quiet_for=LONGEST_CALL):
        return None
    facts, provider = read_facts(payout_id)
    end_read()
    return _call(facts, provider)


def send_again(payout_id: int, by: int) -> PayoutStatus:
    """A person wants an UNKNOWN payout sent: it is looked up first, so that it is never made twice.

    Raises:
        IllegalTransition: it is not UNKNOWN.
        StillUnderWay: it was asked about a moment ago.
        ProviderAway: no usable answer; it stays UNKNOWN.
    """
    with transaction():
        payout = locked(Payout, payout_id)
        if payout.status is not PayoutStatus.UNKNOWN:
            raise IllegalTransition(payout.status, PayoutStatus.SENDING)
        if not _claim(payout_id, PayoutStatus.UNKNOWN, quiet_for=LONGEST_CALL):
            raise StillUnderWay
        record("payout.send_again", PAYOUT, payout.id, by, {}, {"attempt_no": payout.attempt_no})
    facts, provider = read_facts(payout_id)
    end_read()
    try:
        found = provider.find(facts)
    except (ProcessorDown, Refused) as error:
        raise ProviderAway from error
    status = apply(payout_id, found) if found is not None else _call(facts, provider)
    if status is None:
        raise ProviderAway
    return status


def find_stuck() -> int:
    """What nobody answered for ten minutes: ask what became of it, else leave it UNKNOWN for a person.

    One that was never made is sent again while the provider still knows its key. UNKNOWN ones are looked up, and
    paid ones that a person wants back are asked for, each time. Manual ones wait for people. How many came to an end.
    """
    return sum(_each(payout_id, act) for payout_id, act in _stuck())


def _stuck() -> list[tuple[int, Callable[[int], bool]]]:
    """(payout, what to do), longest waiting first."""
    long_ago = clock.now() - STUCK
    quiet = sa.func.coalesce(Payout.checked_at, Payout.sent_at) <= long_ago
    ours = (Payout.provider != MANUAL, quiet)
    acts: dict[PayoutStatus, Callable[[int], bool]] = {
        PayoutStatus.SENDING: _find_or_send,
        PayoutStatus.UNKNOWN: _find,
        PayoutStatus.PAID: _take_back,
    }
    wanted_back = sa.and_(Payout.status == PayoutStatus.PAID, Payout.returning_at <= long_ago)
    query = sa.select(Payout.id, Payout.status).where(
        *ours, sa.or_(Payout.status.in_((PayoutStatus.SENDING, PayoutStatus.UNKNOWN)), wanted_back)
    )
    rows = db.session.execute(query.order_by(Payout.checked_at, Payout.id).limit(BATCH))
    return [(payout_id, acts[status]) for payout_id, status in rows]


def _each(payout_id: int, act: Callable[[int], bool]) -> bool:
    """One that cannot be helped stops no other."""
    try:
        return act(payout_id)
    except DomainError as error:
        log.warning("payout %s: %s", payout_id, error)
        return False


def _find_or_send(payout_id: int) -> bool:
    if not _claim(payout_id, PayoutStatus.SENDING, quiet_for=STUCK):
        return False
    facts, provider = read_facts(payout_id)
    end_read()
    try:
        found = provider.find(facts)
    except (ProcessorDown, Refused) as error:
        log.warning("payout %s cannot be looked up: %s", payout_id, error)
        return _give_up(payout_id)
    if found is not None:
        return apply(payout_id, found) not in (PayoutStatus.SENDING, PayoutStatus.UNKNOWN)
    status = _call(facts, provider) if _key_lives(payout_id) else None
    return _give_up(payout_id) if status is None else status is not PayoutStatus.SENDING


def _find(payout_id: int) -> bool:
    if not _claim(payout_id, PayoutStatus.UNKNOWN, quiet_for=STUCK):
        return False
    facts, provider = read_facts(payout_id)
    end_read()
    try:
        found = provider.find(facts)
    except (ProcessorDown, Refused) as error:
        log.warning("payout %s cannot be looked up: %s", payout_id, error)
        return False
    return found is not None and apply(payout_id, found) is PayoutStatus.PAID


def _take_back(payout_id: int) -> bool:
    return _claim(payout_id, PayoutStatus.PAID, quiet_for=STUCK) and take_back(payout_id, None)


def _call(facts: PayoutFacts, provider: PayoutProvider) -> PayoutStatus | None:
    """Send; a definite no ends it, or makes the next try another act. None: no usable answer."""
    try:
        state: PayoutState = provider.send(facts)
    except NotNow as error:
        return _not_now(facts.id, facts.attempt_no, str(error))
    except Refused as error:
        return _refused(facts.id, facts.attempt_no, str(error), is_final=True)
    except ProcessorDown as error:
        log.warning("payout %s: no answer: %s", facts.id, error)
        return None
    return apply(facts.id, state)


def _not_now(payout_id: int, attempt_no: int, words: str) -> PayoutStatus:
    return _refused(payout_id, attempt_no, words, is_final=attempt_no >= MAX_TRIES)


def _refused(payout_id: int, attempt_no: int, words: str, *, is_final: bool) -> PayoutStatus:
    """The answer of another try, which came late, decides nothing."""
    with transaction():
        payout = locked(Payout, payout_id)
        if payout.attempt_no != attempt_no or payout.status not in (PayoutStatus.SENDING, PayoutStatus.UNKNOWN):
            return payout.status
        payout.attempt_no += 1
        payout.reason = words[:300]
        if is_final:
            fail(payout, words, None)
        return payout.status


def _give_up(payout_id: int) -> bool:
    """For a person. It is still looked up each time."""
    with transaction():
        payout = locked(Payout, payout_id)
        if payout.status is PayoutStatus.SENDING:
            move(payout, PayoutStatus.UNKNOWN)
            record("payout.unknown", PAYOUT, payout.id, None, {"status": "sending"}, {"status": payout.status})
    return False


def _claim(payout_id: int, status: PayoutStatus, *, quiet_for: timedelta) -> bool:
    """Note that it is asked about now; False when another has just done so, or it has moved."""
    now = clock.now()
    quiet = sa.or_(Payout.checked_at.is_(None), Payout.checked_at <= now - quiet_for)
    with transaction():
        claimed = db.session.scalar(
            sa.update(Payout)
            .where(Payout.id == payout_id, Payout.status == status, quiet)
            .values(checked_at=now)
            .returning(Payout.id)
        )
    return claimed is not None


def _key_lives(payout_id: int) -> bool:
    sent_at = db.session.scalar(sa.select(Payout.sent_at).where(Payout.id == payout_id))
    return sent_at is not None and sent_at > clock.now() - KEY_LIVES

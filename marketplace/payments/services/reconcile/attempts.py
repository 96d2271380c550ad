"""Attempts whose end nobody told: return page and message may both be lost."""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, transaction

from ...errors import ProcessorAway
from ...models import AttemptStatus, PaymentAttempt
from ...processors import ProcessorDown, Refused
from ...setup import lenient_processors, unhurried
from ..facts import move, processor_of, read_facts, record_page
from ..settlement import apply, settle
from .steps import Window, step

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)  # how often one open page is asked about
AFTER_EXPIRY = timedelta(minutes=10)
BATCH = 100


def reconcile_attempts() -> int:
    """Sweep: ask about every open or processing attempt that was not asked about lately; how many came to an end."""
    now = clock.now()
    refused = sa.and_(  # where a page stays open after a bank's no, the buyer may pay on it all the same
        PaymentAttempt.status == AttemptStatus.FAILED,
        PaymentAttempt.processor.in_(lenient_processors()),
        PaymentAttempt.expires_at > now - 2 * EVERY,
    )
    query = sa.select(PaymentAttempt.id, PaymentAttempt.key).where(
        sa.or_(PaymentAttempt.status.in_((AttemptStatus.OPEN, AttemptStatus.PROCESSING)), refused),
        PaymentAttempt.problem == "",
        sa.or_(PaymentAttempt.checked_at.is_(None), PaymentAttempt.checked_at <= now - EVERY),
    )
    waiting = db.session.execute(query.order_by(PaymentAttempt.checked_at, PaymentAttempt.id).limit(BATCH)).all()
    with unhurried():
        return sum(_ask(attempt_id, key) for attempt_id, key in waiting)


@step("attempts")
def end_overdue(_window: Window) -> int:
    """Those past their time, whenever they were last asked about; and those whose page's name was lost on the way."""
    over = clock.now() - AFTER_EXPIRY
    running = (AttemptStatus.CREATED, AttemptStatus.OPEN, AttemptStatus.PROCESSING)
    query = sa.select(PaymentAttempt.id, PaymentAttempt.key, PaymentAttempt.external_id).where(
        PaymentAttempt.status.in_(running), PaymentAttempt.expires_at <= over, PaymentAttempt.problem == ""
    )
    oldest = db.session.execute(query.order_by(PaymentAttempt.checked_at, PaymentAttempt.id).limit(BATCH)).all()
    return sum(_ask(attempt_id, key) if external_id else _recall(attempt_id) for attempt_id, key, external_id in oldest)


def _ask(attempt_id: int, key: str) -> bool:
    _note_asked(attempt_id)
    _facts, before, _name = read_facts(id=attempt_id)
    try:
        return settle(key) not in (AttemptStatus.OPEN, AttemptStatus.PROCESSING, before)
    except (ProcessorDown, ProcessorAway) as error:
        log.warning("attempt %s: the processor is away: %s", attempt_id, error)
        return False


def _recall(attempt_id: int) -> bool:
    """The same key brings the page's name back, and its time is over: it is closed, unless it was paid meanwhile.

    A definite no means that there never was a page to pay on.
    """
    _note_asked(attempt_id)
    facts, _status, name = read_facts(id=attempt_id)
    try:
        processor = processor_of(name)
        record_page(attempt_id, started := processor.start(facts))
        facts, _status, _name = read_facts(started.external_id, id=attempt_id)
        state = processor.cancel(facts)
    except Refused:
        with transaction():
            return move(attempt_id, AttemptStatus.EXPIRED)
    except (ProcessorDown, ProcessorAway) as error:
        log.warning("attempt %s: its page cannot be found now: %s", attempt_id, error)
        return False
    with transaction():
        apply(attempt_id, state)
    return True


def _note_asked(attempt_id: int) -> None:
    end_read()
    with transaction():
        query = sa.update(PaymentAttempt).where(PaymentAttempt.id == attempt_id)
        db.session.execute(query.values(checked_at=clock.now()))

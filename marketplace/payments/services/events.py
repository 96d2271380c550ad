"""Messages of processors: stored once, then their effect and their mark in one transaction (security.md 9)."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, insert_ignore, transaction
from marketplace.core.errors import NotFound

from ..errors import AboveWhatIsLeft, ProcessorAway
from ..models import PaymentAttempt, ProcessorEvent
from ..processors import BadNotice, Meaning, Notice, PaymentProcessor, PaymentState, ProcessorDown, Refused
from ..setup import processor_named, unhurried
from .disputes import settle_dispute
from .facts import read_facts
from .refunds import NotOurs, settle_refund
from .settlement import apply, fetch

log = logging.getLogger(__name__)

BATCH = 200
MAX_EARLY = 60  # an hour of sweeps: so long a message may be ahead of its payment
MAX_TRIES = 100  # more than an hour of sweeps; the reconciler goes on asking about the attempt itself


def receive(processor_name: str, headers: Mapping[str, str], body: bytes) -> None:
    """Take a message: verify, store once, act. What cannot be finished now is finished by the sweep.

    Raises:
        NotFound: the shop does not run with this processor.
        BadNotice: the message proves nothing; nothing was changed.
    """
    processor = processor_named(processor_name)
    if processor is None:
        raise NotFound("processor", processor_name)
    notice = processor.read_webhook(headers, body)
    if notice.livemode != processor.livemode:
        raise BadNotice("a message of the other mode")
    handle_event(store(processor, notice, body))


def store(processor: PaymentProcessor, notice: Notice, body: bytes) -> int:
    """The number of the message's only row."""
    now = clock.now()
    useless = notice.meaning is Meaning.NOTHING
    with transaction():
        insert_ignore(
            ProcessorEvent,
            processor=processor.name,
            event_id=notice.event_id,
            kind=notice.kind,
            livemode=notice.livemode,
            attempt_key=notice.attempt_key,
            external_id=notice.external_id,
            body=body.decode("utf-8"),
            received_at=now,
            handled_at=now if useless else None,
            tries=0,
            error="kept, nothing to do" if useless else "",
        )
        query = sa.select(ProcessorEvent.id).filter_by(processor=processor.name, event_id=notice.event_id)
        return db.session.scalars(query).one()


def handle_event(event_id: int) -> bool:
    """Act on a stored message unless it was acted on; tells whether this call did.

    The message only says where to look: the processor is asked for the truth first.
    """
    event = db.session.get(ProcessorEvent, event_id, populate_existing=True)
    if event is None or event.handled_at is not None:
        end_read()
        return False
    about = _about(event)
    if about in (Meaning.REFUND, Meaning.DISPUTE):
        return _ask(event_id, about, event.processor, event.external_id)
    key, external_id, declined = event.attempt_key, event.external_id, about is Meaning.DECLINE
    try:
        facts, _status, name = read_facts(external_id or None, key=key)
    except NotFound:
        end_read()
        return _finish(event_id, "no attempt has this key")
    try:
        state = fetch(facts, name) if facts.external_id else None
    except (ProcessorDown, ProcessorAway) as error:
        _note_failure(event_id, str(error))
        return False
    return _act(event_id, facts.id, state, declined=declined)


def _about(event: ProcessorEvent) -> Meaning:
    processor = processor_named(event.processor)
    return Meaning.CHECK if processor is None else processor.meaning(event.kind)


def _ask(event_id: int, about: Meaning, processor_name: str, external_id: str) -> bool:
    """A refund or a dispute: ask about it by its own name. Its effect may come twice, it is written once."""
    end_read()
    try:
        if about is Meaning.REFUND:
            settle_refund(processor_name, external_id)
        else:
            settle_dispute(processor_name, external_id)
    except (ProcessorDown, ProcessorAway, AboveWhatIsLeft) as error:
        _note_failure(event_id, str(error) or type(error).__name__)
        return False
    except NotOurs as error:  # or it came before the message about its payment: that is waited for
        if _tries(event_id) < MAX_EARLY:
            _note_failure(event_id, str(error))
            return False
        return _finish(event_id, str(error))
    except (Refused, NotFound) as error:
        return _finish(event_id, str(error))
    with transaction():
        return _mark(event_id, "")


def _tries(event_id: int) -> int:
    return db.session.scalar(sa.select(ProcessorEvent.tries).where(ProcessorEvent.id == event_id)) or 0


def _act(event_id: int, attempt_id: int, state: PaymentState | None, *, declined: bool) -> bool:
    with transaction():
        if not _mark(event_id, "" if state is not None else "the processor does not know this page"):
            return False
        if state is not None:
            apply(attempt_id, state)  # the order's row comes before the attempt's, as everywhere
        if declined:
            count = PaymentAttempt.decline_count + 1
            query = sa.update(PaymentAttempt).where(PaymentAttempt.id == attempt_id)
            db.session.execute(query.values(decline_count=count).execution_options(synchronize_session=False))
    return True


def _mark(event_id: int, error: str) -> bool:
    query = sa.update(ProcessorEvent).where(ProcessorEvent.id == event_id, ProcessorEvent.handled_at.is_(None))
    marked = db.session.execute(query.values(handled_at=clock.now(), error=error[:300]))
    return bool(marked.rowcount)  # type: ignore[attr-defined]


def _finish(event_id: int, error: str) -> bool:
    log.error("message %s: %s", event_id, error)
    with transaction():
        return _mark(event_id, error)


def _note_failure(event_id: int, error: str) -> None:
    log.warning("message %s waits: %s", event_id, error)
    with transaction():
        query = sa.update(ProcessorEvent).where(ProcessorEvent.id == event_id)
        db.session.execute(query.values(tries=ProcessorEvent.tries + 1, error=error[:300]))


def handle_events() -> int:
    """Sweep: messages that were received but not finished, oldest first."""
    query = sa.select(ProcessorEvent.id).where(ProcessorEvent.handled_at.is_(None), ProcessorEvent.tries < MAX_TRIES)
    waiting = list(db.session.scalars(query.order_by(ProcessorEvent.received_at).limit(BATCH)))
    with unhurried():
        return sum(handle_event(event_id) for event_id in waiting)

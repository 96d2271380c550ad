"""Messages: those that were taken and not finished, and those that the processor could not deliver."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.core.db import db, end_read

from ...models import ProcessorEvent
from ...processors import Meaning, MissedEvent, PaymentProcessor
from ...setup import processor_named, processor_names
from ..events import handle_event, handle_events, store
from .steps import Window, step

log = logging.getLogger(__name__)


@step("messages")
def finish_messages(_window: Window) -> int:
    """Those that were taken and could not be acted on."""
    return handle_events()


@step("missed messages")
def fetch_missed(window: Window) -> int:
    """A processor that is away fails the step, after the others were asked."""
    found, away = 0, []
    for name in processor_names():
        processor = processor_named(name)
        if processor is None:
            continue
        end_read()
        try:
            missed = list(processor.missed_events(window.since))
        except Exception as error:
            log.warning("%s cannot say what it could not deliver: %s", name, error)
            away.append(error)
            continue
        found += sum(_take(processor, event) for event in missed)
    if away:
        raise away[0]
    return found


def _take(processor: PaymentProcessor, missed: MissedEvent) -> bool:
    """As if it had just come; tells whether it was news."""
    notice = missed.notice
    if (
        notice.livemode != processor.livemode
        or notice.meaning is Meaning.NOTHING
        or _is_known(processor, notice.event_id)
    ):
        return False
    return handle_event(store(processor, notice, missed.body.encode()))


def _is_known(processor: PaymentProcessor, event_id: str) -> bool:
    query = sa.select(ProcessorEvent.id).filter_by(processor=processor.name, event_id=event_id)
    found = db.session.scalar(query.where(ProcessorEvent.handled_at.is_not(None)))
    end_read()
    return found is not None

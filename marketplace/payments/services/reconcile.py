"""Asking on our own: return page and message may both be lost (payments.md 8)."""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, transaction

from ..errors import ProcessorAway
from ..models import AttemptStatus, PaymentAttempt
from ..processors import ProcessorDown
from ..setup import unhurried
from .settlement import settle

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)  # how often one open page is asked about
BATCH = 100


def reconcile_attempts() -> int:
    """Sweep: ask about every open or processing attempt that was not asked about lately; how many came to an end."""
    now = clock.now()
    query = sa.select(PaymentAttempt.id, PaymentAttempt.key).where(
        PaymentAttempt.status.in_((AttemptStatus.OPEN, AttemptStatus.PROCESSING)),
        PaymentAttempt.problem == "",
        sa.or_(PaymentAttempt.checked_at.is_(None), PaymentAttempt.checked_at <= now - EVERY),
    )
    waiting = db.session.execute(query.order_by(PaymentAttempt.checked_at, PaymentAttempt.id).limit(BATCH)).all()
    with unhurried():
        return sum(_ask(attempt_id, key) for attempt_id, key in waiting)


def _ask(attempt_id: int, key: str) -> bool:
    with transaction():
        query = sa.update(PaymentAttempt).where(PaymentAttempt.id == attempt_id)
        db.session.execute(query.values(checked_at=clock.now()))
    try:
        return settle(key) not in (AttemptStatus.OPEN, AttemptStatus.PROCESSING)
    except (ProcessorDown, ProcessorAway) as error:
        log.warning("attempt %s: the processor is away: %s", attempt_id, error)
        return False

"""How soon a workshop answers, in minutes: half of its answers of the last 90 days came quicker."""

from __future__ import annotations

from datetime import timedelta
from statistics import median_low

import sqlalchemy as sa

from marketplace.catalog import versions
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.tasks import job, sweeper
from marketplace.workshops.models import Workshop

from ..models import Message, Thread
from ..words import pace

WINDOW = timedelta(days=90)
FEWEST = 5  # answers; below that there is nothing to say
MOST = 500  # the newest ones decide
LATELY = timedelta(hours=2)  # how far back the sweep looks for answers that came into the window, or left it


@job("answer_time")
def measure(workshop_id: int) -> None:
    """Write the number down; the public pages count a new version only when their words change."""
    minutes = _median(workshop_id)
    with transaction():
        workshop = locked(Workshop, workshop_id)
        if workshop.answer_minutes == minutes:
            return
        other_words = pace(workshop.answer_minutes) != pace(minutes)
        workshop.answer_minutes = minutes
        if other_words:
            workshop.version += 1
            versions.bump([versions.workshop_scope(workshop_id)])


def _median(workshop_id: int) -> int | None:
    query = (
        sa.select(Message.answered_minutes)
        .join(Thread, Thread.id == Message.thread_id)
        .where(
            Thread.workshop_id == workshop_id,
            Message.answered_minutes.is_not(None),
            Message.created_at > clock.now() - WINDOW,
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(MOST)
    )
    answers = [minutes for minutes in db.session.scalars(query) if minutes is not None]
    return median_low(answers) if len(answers) >= FEWEST else None


@sweeper("answer_times")
def measure_again() -> int:
    """Workshops whose answers have changed within the last hours: an answer came, or one grew too old."""
    now = clock.now()
    at = Message.created_at
    query = (
        sa.select(Thread.workshop_id)
        .join(Message, Message.thread_id == Thread.id)
        .where(
            Message.answered_minutes.is_not(None),
            sa.or_(at > now - LATELY, sa.and_(at > now - WINDOW - LATELY, at <= now - WINDOW)),
        )
        .distinct()
        .order_by(Thread.workshop_id)
    )
    workshops = list(db.session.scalars(query))
    for workshop_id in workshops:
        measure(workshop_id)
    return len(workshops)

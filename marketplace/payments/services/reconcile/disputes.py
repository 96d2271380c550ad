"""Disputes whose news nobody told; won ones until the money is back, lost ones as long as they can be appealed."""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read
from marketplace.core.errors import NotFound

from ...errors import ProcessorAway
from ...models import OPEN_DISPUTES, Dispute
from ...processors import ProcessorDown
from ..disputes import settle_dispute
from .steps import Window, step

log = logging.getLogger(__name__)

ONCE_ENDED = timedelta(days=1)  # how often one that is over is asked about
APPEALS = timedelta(days=120)
BATCH = 200


@step("disputes")
def ask_about_disputes(_window: Window) -> int:
    """How many moved."""
    now = clock.now()
    is_over = sa.and_(Dispute.closed_at >= now - APPEALS, Dispute.checked_at <= now - ONCE_ENDED)
    query = sa.select(Dispute.id, Dispute.processor, Dispute.external_id).where(
        sa.or_(Dispute.status.in_(OPEN_DISPUTES), is_over)
    )
    rows = db.session.execute(query.order_by(Dispute.checked_at, Dispute.id).limit(BATCH)).all()
    return sum(_ask(dispute_id, processor, name) for dispute_id, processor, name in rows)


def _ask(dispute_id: int, processor: str, name: str) -> bool:
    before = _standing(dispute_id)
    try:
        settle_dispute(processor, name)
    except (ProcessorDown, ProcessorAway, NotFound) as error:
        log.warning("dispute %s cannot be asked about now: %s", dispute_id, error)
        return False
    return _standing(dispute_id) != before


def _standing(dispute_id: int) -> tuple[object, ...]:
    query = sa.select(Dispute.status, Dispute.withdrawn_amount, Dispute.reinstated_amount, Dispute.fee_amount).where(
        Dispute.id == dispute_id
    )
    found = tuple(db.session.execute(query).one())
    end_read()
    return found

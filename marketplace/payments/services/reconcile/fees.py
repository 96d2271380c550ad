"""Fees that a processor told after the charge was booked without them."""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.orders.models import Order

from ...errors import ProcessorAway
from ...models import AttemptStatus, PaymentAttempt
from ...processors import PageStatus, PaymentState, ProcessorDown
from ...setup import listing_processors
from ..facts import attempt_by, differs, read_facts
from ..posting import book_fee
from ..settlement import fetch
from .steps import FARTHEST, Window, step

log = logging.getLogger(__name__)

EVERY = timedelta(hours=6)  # how often one charge is asked about
BATCH = 100


@step("fees")
def book_late_fees(_window: Window) -> int:
    """A processor without a list of its own tells no fees either."""
    now = clock.now()
    query = sa.select(PaymentAttempt.id).where(
        PaymentAttempt.status == AttemptStatus.PAID,
        PaymentAttempt.processor.in_(listing_processors()),
        PaymentAttempt.fee_booked_at.is_(None),
        PaymentAttempt.paid_at >= now - FARTHEST,
        sa.or_(PaymentAttempt.checked_at.is_(None), PaymentAttempt.checked_at <= now - EVERY),
    )
    oldest = db.session.scalars(query.order_by(PaymentAttempt.checked_at, PaymentAttempt.id).limit(BATCH)).all()
    return sum(_ask(attempt_id) for attempt_id in oldest)


def _ask(attempt_id: int) -> bool:
    facts, _status, name = read_facts(id=attempt_id)
    try:
        state = fetch(facts, name)
    except (ProcessorDown, ProcessorAway) as error:
        log.warning("attempt %s: its fee cannot be asked for now: %s", attempt_id, error)
        return False
    with transaction():
        locked(Order, facts.order_id)  # the order first, as everywhere
        query = sa.update(PaymentAttempt).where(PaymentAttempt.id == attempt_id)
        db.session.execute(query.values(checked_at=clock.now()))
        return state is not None and _write(attempt_id, state)


def _write(attempt_id: int, state: PaymentState) -> bool:
    """Fee and net as told, and their booking; once."""
    known = state.fee_amount is not None and state.net_amount is not None
    if not known or state.status is not PageStatus.PAID or differs(attempt_by(id=attempt_id), state):
        return False
    query = sa.update(PaymentAttempt).where(PaymentAttempt.id == attempt_id, PaymentAttempt.fee_booked_at.is_(None))
    told = db.session.execute(
        query.values(
            fee_amount=state.fee_amount,
            net_amount=state.net_amount,
            settle_currency=state.settle_currency,
            fee_booked_at=clock.now(),
        )
    )
    if not told.rowcount:  # type: ignore[attr-defined]
        return False
    book_fee(attempt_by(id=attempt_id))
    return True

"""Trying to pay: the attempt's row, the processor's page, and once more after a refusal."""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.core.ids import hash_token, new_key
from marketplace.orders.models import Order, OrderStatus

from ..bills import bill_of
from ..errors import AlreadyPaid, HoldOver, PaymentRunning, PaymentUnclear, ProcessorAway
from ..models import AttemptStatus, PaymentAttempt
from ..processors import AttemptFacts, ProcessorDown, Refused, Started
from ..setup import processor, site_url
from .facts import move, note_problem, processor_of, read_facts, running_attempt
from .settlement import settle

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3


def new_attempt(order_id: int) -> int:
    """Write an attempt to pay, with everything that will be sent, in the caller's transaction; returns its id.

    Where the processor's pages stay open longer than the hold has left, the hold grows with it.

    Raises:
        PaymentsNotSetUp: the shop has no processor.
    """
    with transaction() as session:
        order = locked(Order, order_id)
        chosen = processor()
        now, key = clock.now(), new_key()
        order.hold_until = max(order.hold_until, now + chosen.shortest_page)
        attempt = PaymentAttempt(
            key=key,
            order_id=order.id,
            processor=chosen.name,
            livemode=chosen.livemode,
            amount=order.total_amount,
            currency=order.currency,
            request_json=chosen.prepare(bill_of(order, key, order.hold_until, site_url())),
            expires_at=order.hold_until,
            created_at=now,
        )
        session.add(attempt)
        session.flush()
        return attempt.id


def start(attempt_id: int) -> str | None:
    """The address of the processor's page for this attempt; None when there is none now.

    Outside any transaction. None means: the processor is away (the same attempt can be started again), it refused (the
    next try makes a new attempt), or the attempt was settled or closed meanwhile. The order's page says which.
    """
    facts, status, name = read_facts(id=attempt_id)
    if status is not AttemptStatus.CREATED:
        return _page_of(attempt_id)
    try:
        started = processor_of(name).start(facts)
    except (ProcessorDown, ProcessorAway) as error:
        log.warning("attempt %s: the processor is away: %s", attempt_id, error)
        return None
    except Refused as error:
        log.error("attempt %s: refused: %s", attempt_id, error)
        _give_up(attempt_id, str(error))
        return None
    return _keep(facts, name, started)


def record_page(attempt_id: int, started: Started) -> bool:
    """Write down which page an attempt has; False when somebody else moved the attempt first."""
    with transaction():
        return move(
            attempt_id,
            AttemptStatus.OPEN,
            external_id=started.external_id,
            redirect_url=started.redirect_url,
            expires_at=started.expires_at,
        )


def _keep(facts: AttemptFacts, name: str, started: Started) -> str | None:
    if record_page(facts.id, started):
        return started.redirect_url or None
    _facts, status, _name = read_facts(id=facts.id)
    if status in (AttemptStatus.EXPIRED, AttemptStatus.FAILED):
        _close_late_page(facts, name, started)
        return None
    return _page_of(facts.id)


def _close_late_page(facts: AttemptFacts, name: str, started: Started) -> None:
    """The attempt was closed while its page was opening: nobody may pay there any more."""
    with transaction():
        values = {"external_id": started.external_id, "redirect_url": ""}
        unnamed = sa.update(PaymentAttempt).where(PaymentAttempt.id == facts.id, PaymentAttempt.external_id.is_(None))
        db.session.execute(unnamed.values(**values))
    known, _status, _name = read_facts(id=facts.id)
    try:
        processor_of(name).cancel(known)
    except (ProcessorDown, ProcessorAway, Refused):
        log.exception("attempt %s: its late page stays open until %s", facts.id, facts.expires_at)


def _give_up(attempt_id: int, reason: str) -> None:
    with transaction():
        if move(attempt_id, AttemptStatus.FAILED):
            note_problem(attempt_id, f"the processor refused: {reason}")


def _page_of(attempt_id: int) -> str | None:
    facts, status, _name = read_facts(id=attempt_id)
    if status is not AttemptStatus.OPEN or facts.expires_at <= clock.now():
        return None
    return db.session.scalar(sa.select(PaymentAttempt.redirect_url).where(PaymentAttempt.id == attempt_id)) or None


def pay_again(token: str) -> str:
    """Where the buyer of this order can pay it: the page that is still open, or a new attempt's.

    Raises:
        NotFound: no order has this token.
        AlreadyPaid, HoldOver, PaymentRunning, PaymentUnclear: there is nothing to pay now.
        ProcessorAway: no page could be had; the order is kept and can be tried again.
    """
    order_id = db.session.scalar(sa.select(Order.id).where(Order.token_hash == hash_token(token)))
    if order_id is None:
        raise NotFound("order")
    with transaction():
        attempt_id = _attempt_to_pay(order_id)
    _facts, status, _name = read_facts(id=attempt_id)
    if status is not AttemptStatus.CREATED:
        attempt_id = _after_asking(attempt_id, order_id)
    address = start(attempt_id)
    if address is None:
        raise ProcessorAway
    return address


def _attempt_to_pay(order_id: int) -> int:
    """The running attempt, or a new one; the order's lock makes two clicks share it."""
    order = locked(Order, order_id)
    if order.status in (OrderStatus.PAID, OrderStatus.CLOSED):
        raise AlreadyPaid
    if order.status is OrderStatus.CANCELED:
        raise HoldOver
    running = running_attempt(order_id)
    if running is not None:
        if running.problem:
            raise PaymentUnclear
        return running.id
    if order.hold_until <= clock.now():
        raise HoldOver
    return new_attempt(order_id)


def _after_asking(attempt_id: int, order_id: int) -> int:
    """An attempt that has a page: ask how it stands before sending anybody there."""
    facts, _status, _name = read_facts(id=attempt_id)
    began = time.monotonic()
    try:
        settle(facts.key)
    except ProcessorDown as error:
        raise ProcessorAway from error
    _facts, status, _name = read_facts(id=attempt_id)
    if status is AttemptStatus.PROCESSING:
        raise PaymentRunning
    if status is AttemptStatus.OPEN:
        return attempt_id
    with transaction():
        attempt_id = _attempt_to_pay(order_id)
    if time.monotonic() - began > PATIENCE_SECONDS:
        raise ProcessorAway  # another slow call would keep the buyer waiting for more than 20 s
    return attempt_id

"""Ending an unpaid order: the processor's page is closed before the pieces go back (security.md 2)."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, locked, transaction
from marketplace.core.errors import DomainError
from marketplace.orders import services as orders
from marketplace.orders.models import CancelReason, Order, OrderStatus

from ..errors import AlreadyPaid, PaymentRunning, PaymentUnclear, ProcessorAway
from ..models import AttemptStatus
from ..processors import AttemptFacts, PaymentState, ProcessorDown, Refused, Started
from ..setup import processor_named, unhurried
from .facts import attempt_by, differs, facts_of, move, read_facts, record_page, refused_attempt, running_attempt
from .settlement import apply

log = logging.getLogger(__name__)

BATCH = 200


def cancel_order(order_id: int, reason: CancelReason, actor_id: int | None = None, note: str = "") -> None:
    """End an order that nobody paid: its page first, then the order and its hold in one transaction.

    Outside any transaction. An order that was canceled before stays as it is.

    Raises:
        AlreadyPaid: the money was quicker, or comes to light now; the order is paid then.
        PaymentRunning: the bank is still deciding.
        ProcessorAway: the page could not be closed; nothing changed.
    """
    try:
        _end(order_id, reason, actor_id, note)
    except ProcessorDown as error:
        raise ProcessorAway from error


def close_running(order_id: int) -> None:
    """Close the page of an order's running attempt, so that the buyer can pay in another way; the order stays.

    Outside any transaction.

    Raises:
        AlreadyPaid: the money was quicker; the order is paid then.
        PaymentRunning: the bank is still deciding.
        PaymentUnclear: a person looks at this attempt.
        ProcessorAway: the page could not be closed; nothing changed.
    """
    running = running_attempt(order_id)
    if running is None:
        return
    if running.problem:
        raise PaymentUnclear
    facts, name = facts_of(running), running.processor
    end_read()
    try:
        state = _close_page(facts, name)
    except ProcessorDown as error:
        raise ProcessorAway from error
    with transaction():
        order = locked(Order, order_id)
        _write_end(facts, state)
        outcome = _outcome(order)
    if outcome is not None:
        raise outcome


def expire_unpaid() -> int:
    """Sweep: every order whose hold has run out is paid after all, or canceled and its pieces given back."""
    query = sa.select(Order.id).where(Order.status == OrderStatus.AWAITING_PAYMENT, Order.hold_until <= clock.now())
    overdue = list(db.session.scalars(query.order_by(Order.hold_until).limit(BATCH)))
    with unhurried():
        return sum(_expire(order_id) for order_id in overdue)


def _expire(order_id: int) -> bool:
    try:
        _end(order_id, CancelReason.EXPIRED, only_overdue=True)
    except (AlreadyPaid, PaymentRunning):
        return False
    except ProcessorDown as error:
        log.warning("order %s: its page cannot be closed now: %s", order_id, error)
        return False
    return True


def _end(
    order_id: int, reason: CancelReason, actor_id: int | None = None, note: str = "", *, only_overdue: bool = False
) -> None:
    payable = running_attempt(order_id) or refused_attempt(order_id)
    facts = facts_of(payable) if payable is not None else None
    name = payable.processor if payable is not None else ""
    end_read()
    state = _close_page(facts, name) if facts is not None else None
    with transaction():
        order = locked(Order, order_id)
        if facts is not None:
            _write_end(facts, state)
        outcome = _outcome(order)
        if outcome is None and (not only_overdue or order.hold_until <= clock.now()):
            orders.cancel_unpaid(order_id, reason, actor_id, note)
    if outcome is not None:
        raise outcome


def _outcome(order: Order) -> DomainError | None:
    """Why this order is not to be canceled, after its page has told how it ended."""
    if order.status in (OrderStatus.PAID, OrderStatus.CLOSED):
        return AlreadyPaid()
    if order.status is OrderStatus.AWAITING_PAYMENT and running_attempt(order.id) is not None:
        return PaymentRunning()
    return None


def _write_end(facts: AttemptFacts, state: PaymentState | None) -> None:
    """What closing the page told; a page with money that does not fit ends the attempt, and its problem stays."""
    if state is None:
        move(facts.id, AttemptStatus.EXPIRED)
        return
    apply(facts.id, state)
    if differs(attempt_by(id=facts.id), state):
        move(facts.id, AttemptStatus.EXPIRED)


def _close_page(facts: AttemptFacts, name: str) -> PaymentState | None:
    """Close the page of a running attempt; None when it never had one, or its processor has left the shop.

    An attempt without a page's name may have one all the same, when the answer was lost: the same key finds it.
    """
    processor = processor_named(name)
    if processor is None:
        log.error("attempt %s: its processor %s is not set up any more", facts.id, name)
        return None
    try:
        if facts.external_id is None:
            facts = _recall(facts, processor.start(facts))
        return processor.cancel(facts)
    except Refused as error:
        log.warning("attempt %s: no page to close: %s", facts.id, error)
        return None
    except ProcessorDown:
        if facts.external_id is None and facts.expires_at <= clock.now():
            return None  # its address never reached us, so nobody was sent there, and it has run out by itself
        raise


def _recall(facts: AttemptFacts, started: Started) -> AttemptFacts:
    record_page(facts.id, started)
    known, _status, _name = read_facts(started.external_id, id=facts.id)
    return known

"""Settling: what the processor says about an attempt becomes our truth, once, whoever asks first."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, locked, transaction
from marketplace.orders import services as orders
from marketplace.orders.errors import StockGone
from marketplace.orders.models import CancelReason, Order, OrderStatus

from .. import mails
from ..models import AttemptStatus, PaymentAttempt
from ..processors import AttemptFacts, PageStatus, PaymentState, Refused
from ..words import paid_with
from .facts import attempt_by, differs, mark_applied, move, note_problem, processor_of, read_facts, running_attempt
from .posting import book_charge
from .refunds import refund_unapplied

log = logging.getLogger(__name__)

CLOCKS_DIFFER = timedelta(minutes=1)  # a page that ran out this early has run out with the hold


def settle(attempt_key: str) -> AttemptStatus:
    """Ask the processor how this attempt stands and make it so; the status afterwards.

    Outside any transaction. Return page, message and reconciler all end here.

    Raises:
        NotFound: no attempt has this key.
        ProcessorDown: no usable answer; nothing changed.
    """
    facts, status, name = read_facts(key=attempt_key)
    if status is AttemptStatus.PAID or facts.external_id is None:
        return status
    state = fetch(facts, name)
    if state is not None:
        with transaction():
            apply(facts.id, state)
    attempt = attempt_by(id=facts.id)
    after = attempt.status
    end_read()
    return after


def fetch(facts: AttemptFacts, processor_name: str) -> PaymentState | None:
    """The processor's truth, None when it does not know the page. Raises ProcessorDown."""
    try:
        return processor_of(processor_name).fetch(facts)
    except Refused as error:
        log.error("attempt %s: the processor does not know its page: %s", facts.id, error)
        return None


def apply(attempt_id: int, state: PaymentState) -> None:
    """Write a fetched truth: attempt, order, stock and mails in the caller's one transaction."""
    attempt = attempt_by(id=attempt_id)
    order = locked(Order, attempt.order_id)  # the order first, always: two that settle wait here for one another
    attempt = attempt_by(id=attempt_id)
    problem = differs(attempt, state)
    if problem:
        if attempt.status is not AttemptStatus.PAID:
            log.error("attempt %s does not fit: %s", attempt_id, problem)
            note_problem(attempt_id, f"does not fit: {problem}, which is {state.status}")
        return
    _STEPS[state.status](attempt, order, state)
    if state.problem:
        log.error("attempt %s: %s", attempt_id, state.problem)
        note_problem(attempt_id, state.problem)


def _open(attempt: PaymentAttempt, order: Order, state: PaymentState) -> None:
    """Nothing has happened; a page whose name was lost on the way gets it back."""
    if attempt.status is AttemptStatus.CREATED:
        move(attempt.id, AttemptStatus.OPEN, external_id=state.external_id)


def _processing(attempt: PaymentAttempt, order: Order, state: PaymentState) -> None:
    move(attempt.id, AttemptStatus.PROCESSING, external_id=state.external_id, method=state.method)


def _paid(attempt: PaymentAttempt, order: Order, state: PaymentState) -> None:
    other = _other_with_charge(attempt, state.charge_id)
    if other is not None:
        log.error("attempt %s: its charge %s settled attempt %s already", attempt.id, state.charge_id, other)
        note_problem(attempt.id, f"its charge {state.charge_id} settled attempt {other} already")
        return
    now = clock.now()
    if move(attempt.id, AttemptStatus.PAID, paid_at=now, external_id=state.external_id, **_charge(state, now)):
        reason = _pay_order(attempt, order)
        mark_applied(attempt.id, is_applied=not reason)
        book_charge(attempt_by(id=attempt.id))
        if reason:
            refund_unapplied(attempt.id, reason)


def _charge(state: PaymentState, now: datetime) -> dict[str, Any]:
    is_fee_known = state.fee_amount is not None and state.net_amount is not None
    return {
        "fee_booked_at": now if is_fee_known else None,
        "charge_id": state.charge_id,
        "fee_amount": state.fee_amount,
        "net_amount": state.net_amount,
        "settle_currency": state.settle_currency,
        "method": state.method,
    }


def _other_with_charge(attempt: PaymentAttempt, charge_id: str | None) -> int | None:
    if charge_id is None:
        return None
    return db.session.scalar(
        sa.select(PaymentAttempt.id).where(
            PaymentAttempt.processor == attempt.processor,
            PaymentAttempt.charge_id == charge_id,
            PaymentAttempt.id != attempt.id,
        )
    )


def _pay_order(attempt: PaymentAttempt, order: Order) -> str:
    """The attempt has just become paid: so does its order. '', or why the money goes back (payments/reasons.py)."""
    try:
        if order.status is OrderStatus.CANCELED:
            orders.revive(order.id)
        if orders.mark_paid(order.id, clock.now(), paid_with(attempt.processor, attempt.offer)):
            return ""
        log.error("attempt %s paid order %s a second time", attempt.id, order.public_no)
        note_problem(attempt.id, "second payment: the order was paid already; it goes back")
        return "paid_twice"
    except StockGone:
        log.error("attempt %s: late money for order %s, whose pieces are gone", attempt.id, order.public_no)
        note_problem(attempt.id, "late money: the order was canceled and its pieces are gone; it goes back")
        return "paid_late"


def _failed(attempt: PaymentAttempt, order: Order, state: PaymentState) -> None:
    """Order and hold stay as they are, so that the buyer can try again (payments.md 7).

    What was paid stays paid: money that the processor takes back later is a case for a person.
    """
    if attempt.status is AttemptStatus.PAID:
        note_problem(attempt.id, "taken back: it was paid, and the processor now says that it failed")
    waited = attempt.status is AttemptStatus.PROCESSING
    if move(attempt.id, AttemptStatus.FAILED, external_id=state.external_id) and waited:
        mails.failed(order, attempt.id)


def _expired(attempt: PaymentAttempt, order: Order, state: PaymentState) -> None:
    move(attempt.id, AttemptStatus.EXPIRED, external_id=state.external_id)
    awaiting = order.status is OrderStatus.AWAITING_PAYMENT
    if awaiting and order.hold_until <= clock.now() + CLOCKS_DIFFER and running_attempt(order.id) is None:
        orders.cancel_unpaid(order.id, CancelReason.EXPIRED)


_STEPS = {
    PageStatus.OPEN: _open,
    PageStatus.PROCESSING: _processing,
    PageStatus.PAID: _paid,
    PageStatus.FAILED: _failed,
    PageStatus.EXPIRED: _expired,
}

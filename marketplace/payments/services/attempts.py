"""Trying to pay: the attempt's row, the processor's page, and once more after a refusal."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.core.ids import hash_token, new_key
from marketplace.core.money import Money
from marketplace.orders.models import Order, OrderStatus

from ..bills import bill_of
from ..errors import AlreadyPaid, HoldOver, PaymentRunning, PaymentUnclear, ProcessorAway
from ..models import AttemptStatus, PaymentAttempt
from ..offers import SOON
from ..processors import AttemptFacts, ProcessorDown, Refused, Started
from ..setup import offer_for, offers, processor_named, site_url
from .closing import close_running
from .facts import facts_of, latest_attempt, move, note_problem, processor_of, read_facts, record_page, running_attempt
from .settlement import apply, settle

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3
LONGEST_HOLD = timedelta(days=3)  # nobody keeps a piece from others by trying to pay again and again


def new_attempt(order_id: int, offer_name: str | None = None) -> int:
    """Write an attempt to pay, with everything that will be sent, in the caller's transaction; returns its id.

    `offer_name` is a way to pay of `setup.offers`, or a processor's name for its first; None: the shop's first. Where a
    way takes longer than the hold has left, the hold grows with it; a page is never open longer than its way needs.

    Raises:
        PaymentsNotSetUp: the shop has nobody who takes this money.
        OfferGone: not in this way.
        HoldOver: the order has been held for as long as any may be.
    """
    with transaction() as session:
        order = locked(Order, order_id)
        offer = offer_for(Money(order.total_amount, order.currency), offer_name)
        chosen = processor_of(offer.processor)
        now, key = clock.now(), new_key()
        needed = max(chosen.shortest_page, offer.hold)
        if now + needed > order.placed_at + LONGEST_HOLD:
            raise HoldOver
        order.hold_until = max(order.hold_until, now + needed)
        closes_at = min(order.hold_until, now + max(needed, SOON))
        attempt = PaymentAttempt(
            key=key,
            order_id=order.id,
            processor=chosen.name,
            offer=offer.name,
            livemode=chosen.livemode,
            amount=order.total_amount,
            currency=order.currency,
            request_json=chosen.prepare(bill_of(order, key, closes_at, site_url(), offer.method)),
            expires_at=closes_at,
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
        state = processor_of(name).cancel(replace(known, redirect_url=started.redirect_url))
    except (ProcessorDown, ProcessorAway, Refused):
        log.exception("attempt %s: its late page stays open until %s", facts.id, facts.expires_at)
        return
    with transaction():
        apply(facts.id, state)  # somebody may have paid there already


def _give_up(attempt_id: int, reason: str) -> None:
    with transaction():
        if move(attempt_id, AttemptStatus.FAILED):
            note_problem(attempt_id, f"the processor refused: {reason}")


def _page_of(attempt_id: int) -> str | None:
    facts, status, _name = read_facts(id=attempt_id)
    if status is not AttemptStatus.OPEN or facts.expires_at <= clock.now():
        return None
    return db.session.scalar(sa.select(PaymentAttempt.redirect_url).where(PaymentAttempt.id == attempt_id)) or None


def pay_again(token: str, offer_name: str | None = None) -> str:
    """Where the buyer of this order can pay it: the page that is still open, or a new attempt's.

    `offer_name` is another way to pay: the page of the one before is closed first, so that one at a time can be paid.

    Raises:
        NotFound: no order has this token.
        AlreadyPaid, HoldOver, PaymentRunning, PaymentUnclear: there is nothing to pay now.
        OfferGone: not in this way.
        ProcessorAway: no page could be had; the order is kept and can be tried again.
    """
    order = db.session.scalar(sa.select(Order).where(Order.token_hash == hash_token(token)))
    if order is None:
        raise NotFound("order")
    order_id, began = order.id, time.monotonic()
    if offer_name is not None:
        _leave_other_way(order, offer_name)
    _leave_refused_page(order_id)
    with transaction():
        attempt_id = _attempt_to_pay(order_id, offer_name)
    _facts, status, _name = read_facts(id=attempt_id)
    if status is not AttemptStatus.CREATED:
        attempt_id = _after_asking(attempt_id, order_id, offer_name)
        _facts, status, _name = read_facts(id=attempt_id)
    if status is AttemptStatus.CREATED and time.monotonic() - began > PATIENCE_SECONDS:
        raise ProcessorAway  # another slow call would keep the buyer waiting for more than 20 s
    address = start(attempt_id)
    if address is None:
        raise ProcessorAway
    return address


def _leave_other_way(order: Order, offer_name: str) -> None:
    """Close the page of a running attempt in another way than this."""
    wanted = offer_for(Money(order.total_amount, order.currency), offer_name)
    running = running_attempt(order.id)
    if running is not None and running.offer != wanted.name:
        close_running(order.id)
    end_read()


def _leave_refused_page(order_id: int) -> None:
    """Close the page where a bank has said no, where its processor lets the buyer try again on it: with a new one
    beside it, somebody could pay on both.
    """
    last = latest_attempt(order_id)
    processor = processor_named(last.processor) if last is not None else None
    is_left = last is not None and last.status is AttemptStatus.FAILED and last.expires_at > clock.now()
    if last is None or processor is None or not is_left or not processor.keeps_refused_pages:
        end_read()
        return
    facts = facts_of(last)
    end_read()
    try:
        state = processor.cancel(facts)
    except (ProcessorDown, Refused) as error:
        log.warning("attempt %s: its refused page stays open until %s: %s", facts.id, facts.expires_at, error)
        return
    with transaction():
        apply(facts.id, state)


def _attempt_to_pay(order_id: int, offer_name: str | None) -> int:
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
    return new_attempt(order_id, offer_name or _usual_offer(order))


def _usual_offer(order: Order) -> str | None:
    """The way that the buyer chose last, while the shop still has it."""
    last = latest_attempt(order.id)
    names = [offer.name for offer in offers(Money(order.total_amount, order.currency))]
    return last.offer if last is not None and last.offer in names else None


def _after_asking(attempt_id: int, order_id: int, offer_name: str | None) -> int:
    """An attempt that has a page: ask how it stands before sending anybody there."""
    facts, _status, _name = read_facts(id=attempt_id)
    try:
        settle(facts.key)
    except ProcessorDown as error:
        raise ProcessorAway from error
    _facts, status, _name = read_facts(id=attempt_id)
    if status is AttemptStatus.PROCESSING:
        raise PaymentRunning
    if status is AttemptStatus.OPEN:
        return attempt_id
    _leave_refused_page(order_id)
    with transaction():
        return _attempt_to_pay(order_id, offer_name)

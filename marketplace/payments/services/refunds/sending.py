"""Sending: write the intent, call, write the answer. A lost answer keeps the key; a definite no ends the refund."""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, transaction
from marketplace.core.tasks import job
from marketplace.orders.models import Order, SellerOrder

from ... import mails
from ...errors import ProcessorAway
from ...models import PaymentAttempt, Refund, RefundChannel, RefundStatus
from ...processors import NeedsTransfer, PaymentProcessor, ProcessorDown, RefundFacts, RefundState, Refused
from ...queries.refunding import is_asked_back, is_disputed, is_disputed_payment
from ...setup import unhurried
from ..facts import facts_of, processor_of
from .moving import apply, fail, held

log = logging.getLogger(__name__)

LOST_AFTER = timedelta(minutes=10)  # so long an answer may be on its way
ASK_AGAIN = timedelta(hours=1)  # how often a refund that the bank still works on is asked about
BATCH = 100


@job("send_refund")
def _send_in_worker(refund_id: int) -> None:
    with unhurried():
        send_refund(refund_id)


def send_refund(refund_id: int) -> bool:
    """Send a refund that was asked for; tells whether its end, or the bank's taking it on, is known now.

    Outside any transaction. Safe at any time and twice at once: the processor acts once for a key, and the first
    answer that is written wins. Where an earlier answer was lost, the processor is asked what became of it first.

    Raises:
        NotFound: there is no such refund.
    """
    intent = _intend(refund_id)
    if intent is None:
        return False
    facts, name, was_called = intent
    try:
        processor = processor_of(name)
        state = _look(processor, facts) if was_called else None
        if state is None and was_called and _stands_back(refund_id):
            return False
        state = state or _call(processor, facts)
    except NeedsTransfer as error:
        return _by_hand(refund_id, str(error))
    except Refused as error:
        return _give_up(refund_id, str(error))
    except (ProcessorDown, ProcessorAway) as error:
        log.warning("refund %s waits: %s", refund_id, error)
        _note(refund_id, str(error) or type(error).__name__)
        return False
    with transaction():
        return apply(refund_id, state)


def _intend(refund_id: int) -> tuple[RefundFacts, str, bool] | None:
    """The refund as its processor needs it, with the request written down; None: there is nothing to send (any more).

    The third says whether it was called before: the answer of that call may have been lost.
    """
    with transaction():
        refund, order, part = held(refund_id)
        if refund.status is not RefundStatus.REQUESTED or refund.channel is not RefundChannel.PROCESSOR:
            return None
        was_called = refund.called_at is not None
        if not was_called and _is_disputed(refund, part):
            _stand_back(refund, order, part)
            return None
        if not refund.request_json:
            refund.request_json = _request(refund, order)
        refund.called_at, refund.tries = clock.now(), refund.tries + 1
        db.session.flush()
        return facts(refund), refund.processor, was_called


def _is_disputed(refund: Refund, part: SellerOrder | None) -> bool:
    return is_disputed_payment(refund.attempt_id) if part is None else is_disputed(part.id)


def _stands_back(refund_id: int) -> bool:
    """An earlier call never arrived, and a bank may have asked for the money since."""
    with transaction():
        refund, order, part = held(refund_id)
        if refund.status is not RefundStatus.REQUESTED or not _is_disputed(refund, part):
            return False
        _stand_back(refund, order, part)
        return True


def _stand_back(refund: Refund, order: Order, part: SellerOrder | None) -> None:
    """The buyer's bank was quicker: it waits while the bank asks, and fails when the bank has the money."""
    if is_asked_back(refund.attempt_id):
        refund.error = "waits: the buyer's bank asks for the money"
    else:
        fail(refund, order, part, "the buyer's bank has taken the money")


def _request(refund: Refund, order: Order) -> dict[str, object]:
    try:
        return processor_of(refund.processor).prepare_refund(facts(refund), order.public_no)
    except ProcessorAway:
        return {}  # written when it is back: until then nothing is sent


def facts(refund: Refund) -> RefundFacts:
    """A refund as its processor needs it."""
    attempt = db.session.get_one(PaymentAttempt, refund.attempt_id)
    return RefundFacts(
        id=refund.id,
        key=refund.key,
        attempt=facts_of(attempt),
        charge_id=attempt.charge_id or "",
        amount=refund.total,
        external_id=refund.external_id,
        request=refund.request_json,
    )


def _look(processor: PaymentProcessor, facts: RefundFacts) -> RefundState | None:
    """What became of an earlier call. A no to this question is no answer to it: then nothing is sent."""
    try:
        return processor.find_refund(facts)
    except Refused as error:
        raise ProcessorDown(f"it cannot be looked up: {error}") from error


def _call(processor: PaymentProcessor, facts: RefundFacts) -> RefundState:
    """Before a no is believed the processor's list is read: an earlier call may have acted."""
    try:
        return processor.refund(facts)
    except Refused:
        found = processor.find_refund(facts)
        if found is None:
            raise
        return found


def _give_up(refund_id: int, reason: str) -> bool:
    with transaction():
        return fail(*held(refund_id), reason)


def _by_hand(refund_id: int, reason: str) -> bool:
    """The processor will never send it: the collective does, by a bank transfer."""
    with transaction():
        refund, order, _part = held(refund_id)
        if refund.status is RefundStatus.REQUESTED and refund.channel is RefundChannel.PROCESSOR:
            refund.channel, refund.error = RefundChannel.MANUAL, reason[:300]
            mails.refund_needs_account(order, refund)
    return False


def _note(refund_id: int, error: str) -> None:
    with transaction():
        query = sa.update(Refund).where(Refund.id == refund_id, Refund.status == RefundStatus.REQUESTED)
        db.session.execute(query.values(error=error[:300]))


def send_refunds() -> int:
    """Sweep: refunds whose sending was lost are sent, those that a bank works on are asked about; how many moved."""
    now = clock.now()
    lost = sa.and_(
        Refund.status == RefundStatus.REQUESTED,
        Refund.channel == RefundChannel.PROCESSOR,
        sa.func.coalesce(Refund.called_at, Refund.requested_at) <= now - LOST_AFTER,
    )
    waiting = sa.and_(
        Refund.status == RefundStatus.PENDING,
        Refund.external_id.is_not(None),
        sa.or_(Refund.called_at.is_(None), Refund.called_at <= now - ASK_AGAIN),
    )
    with unhurried():
        return sum(_try(send_refund, ident) for ident in _ids(lost)) + sum(_try(_ask, i) for i in _ids(waiting))


def _ids(condition: sa.ColumnElement[bool]) -> list[int]:
    query = sa.select(Refund.id).where(condition).order_by(Refund.called_at, Refund.id).limit(BATCH)
    found = list(db.session.scalars(query))
    end_read()
    return found


def _try(act: object, refund_id: int) -> bool:
    """One refund that cannot be moved stops no other."""
    try:
        return bool(act(refund_id))  # type: ignore[operator]
    except Exception:
        log.exception("refund %s could not be moved", refund_id)
        return False


def _ask(refund_id: int) -> bool:
    with transaction():
        refund, _order, _part = held(refund_id)
        refund.called_at = clock.now()
        name, external_id = refund.processor, refund.external_id
    if external_id is None:
        return False
    try:
        state = processor_of(name).fetch_refund(external_id)
    except (ProcessorDown, ProcessorAway, Refused) as error:
        log.warning("refund %s: nothing is known now: %s", refund_id, error)
        return False
    with transaction():
        return apply(refund_id, state)

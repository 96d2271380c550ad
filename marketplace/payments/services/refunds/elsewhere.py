"""Refunds of which a processor tells: ours, and those that somebody made in its dashboard."""

from __future__ import annotations

import hashlib
import logging

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.i18n import money
from marketplace.core.ids import new_key
from marketplace.orders.models import Order

from ... import mails
from ...errors import AboveWhatIsLeft, NotAssignable
from ...models import AttemptStatus, PaymentAttempt, Refund, RefundChannel, RefundOrigin, RefundStatus
from ...processors import RefundSaid, RefundState
from ...shares import of_amount
from ..facts import processor_of
from ..posting import book_refund, book_refund_assigned
from . import moving
from .asking import note
from .reading import held_subject
from .writing import count_attempt, put_to_part

log = logging.getLogger(__name__)


class NotOurs(Exception):
    """The processor tells of a refund whose payment is none of this shop's."""


def settle_refund(processor_name: str, external_id: str) -> bool:
    """Ask the processor about a refund that a message names, and write the truth; tells whether anything changed.

    Outside any transaction.

    Raises:
        ProcessorDown, ProcessorAway: no usable answer; nothing changed.
        Refused: the processor does not know it.
        NotOurs, AboveWhatIsLeft: as `take`.
    """
    state = processor_of(processor_name).fetch_refund(external_id)
    with transaction():
        return take(processor_name, state)


def take(processor_name: str, state: RefundState) -> bool:
    """Write what the processor says about one of its refunds, in the caller's transaction.

    One that we did not ask for becomes a row that belongs to no parcel until an admin assigns it.

    Raises:
        NotOurs: its payment is not ours.
        AboveWhatIsLeft: with the refunds that we asked for it would be more than was paid: one of them will fail.
    """
    refund_id = _ours(processor_name, state)
    if refund_id is not None:
        return moving.apply(refund_id, state)
    if state.status is RefundSaid.FAILED:
        return False  # it never came to anything, and we never knew of it
    return _from_dashboard(processor_name, state)


def _ours(processor_name: str, state: RefundState) -> int | None:
    mine = Refund.external_id == state.external_id
    if state.refund_key:
        mine = sa.or_(mine, Refund.key == state.refund_key)
    query = sa.select(Refund.id).where(Refund.processor == processor_name, mine)
    return db.session.scalar(query.order_by(Refund.id).limit(1))


def _from_dashboard(processor_name: str, state: RefundState) -> bool:
    query = sa.select(PaymentAttempt.id, PaymentAttempt.order_id).where(
        PaymentAttempt.processor == processor_name,
        PaymentAttempt.charge_id == state.charge_id,
        PaymentAttempt.status == AttemptStatus.PAID,
    )
    row = db.session.execute(query).first()
    if row is None:
        raise NotOurs(f"no payment has the charge {state.charge_id}")
    order = locked(Order, row.order_id)
    known = _ours(processor_name, state)  # another message was quicker
    if known is not None:
        return moving.apply(known, state)
    attempt = db.session.get_one(PaymentAttempt, row.id, populate_existing=True)
    if state.amount.currency != attempt.currency:
        raise NotOurs(f"it is in {state.amount.currency}, the payment in {attempt.currency}")
    refund = Refund(
        request_key=_request_key(processor_name, state.external_id),
        key=new_key(),
        attempt_id=attempt.id,
        origin=RefundOrigin.DASHBOARD,
        channel=RefundChannel.PROCESSOR,
        processor=processor_name,
        livemode=attempt.livemode,
        status=RefundStatus.PENDING,
        currency=attempt.currency,
        amount=state.amount.amount,
        external_id=state.external_id,
        requested_at=clock.now(),
    )
    count_attempt(attempt.id, refund.amount)
    db.session.add(refund)
    db.session.flush()
    book_refund(refund, None, order_id=order.id)
    note(refund, "refund.found", None)
    log.warning("refund %s was made at %s: %s", refund.id, processor_name, state.external_id)
    if state.status is RefundSaid.SUCCEEDED:
        moving.succeed(refund, order, None, settled=state.settled)
    return True


def _request_key(processor_name: str, external_id: str) -> str:
    name = hashlib.sha256(f"{processor_name}:{external_id}".encode()).hexdigest()
    return f"dashboard:{name[:40]}"


def assign_refund(refund_id: int, seller_order_id: int, by: int) -> None:
    """An admin says which parcel a refund from the processor's dashboard belongs to.

    It is shared over the parcel as a free amount is.

    Raises:
        NotFound: one of them is not there.
        NotAssignable: the refund has a parcel, failed, or is of another order or of a payment without one.
        AboveWhatIsLeft: the parcel has less left.
    """
    with transaction():
        refund, order, part = moving.held(refund_id)
        found = held_subject(seller_order_id)
        is_open = refund.origin is RefundOrigin.DASHBOARD and refund.status is not RefundStatus.FAILED
        if part is not None or not is_open or found.attempt.id != refund.attempt_id:
            raise NotAssignable
        if refund.amount > found.state.left:
            raise AboveWhatIsLeft(left=money(found.part.left))
        put_to_part(refund, found.part, of_amount(found.state, refund.amount))
        book_refund_assigned(refund, found.part, order_id=order.id)
        note(refund, "refund.assign", by)
        mails.refund_by_shop(order, found.part, refund)

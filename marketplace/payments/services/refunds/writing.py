"""A refund's rows and counters, in the caller's transaction and under its locks."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import after_commit, db
from marketplace.core.i18n import money
from marketplace.core.ids import new_key
from marketplace.core.money import Money
from marketplace.core.tasks import enqueue
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.orders.services import complete

from ... import mails
from ...errors import AboveWhatIsLeft
from ...models import PaymentAttempt, Refund, RefundChannel, RefundLine, RefundOrigin, RefundStatus
from ...queries.refunding import Subject
from ...setup import processor_named
from ...shares import Share
from ..facts import facts_of
from ..posting import book_refund


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks for a refund, and why."""

    request_key: str
    origin: RefundOrigin
    by: int | None = None
    reason_code: str = ""
    reason: str = ""
    channel: RefundChannel | None = None  # None: as the payment allows


def write(subject: Subject, share: Share, ask: Ask, *, restock: frozenset[int] = frozenset()) -> Refund:
    """Write a refund of a seller order, count it and book it; the money travels after the commit.

    Raises:
        AboveWhatIsLeft: the payment has less left; nothing was written.
    """
    refund = _row(subject.attempt, ask)
    refund.seller_order_id = subject.part.id
    refund.amount, refund.goods_amount, refund.shipping_amount = share.amount, share.goods, share.shipping
    _in_rupiah(refund, share)
    count_attempt(subject.attempt.id, share.amount)  # before the row: whoever catches its refusal keeps nothing of it
    _add(refund)
    write_lines(refund, subject.part, share, restock)
    book_refund(refund, subject.part, order_id=subject.order.id)
    _send_later(refund, subject.order)
    return refund


def write_whole(attempt: PaymentAttempt, ask: Ask) -> Refund:
    """Write the refund of a payment that no order could take: all that is left of it.

    Raises:
        AboveWhatIsLeft: nothing is.
    """
    refund = _row(attempt, ask)
    refund.amount = attempt.amount - attempt.refunded_amount
    count_attempt(attempt.id, refund.amount)
    _add(refund)
    book_refund(refund, None, order_id=attempt.order_id)
    _send_later(refund, db.session.get_one(Order, attempt.order_id))
    return refund


def write_lines(refund: Refund, part: SellerOrder, share: Share, restock: frozenset[int] = frozenset()) -> None:
    """The lines of a refund, and the counters of its seller order and lines."""
    for line in share.lines:
        db.session.add(
            RefundLine(
                refund_id=refund.id,
                line_id=line.line_id,
                quantity=line.quantity,
                amount=line.amount,
                goods_idr=line.goods_idr,
                commission_idr=line.commission_idr,
                restock=line.line_id in restock and line.quantity > 0,
            )
        )
    db.session.flush()
    count_part(refund, part.id, 1)


def put_to_part(refund: Refund, part: SellerOrder, share: Share) -> None:
    """A refund that named no parcel gets one."""
    refund.seller_order_id = part.id
    refund.goods_amount, refund.shipping_amount = share.goods, share.shipping
    _in_rupiah(refund, share)
    db.session.flush()
    write_lines(refund, part, share)


def count_part(refund: Refund, seller_order_id: int, sign: int) -> None:
    """Add the refund to (1) or take it off (-1) the counters of its seller order and lines.

    The tables' checks refuse what would pass their bounds. A part of which the rest is refunded has left with its last
    parcel (orders.services.complete).
    """
    lines = db.session.execute(
        sa.select(RefundLine.line_id, RefundLine.quantity, RefundLine.amount)
        .where(RefundLine.refund_id == refund.id)
        .order_by(RefundLine.line_id)
    ).all()
    for line_id, quantity, amount in lines:
        query = sa.update(Line).where(Line.id == line_id)
        values = {
            "refunded_quantity": Line.refunded_quantity + sign * quantity,
            "refunded_amount": Line.refunded_amount + sign * amount,
        }
        db.session.execute(query.values(values).execution_options(synchronize_session=False))
    values = {
        "refunded_amount": SellerOrder.refunded_amount + sign * refund.amount,
        "shipping_refunded_amount": SellerOrder.shipping_refunded_amount + sign * refund.shipping_amount,
        "commission_returned_idr": SellerOrder.commission_returned_idr + sign * refund.commission_idr,
        "payable_returned_idr": SellerOrder.payable_returned_idr + sign * refund.payable_idr,
    }
    query = sa.update(SellerOrder).where(SellerOrder.id == seller_order_id)
    db.session.execute(query.values(values).execution_options(synchronize_session=False))
    part = db.session.get(SellerOrder, seller_order_id)
    if part is not None:
        db.session.refresh(part)
        if sign > 0:
            complete(part)


def count_attempt(attempt_id: int, amount: int) -> None:
    """Take `amount` (negative: give it back) from what is left of a payment.

    Raises:
        AboveWhatIsLeft: less is left.
    """
    after = PaymentAttempt.refunded_amount + amount
    is_left = sa.and_(after.between(0, PaymentAttempt.amount), sa.literal(amount) != 0)
    query = sa.update(PaymentAttempt).where(PaymentAttempt.id == attempt_id, is_left)
    done = db.session.execute(query.values(refunded_amount=after).execution_options(synchronize_session=False))
    attempt = db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
    if not done.rowcount:  # type: ignore[attr-defined]
        raise AboveWhatIsLeft(left=money(Money(attempt.amount - attempt.refunded_amount, attempt.currency)))


def channel_of(attempt: PaymentAttempt) -> RefundChannel:
    """Back the way it came, where that way leads back; else by a bank transfer of ours."""
    processor = processor_named(attempt.processor)
    if processor is not None and processor.can_refund(facts_of(attempt), clock.now()):
        return RefundChannel.PROCESSOR
    return RefundChannel.MANUAL


def _row(attempt: PaymentAttempt, ask: Ask) -> Refund:
    return Refund(
        request_key=ask.request_key,
        key=new_key(),
        attempt_id=attempt.id,
        origin=ask.origin,
        channel=ask.channel or channel_of(attempt),
        processor=attempt.processor,
        livemode=attempt.livemode,
        status=RefundStatus.REQUESTED,
        currency=attempt.currency,
        reason_code=ask.reason_code,
        reason=ask.reason[:500],
        requested_by=ask.by,
        requested_at=clock.now(),
    )


def _in_rupiah(refund: Refund, share: Share) -> None:
    refund.payable_idr, refund.commission_idr = share.payable_idr, share.commission_idr
    refund.shipping_idr = share.shipping_idr


def _add(refund: Refund) -> None:
    db.session.add(refund)
    db.session.flush()


def _send_later(refund: Refund, order: Order) -> None:
    """Through the processor when the commit is durable; by hand as soon as the buyer has named an account."""
    if refund.channel is RefundChannel.PROCESSOR:
        after_commit(enqueue, "send_refund", refund.id)
    elif refund.channel is RefundChannel.MANUAL:
        mails.refund_needs_account(order, refund)

"""What an admin decides about a refund: once more after it failed, and what a bank transfer of ours came to."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.core.db import db, transaction
from marketplace.core.errors import IllegalTransition
from marketplace.core.i18n import money
from marketplace.orders.models import SellerOrderStatus

from ...errors import AboveWhatIsLeft, NotRetryable, ReferenceNeeded
from ...models import PaymentAttempt, Refund, RefundChannel, RefundLine, RefundStatus
from ...queries.refunding import Subject
from ...queries.refunds import RETRYABLE
from ...shares import Share, of_all, of_amount, of_pieces
from . import moving
from .asking import note
from .reading import held_subject, refuse_disputed, refuse_disputed_payment
from .writing import Ask, write, write_whole

REFERENCE_LENGTH = 80


def retry_refund(refund_id: int, by: int, *, by_transfer: bool = False) -> int:
    """A refund that failed, asked for anew: a new row with a new key. Said twice, it is the same new row.

    `by_transfer`: the collective sends it by a bank transfer this time (the buyer's card is closed).

    Raises:
        NotFound: there is no such refund.
        NotRetryable: it did not fail, or was not asked for here.
        AboveWhatIsLeft: other refunds have taken what was left.
        DisputeOpen: the buyer's bank has the money, or asks for it.
    """
    with transaction():
        failed, _order, part = moving.held(refund_id)
        if failed.status is not RefundStatus.FAILED or failed.origin not in RETRYABLE:
            raise NotRetryable
        key = f"retry:{failed.id}"
        again = db.session.scalar(sa.select(Refund.id).where(Refund.request_key == key))
        if again is not None:
            return again
        channel = RefundChannel.MANUAL if by_transfer else None
        ask = Ask(key, failed.origin, by, failed.reason_code, failed.reason, channel)
        if part is None:
            refuse_disputed_payment(failed.attempt_id)
            attempt = db.session.get_one(PaymentAttempt, failed.attempt_id, populate_existing=True)
            refund = write_whole(attempt, ask)
        else:
            found = held_subject(part.id)
            refuse_disputed(found.part.id)
            share, restock = _same(failed, found)
            if found.part.status is SellerOrderStatus.CANCELED:
                restock = frozenset()  # its pieces went back when it was canceled
            refund = write(found, share, ask, restock=restock)
        note(refund, "refund.retry", by, of=failed.id)
        return refund.id


def _same(failed: Refund, found: Subject) -> tuple[Share, frozenset[int]]:
    """The same pieces and the same sum where they are still left, else the same sum as a free amount."""
    rows = db.session.scalars(sa.select(RefundLine).where(RefundLine.refund_id == failed.id)).all()
    restock = frozenset(row.line_id for row in rows if row.restock) if failed.restocked_at is None else frozenset()
    if failed.amount > found.left.amount:
        raise AboveWhatIsLeft(left=money(found.left))
    if failed.amount == found.state.left:
        return of_all(found.state), restock
    left = {line.id: line.quantity_left for line in found.state.lines}
    quantities = {row.line_id: row.quantity for row in rows if row.quantity}
    is_there = all(count <= left[line_id] for line_id, count in quantities.items())
    if quantities and is_there and failed.shipping_amount <= found.state.shipping_left:
        share = of_pieces(found.state, quantities, failed.shipping_amount)
        if share.amount == failed.amount:
            return share, restock
    return of_amount(found.state, failed.amount), frozenset()


def mark_refund_sent(refund_id: int, bank_reference: str, by: int) -> None:
    """An admin has sent a refund by bank transfer; saying it twice is fine.

    Raises:
        NotFound: there is no such refund.
        ReferenceNeeded: without the bank's reference nobody finds it again.
        IllegalTransition: it is none of ours to send, or it failed.
        DisputeOpen: the buyer's bank has the money, or asks for it.
    """
    reference = " ".join(bank_reference.split())[:REFERENCE_LENGTH]
    if not reference:
        raise ReferenceNeeded
    with transaction():
        refund, order, part = moving.held(refund_id)
        if refund.channel is not RefundChannel.MANUAL or refund.status is RefundStatus.FAILED:
            raise IllegalTransition(refund.status, RefundStatus.SUCCEEDED)
        if refund.status is RefundStatus.REQUESTED:
            if part is None:
                refuse_disputed_payment(refund.attempt_id)
            else:
                refuse_disputed(part.id)
        if moving.succeed(refund, order, part, bank_reference=reference):
            note(refund, "refund.sent", by, bank_reference=reference)


def mark_refund_failed(refund_id: int, reason: str, by: int) -> None:
    """A bank transfer of ours cannot be sent, or came back; saying it twice is fine.

    Raises:
        NotFound: there is no such refund.
        IllegalTransition: it travels through a processor, which says itself how it ends.
    """
    with transaction():
        refund, order, part = moving.held(refund_id)
        if refund.channel is not RefundChannel.MANUAL:
            raise IllegalTransition(refund.status, RefundStatus.FAILED)
        if moving.fail(refund, order, part, reason or "the transfer did not arrive"):
            note(refund, "refund.failed", by, reason)

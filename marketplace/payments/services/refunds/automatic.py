"""Refunds that nobody has to ask for: a paid part that is canceled, a payment that no order could take, and what a
lost dispute has taken already.
"""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.money import Money
from marketplace.orders.models import Order
from marketplace.orders.signals import part_canceled

from ...errors import AboveWhatIsLeft, NotPaid
from ...models import AttemptStatus, PaymentAttempt, Refund, RefundChannel, RefundOrigin
from ...queries.refunding import is_disputed, is_disputed_payment
from ...shares import of_all, of_amount
from . import moving
from .asking import note
from .reading import held_subject
from .writing import Ask, write, write_whole

log = logging.getLogger(__name__)

AN_HOUR = timedelta(hours=1)
BATCH = 50


@part_canceled.connect
def _refund_canceled(_sender: object, *, seller_order_id: int, by: int | None) -> None:
    """A paid part ended before it was sent: all that is left of it goes back, in the same transaction.

    Under a dispute nothing goes: the part stays among those whose money is still here (orders.queries.refunds_owed).
    """
    if is_disputed(seller_order_id):
        log.warning("seller order %s was canceled under a dispute: no refund was made", seller_order_id)
        return
    try:
        refund_rest(seller_order_id, RefundOrigin.CANCELED, by=by, reason_code="canceled")
    except (NotPaid, AboveWhatIsLeft):
        log.exception("seller order %s was canceled and cannot be refunded by itself", seller_order_id)


def refund_rest(
    seller_order_id: int,
    origin: RefundOrigin,
    *,
    by: int | None,
    reason_code: str,
    reason: str = "",
    amount: Money | None = None,
    channel: RefundChannel | None = None,
    request_key: str = "",
    settled: Money | None = None,
) -> int | None:
    """Refund all that is left of a seller order (or `amount` of it), once per `request_key`; None: nothing is left.

    Joins the caller's transaction. With channel NONE the money has left already: the refund has succeeded at once,
    and `settled` is what left in the currency of settlement.
    Nothing here looks at disputes.

    Raises:
        NotFound, NotPaid: there is nothing that was paid.
        AboveWhatIsLeft: the payment has less left than the seller order (a refund waits to be assigned).
    """
    with transaction():
        found = held_subject(seller_order_id)
        key = request_key or f"{origin}:{found.part.id}"
        known = db.session.scalar(sa.select(Refund.id).where(Refund.request_key == key))
        if known is not None or not found.state.left or (amount is not None and not amount):
            return known
        share = of_all(found.state)
        if amount is not None and amount < found.part.left:
            share = of_amount(found.state, amount.amount)
        refund = write(found, share, Ask(key, origin, by, reason_code, reason, channel))
        note(refund, "refund.ask", by)
        if refund.channel is RefundChannel.NONE:
            moving.succeed(refund, found.order, found.part, settled=settled)
        return refund.id


def refund_unapplied_left() -> int:
    """Sweep: payments that no order took and of which nothing was asked back: those from before there were refunds.

    After the messages, which may tell of a refund made in the processor's dashboard.
    """
    asked = sa.exists().where(Refund.attempt_id == PaymentAttempt.id)
    query = sa.select(PaymentAttempt.id, PaymentAttempt.order_id).where(
        PaymentAttempt.status == AttemptStatus.PAID,
        PaymentAttempt.is_applied.is_(False),
        PaymentAttempt.paid_at < clock.now() - AN_HOUR,
        ~asked,
    )
    left = db.session.execute(query.order_by(PaymentAttempt.id).limit(BATCH)).all()
    return sum(_refund_left(attempt_id, order_id) for attempt_id, order_id in left)


def _refund_left(attempt_id: int, order_id: int) -> bool:
    with transaction():
        locked(Order, order_id)
        known = db.session.scalar(sa.select(Refund.id).where(Refund.attempt_id == attempt_id).limit(1))
        if known is not None or is_disputed_payment(attempt_id):
            return False
        refund_unapplied(attempt_id, "paid_twice")
    return True


def refund_unapplied(attempt_id: int, reason_code: str) -> int:
    """A payment that its order could not take goes back whole; joins the transaction that settles it.

    Raises:
        AboveWhatIsLeft: it went back before.
    """
    with transaction():
        attempt = db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
        refund = write_whole(attempt, Ask(f"unapplied:{attempt.id}", RefundOrigin.UNAPPLIED, None, reason_code))
        note(refund, "refund.ask", None)
        return refund.id

"""Earning: the hold after delivery is over, and the money becomes the workshop's. Rules: payments.md 7 and 8."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.orders.models import Order, OrderStatus, SellerOrder, SellerOrderStatus

from ..models import AttemptStatus, PaymentAttempt
from ..queries.holding import is_disputed_part, is_short_part
from .posting import book_earned

log = logging.getLogger(__name__)

BATCH = 500
FINAL = (SellerOrderStatus.EARNED, SellerOrderStatus.CANCELED)


def earn_due() -> int:
    """Sweep: every delivered part whose hold is over and that nothing stops; how many were earned."""
    query = sa.select(SellerOrder.id).where(
        SellerOrder.status == SellerOrderStatus.DELIVERED,
        SellerOrder.payable_on <= clock.today(),
        ~is_disputed_part(),
        ~is_short_part(),
    )
    due = list(db.session.scalars(query.order_by(SellerOrder.payable_on, SellerOrder.id).limit(BATCH)))
    end_read()
    return sum(_earn_one(seller_order_id) for seller_order_id in due)


def _earn_one(seller_order_id: int) -> bool:
    try:
        return earn(seller_order_id)
    except Exception:
        log.exception("seller order %s could not be earned", seller_order_id)
        return False


def earn(seller_order_id: int) -> bool:
    """Move a part to `earned` and book it, once; its order is closed with its last part.

    False, and nothing changed: it is not delivered, its day has not come, a dispute stops it, or a piece of it was
    neither sent nor paid back (queries/holding.py).

    Raises:
        NotFound: there is no such part.
    """
    with transaction():
        order_id = db.session.scalar(sa.select(SellerOrder.order_id).where(SellerOrder.id == seller_order_id))
        if order_id is None:
            raise NotFound("SellerOrder", seller_order_id)
        order = locked(Order, order_id)  # as a dispute does: of the two, the second sees what the first did
        part = locked(SellerOrder, seller_order_id)
        livemode = _livemode(order_id)
        if livemode is None or not _is_due(part):
            return False
        part.move_to(SellerOrderStatus.EARNED, clock.now())
        db.session.flush()
        book_earned(part, livemode=livemode)
        _close(order)
    return True


def _is_due(part: SellerOrder) -> bool:
    if part.status is not SellerOrderStatus.DELIVERED or part.payable_on is None or part.payable_on > clock.today():
        return False
    reasons = sa.or_(is_disputed_part(), is_short_part())
    stopped = sa.select(SellerOrder.id).where(SellerOrder.id == part.id, reasons)
    return db.session.scalar(stopped) is None


def _livemode(order_id: int) -> bool | None:
    """Of the payment that the order took; None: there is none, which no delivered part should ever see."""
    query = sa.select(PaymentAttempt.livemode).where(
        PaymentAttempt.order_id == order_id,
        PaymentAttempt.status == AttemptStatus.PAID,
        PaymentAttempt.is_applied,
    )
    found = db.session.scalar(query.order_by(PaymentAttempt.id).limit(1))
    if found is None:
        log.error("order %s has no applied payment: nothing of it can be earned", order_id)
    return found


def _close(order: Order) -> None:
    """The order ends with its last part; parts that were canceled have ended before."""
    if order.status is not OrderStatus.PAID:
        return
    query = sa.select(SellerOrder.id).where(SellerOrder.order_id == order.id, SellerOrder.status.not_in(FINAL))
    if db.session.scalar(query.limit(1)) is None:
        order.move_to(OrderStatus.CLOSED, clock.now())

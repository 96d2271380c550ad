"""Paid, canceled, revived: what money (or its absence) does to an order. Rules: payments.md 7, security.md 1–6."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.catalog import changes, stock
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.i18n import Lazy

from .. import mails
from ..errors import AlreadyPaid, StockGone
from ..models import CancelReason, Line, Order, OrderStatus, SellerOrder, SellerOrderStatus


def mark_paid(order_id: int, at: datetime, paid_with: Lazy | str = "") -> bool:
    """The money is here: order and seller orders become paid, buyer and workshops are told.

    `paid_with` are the words of the receipt for how it was paid. Joins the transaction of `payments.services.settle`.
    False when the order was paid before: nothing changes then.

    Raises:
        IllegalTransition: the order cannot be paid any more.
        StockGone: it was canceled and its pieces went back: `revive` it first.
    """
    with transaction():
        order = locked(Order, order_id)
        if order.status in (OrderStatus.PAID, OrderStatus.CLOSED):
            return False
        if order.stock_returned_at is not None:
            raise StockGone
        order.move_to(OrderStatus.PAID, at)
        parts = _parts(order_id)
        for part in parts:
            part.move_to(SellerOrderStatus.PAID, at)
        mails.paid(order, paid_with)
        for part in parts:
            mails.new(order, part)
    return True


def cancel_unpaid(order_id: int, reason: CancelReason, actor_id: int | None = None, note: str = "") -> bool:
    """End an order that nobody paid, and give its pieces back, once. False when it had ended already.

    The processor's page must have been closed before (`payments.services`), or late money will revive the order.

    Raises:
        AlreadyPaid: the money came first.
    """
    with transaction():
        order = locked(Order, order_id)
        if order.status is OrderStatus.CANCELED:
            return False
        if order.status is not OrderStatus.AWAITING_PAYMENT:
            raise AlreadyPaid
        now = clock.now()
        order.move_to(OrderStatus.CANCELED, now)
        order.canceled_reason = reason
        for part in _parts(order_id):
            part.move_to(SellerOrderStatus.CANCELED, now)
            part.cancel_code = reason.value
        _return_stock(order_id, now)
        mails.canceled(order)
        if actor_id is not None:
            record(
                "order.cancel",
                "order",
                order_id,
                actor_id,
                before={"status": OrderStatus.AWAITING_PAYMENT.value},
                after={"status": OrderStatus.CANCELED.value, "reason": reason.value},
                reason=note,
            )
    return True


def revive(order_id: int) -> None:
    """Late money for a canceled order: take its pieces again, all or none; `mark_paid` follows.

    Joins the caller's transaction, which stays usable when the pieces are gone.

    Raises:
        StockGone: a piece was sold in the meantime; nothing was taken.
    """
    with transaction() as session:
        order = locked(Order, order_id)
        if order.stock_returned_at is None:
            return
        try:
            with session.begin_nested():
                stock.take(_demand(order_id))
                order.stock_returned_at = None
        except stock.OutOfStock as error:
            raise StockGone from error
        changes.append(_listings(order_id))


def _parts(order_id: int) -> list[SellerOrder]:
    query = sa.select(SellerOrder).where(SellerOrder.order_id == order_id).order_by(SellerOrder.id)
    return list(db.session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _return_stock(order_id: int, now: datetime) -> None:
    """The guard is a conditional UPDATE: of two that want to give back, one finds a row."""
    won = db.session.execute(
        sa.update(Order).where(Order.id == order_id, Order.stock_returned_at.is_(None)).values(stock_returned_at=now)
    )
    if won.rowcount:  # type: ignore[attr-defined]
        stock.give_back(_demand(order_id))
        changes.append(_listings(order_id))


def _demand(order_id: int, seller_order_id: int | None = None) -> dict[int, int]:
    """Pieces per variant, those made to order left out, and those that a refund has decided about."""
    query = (
        sa.select(Line.variant_id, sa.func.sum(Line.quantity - Line.refunded_quantity))
        .join(SellerOrder, SellerOrder.id == Line.seller_order_id)
        .where(SellerOrder.order_id == order_id, Line.takes_stock, Line.quantity > Line.refunded_quantity)
        .group_by(Line.variant_id)
    )
    if seller_order_id is not None:
        query = query.where(SellerOrder.id == seller_order_id)
    return {variant_id: int(count) for variant_id, count in db.session.execute(query)}


def _listings(order_id: int, seller_order_id: int | None = None) -> list[int]:
    query = (
        sa.select(Line.listing_id)
        .join(SellerOrder, SellerOrder.id == Line.seller_order_id)
        .where(SellerOrder.order_id == order_id, Line.takes_stock)
        .distinct()
    )
    if seller_order_id is not None:
        query = query.where(SellerOrder.id == seller_order_id)
    return list(db.session.scalars(query))


def return_part(part: SellerOrder) -> None:
    """A refused part gives its own pieces back; its state, moved before under lock, makes that happen once."""
    stock.give_back(_demand(part.order_id, part.id))
    changes.append(_listings(part.order_id, part.id))

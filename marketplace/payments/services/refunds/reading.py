"""Holding what a refund is computed from."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.core.db import db, locked
from marketplace.core.errors import NotFound
from marketplace.orders.models import Order, SellerOrder

from ...errors import DisputeOpen
from ...queries.refunding import Subject, is_disputed, is_disputed_payment, subject


def held_subject(seller_order_id: int, workshop_id: int | None = None) -> Subject:
    """`queries.refunding.subject`, its order and seller order held until the caller's transaction ends.

    The order first, always, as settling does: two that want the same money wait here for one another.

    Raises:
        NotFound, NotPaid: as there.
    """
    owner = {} if workshop_id is None else {"workshop_id": workshop_id}
    order_id = db.session.scalar(sa.select(SellerOrder.order_id).filter_by(id=seller_order_id, **owner))
    if order_id is None:
        raise NotFound("SellerOrder", seller_order_id)
    locked(Order, order_id)
    locked(SellerOrder, seller_order_id, **owner)
    return subject(seller_order_id, workshop_id)


def refuse_disputed_payment(attempt_id: int) -> None:
    """Raises DisputeOpen: the buyer's bank asks for this payment, which no parcel stands for, or has taken it."""
    if is_disputed_payment(attempt_id):
        raise DisputeOpen


def refuse_disputed(seller_order_id: int) -> None:
    """Raises DisputeOpen: the buyer's bank asks for this money, or has taken it."""
    if is_disputed(seller_order_id):
        raise DisputeOpen

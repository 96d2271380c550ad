"""What of a seller order is still to be sent: the one rule, for a row and for a statement.

Of a line's pieces those are to be sent that are neither in a parcel nor refunded. A refund of pieces therefore takes
those that have not left before those that have; whoever pays for a piece that arrived damaged while its like are still
at the bench gives back a sum of money, which takes no piece. When all the money has gone back, nothing is to be sent.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from marketplace.core.db import db

from .models import Line, SellerOrder, Shipment, ShipmentLine


def left_of(quantity: int, refunded: int, sent: int) -> int:
    """How many pieces of a line are still to be sent. After a refund of sent pieces the sum would fall below zero."""
    return max(0, quantity - refunded - sent)


def left_to_send(part: SellerOrder) -> dict[int, int]:
    """Pieces by line that are still to be sent, lines without any left out; the caller holds the part's row."""
    if not part.left:
        return {}
    sent = {line_id: int(count) for line_id, count in db.session.execute(_sent(part.id))}
    rows = db.session.execute(
        sa.select(Line.id, Line.quantity, Line.refunded_quantity)
        .where(Line.seller_order_id == part.id)
        .order_by(Line.id)
    )
    left = {ident: left_of(quantity, refunded, sent.get(ident, 0)) for ident, quantity, refunded in rows}
    return {ident: count for ident, count in left.items() if count}


def _sent(seller_order_id: int) -> sa.Select[int, int]:
    return (
        sa.select(ShipmentLine.line_id, sa.func.sum(ShipmentLine.quantity))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(Shipment.seller_order_id == seller_order_id)
        .group_by(ShipmentLine.line_id)
    )


def has_to_send() -> sa.ColumnElement[bool]:
    """In a statement over SellerOrder: whether a piece of it is still to be sent."""
    sent = (
        sa.select(sa.func.coalesce(sa.func.sum(ShipmentLine.quantity), 0))
        .where(ShipmentLine.line_id == Line.id)
        .correlate(Line)
        .scalar_subquery()
    )
    owed = sa.exists().where(Line.seller_order_id == SellerOrder.id, Line.quantity > Line.refunded_quantity + sent)
    return sa.and_(SellerOrder.refunded_amount < SellerOrder.total_amount, owed.correlate(SellerOrder))


def has_left() -> sa.ColumnElement[bool]:
    """In a statement over SellerOrder: whether a parcel of it has left."""
    return sa.exists().where(Shipment.seller_order_id == SellerOrder.id).correlate(SellerOrder)


def last_parcels(*, since: date) -> sa.Select[int, date, date]:
    """(seller order, `ship_by_on`, `last_on`) of every part that has left whole, its last parcel on this day or later.

    On time is whoever sent the last piece on time: a part counts once, however many parcels it travelled in.
    """
    last_on = sa.func.max(Shipment.shipped_on)
    return (
        sa.select(SellerOrder.id, SellerOrder.ship_by_on, last_on.label("last_on"))
        .join(Shipment, Shipment.seller_order_id == SellerOrder.id)
        .where(SellerOrder.shipped_at.is_not(None))
        .group_by(SellerOrder.id, SellerOrder.ship_by_on)
        .having(last_on >= since)
    )

"""An order as a processor's page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import speaking
from marketplace.core.markets import MARKETS
from marketplace.core.money import Money
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.workshops.models import Workshop

from .processors import Bill, BillLine, BillParcel


def bill_of(order: Order, key: str, expires_at: datetime, site_url: str, method: str = "") -> Bill:
    """Everything frozen in the order; the addresses are those of the market it was placed in."""
    market = MARKETS.get(order.market)
    path = f"{'/' + market.prefix if market and market.prefix else ''}/orders/{order.token}"
    return Bill(
        key=key,
        number=order.public_no,
        email=order.email,
        language=order.language,
        total=Money(order.total_amount, order.currency),
        parcels=_parcels(order),
        return_url=f"{site_url}{path}/return",
        cancel_url=f"{site_url}{path}/payment",
        expires_at=expires_at,
        method=method,
    )


def _parcels(order: Order) -> tuple[BillParcel, ...]:
    parcels = db.session.execute(
        sa.select(SellerOrder, Workshop.name)
        .join(Workshop, Workshop.id == SellerOrder.workshop_id)
        .where(SellerOrder.order_id == order.id)
        .order_by(SellerOrder.id)
    ).all()
    ids = [parcel.id for parcel, _name in parcels]
    lines = db.session.scalars(sa.select(Line).where(Line.seller_order_id.in_(ids)).order_by(Line.id)).all()
    with speaking(order.language):
        return tuple(_parcel(parcel, name, lines, order.language) for parcel, name in parcels)


def _parcel(parcel: SellerOrder, workshop: str, lines: Sequence[Line], language: str) -> BillParcel:
    return BillParcel(
        workshop=workshop,
        lines=tuple(_line(line, language) for line in lines if line.seller_order_id == parcel.id),
        shipping=Money(parcel.shipping_amount, parcel.currency),
        shipping_name=_("Shipping from %(workshop)s", workshop=workshop),
        total=Money(parcel.total_amount, parcel.currency),
    )


def _line(line: Line, language: str) -> BillLine:
    title = (line.title_id or line.title_en) if language == "id" else (line.title_en or line.title_id)
    return BillLine(", ".join(filter(None, (title, line.size))), Money(line.unit_amount, line.currency), line.quantity)

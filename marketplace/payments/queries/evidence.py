"""What this shop knows by itself against a dispute. In English, whoever reads it: banks do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from marketplace.accounts import postal
from marketplace.core.db import db
from marketplace.core.i18n import day, moment, money, speaking
from marketplace.media.queries import PhotoView
from marketplace.orders.models import Order, SellerOrder
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.orders.queries.parts import PartView, parts_where
from marketplace.orders.words import piece_facts

from ..evidence import Evidence, Fact
from ..models import Dispute, PaymentAttempt
from ..setup import site_url


def evidence_texts(dispute_id: int) -> dict[str, str]:
    """What goes to the bank, by the names of payments/evidence.py: what a person wrote, else what the order says.

    A text that a person emptied is not sent.
    """
    found = suggested(dispute_id)
    written = db.session.scalar(sa.select(Dispute.evidence).where(Dispute.id == dispute_id)) or {}
    for code in Evidence:
        if "text" in written.get(code, {}):
            found[code] = written[code]["text"]
    return {name: text for name, text in found.items() if text}


def suggested(dispute_id: int) -> dict[str, str]:
    """What the order says on each point of the list, and its facts; nothing where it says nothing."""
    query = (
        sa.select(Dispute, Order)
        .join(PaymentAttempt, PaymentAttempt.id == Dispute.attempt_id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(Dispute.id == dispute_id)
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(query).first()
    if row is None:
        return {}
    dispute, order = row
    wanted = [SellerOrder.order_id == order.id]
    if dispute.seller_order_id is not None:
        wanted.append(SellerOrder.id == dispute.seller_order_id)
    with speaking("en"):
        parts = parts_where(*wanted)
        return {
            Evidence.ORDER: "\n".join(_order(order, parts)),
            Evidence.DELIVERY: "\n".join(line for part in parts for line in _delivery(part)),
            Evidence.DESCRIPTION: "\n".join(line for part in parts for line in _description(part)),
            Evidence.PHOTOS: "\n".join(line for part in parts for line in _photos(part)),
            **_facts(order, parts),
        }


def _order(order: Order, parts: Sequence[PartView]) -> Iterator[str]:
    yield f"Order {order.public_no}, placed {moment(order.placed_at)} (Bali time), total {money(order.total)}."
    if order.paid_at is not None:
        yield f"Paid {moment(order.paid_at)}. The receipt was sent to {order.email}."
    for part in parts:
        for line in part.lines:
            yield f"{line.quantity} x {line.title}, {money(line.unit)} each, made by {part.workshop_name}."
        yield f"Shipping: {part.service_name}, {money(part.shipping)}."


def _delivery(part: PartView) -> Iterator[str]:
    for parcel in part.trackings:
        tracked = f" {parcel.url}" if parcel.url else ""
        yield f"Posted {day(parcel.shipped_on)} with {parcel.carrier}, tracking number {parcel.number}.{tracked}"
        if len(part.trackings) > 1:
            yield "In it: " + ", ".join(f"{count} x {line.title}" for line, count in part.in_parcel(parcel)) + "."
    delivered_at = part.moments.get(Status.DELIVERED)
    if delivered_at is not None:
        yield f"Arrived {day(delivered_at)}, as the buyer, the courier or the time that had passed told us."


def _description(part: PartView) -> Iterator[str]:
    for line in part.lines:
        made = "made to order" if line.made_to_order else ""
        yield " · ".join(text for text in (line.title, piece_facts(line), made) if text)
        yield f"As sold: {site_url()}/p/{line.listing_id}-piece"
    yield f"Terms accepted at checkout: {site_url()}/pages/terms"


def _photos(part: PartView) -> Iterator[str]:
    for line in part.lines:
        address = _address_of(line.photo)
        if address:
            yield f"{line.title}: {address}"


def _address_of(photo: PhotoView | None) -> str:
    path = photo.jpeg() if photo is not None else ""
    return path if path.startswith("http") or not path else f"{site_url()}{path}"


def _facts(order: Order, parts: Sequence[PartView]) -> dict[str, str]:
    parcels = [parcel for part in parts for parcel in part.trackings]
    return {
        Fact.BUYER_NAME: order.postal.name,
        Fact.BUYER_EMAIL: order.email,
        Fact.ADDRESS: ", ".join(postal.lines(order.postal, "en")),
        Fact.CARRIER: parcels[0].carrier if parcels else "",
        Fact.TRACKING_NUMBER: ", ".join(parcel.number for parcel in parcels),
        Fact.SHIPPED_ON: max(parcel.shipped_on for parcel in parcels).isoformat() if parcels else "",
    }

"""Carts and orders, made through the real verbs: what a test buys has really been bought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from marketplace.accounts.models import LoginSession
from marketplace.accounts.postal import PostalAddress
from marketplace.cart import queries as carts
from marketplace.cart import services as cart_services
from marketplace.cart.services import LineRequest, Owner
from marketplace.checkout import services as checkout
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.ids import hash_token, new_token
from marketplace.orders.models import Order, SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.processors import PageStatus, demo
from marketplace.shipping.services import load_rates

from .catalog import ListingFactory, quote_rates, variants_of

MELBOURNE = PostalAddress(
    "Maya Chen", "+61400000000", "AU", "18 Lygon Street", city="Melbourne", state="VIC", postcode="3053"
)
JAKARTA = PostalAddress(
    "Ayu Lestari",
    "+6281234567890",
    "ID",
    "Jalan Kemang Timur 14, RT 05/RW 02",
    "Mampang Prapatan",
    "Jakarta Selatan",
    "DKI Jakarta",
    "12730",
)


def open_shop() -> None:
    """Rates of money and of parcels, without which nothing can be bought."""
    quote_rates()
    load_rates()


def visitor() -> Owner:
    """Somebody with a session of their own."""
    now = clock.now()
    row = LoginSession(token_hash=hash_token(new_token()), data={}, created_at=now, seen_at=now)
    db.session.add(row)
    db.session.commit()
    return Owner(session_id=row.id)


def piece(**facts: Any) -> int:
    """The variant of a new piece on sale."""
    return int(variants_of(ListingFactory(**facts))[0].id)


def fill(owner: Owner, *wishes: tuple[int, int]) -> None:
    """Put (variant, quantity) pairs into the owner's cart."""
    for variant_id, quantity in wishes:
        cart_services.add_line(owner, LineRequest(variant_id, quantity))


def request_of(owner: Owner, **facts: Any) -> checkout.PlaceRequest:
    """What the buyer of this cart sends when everything is as the page showed it."""
    address = facts.pop("address", MELBOURNE)
    contents = carts.contents(owner, address.country, facts.get("services"))
    assert contents is not None
    values: dict[str, Any] = {
        "checkout_key": contents.checkout_key,
        "email": "maya.chen@example.com",
        "services": {},
        "is_gift": False,
        "seen_total": f"{contents.currency} {contents.total.amount}",
        "language": "en",
        "market": "world",
    }
    return checkout.PlaceRequest(owner=owner, address=address, **{**values, **facts})


def place_order(*wishes: tuple[int, int], owner: Owner | None = None, **facts: Any) -> Order:
    """An unpaid order of these (variant, quantity) pairs."""
    owner = owner or visitor()
    fill(owner, *wishes)
    placed = checkout.place(request_of(owner, **facts))
    return order_of(placed.order_id)


def paid_order(*wishes: tuple[int, int], **facts: Any) -> Order:
    """An order that was paid on the demo processor's page: settled and booked as every other."""
    return pay(place_order(*wishes, **facts))


def pay(order: Order) -> Order:
    """Pay the order's running attempt at the demo processor, and settle it."""
    attempt_id, key = _running_attempt(order.id)
    payments.start(attempt_id)
    db.session.rollback()
    page = db.session.scalars(sa.select(PaymentAttempt.external_id).where(PaymentAttempt.id == attempt_id)).one()
    assert page is not None
    assert demo.move(page, PageStatus.PAID)
    payments.settle(key)
    return order_of(order.id)


def _running_attempt(order_id: int) -> tuple[int, str]:
    db.session.rollback()
    query = sa.select(PaymentAttempt.id, PaymentAttempt.key).where(PaymentAttempt.order_id == order_id)
    row = db.session.execute(query.order_by(PaymentAttempt.id.desc()).limit(1)).one()
    return row.id, row.key


def order_of(order_id: int) -> Order:
    db.session.rollback()
    order = db.session.get(Order, order_id, populate_existing=True)
    assert order is not None
    return order


def parts_of(order: Order) -> Sequence[SellerOrder]:
    db.session.rollback()
    query = db.select(SellerOrder).where(SellerOrder.order_id == order.id).order_by(SellerOrder.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))

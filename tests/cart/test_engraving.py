"""An engraving that costs something: the same price on the page, in the bag, in the order and in the commission."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.cart import queries, services
from marketplace.cart.errors import OnlyLeft
from marketplace.cart.services import LineRequest, Owner
from marketplace.catalog.models import Listing, Variant
from marketplace.checkout import services as checkout
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.payouts.check import check
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import JAKARTA, open_shop, order_of, pay, request_of, visitor

PRICE, ENGRAVING = 745_000, 150_000
USD, USD_ENGRAVING = Money(4500, "USD"), Money(1000, "USD")


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


@pytest.fixture
def ring() -> Listing:
    listing: Listing = ListingFactory(price=PRICE, stock=3, engraving_limit=12, engraving_price_idr=ENGRAVING)
    return listing


def text_of(client: FlaskClient, path: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(path).text).replace("\xa0", " ").split())


def bag_of_both(listing: Listing, plain: int = 2, engraved: int = 1) -> Owner:
    owner, variant = visitor(), variants_of(listing)[0].id
    services.add_line(owner, LineRequest(variant, plain))
    services.add_line(owner, LineRequest(variant, engraved, "Ayu"))
    return owner


def place(owner: Owner, **facts: Any) -> Order:
    return order_of(checkout.place(request_of(owner, **facts)).order_id)


def test_the_page_says_what_the_engraving_costs_and_the_bag_adds_it(client: FlaskClient, ring: Listing) -> None:
    assert "$10.00 more." in text_of(client, f"/p/{ring.id}-{ring.slug}")
    variant = variants_of(ring)[0].id
    for engraving in ("", "Ayu", "Ayu"):
        client.post("/cart/lines", data={"variant_id": variant, "quantity": 1, "engraving": engraving})
    shown = text_of(client, "/cart")
    assert "Engraving: Ayu ($10.00)" in shown
    assert "$45.00" in shown
    assert "$110.00" in shown, "two engraved ones"


def test_both_are_two_lines_of_one_stock(ring: Listing) -> None:
    owner = bag_of_both(ring)
    cart = queries.contents(owner, "US")
    assert cart is not None
    lines = cart.parcels[0].lines
    assert [(line.engraving, line.quantity, line.unit) for line in lines] == [
        ("", 2, USD),
        ("Ayu", 1, USD + USD_ENGRAVING),
    ]
    assert cart.items == USD * 3 + USD_ENGRAVING
    with pytest.raises(OnlyLeft):
        services.add_line(owner, LineRequest(variants_of(ring)[0].id, 1, "Budi"))


def test_a_new_price_of_the_engraving_is_told(client: FlaskClient, ring: Listing) -> None:
    variant = variants_of(ring)[0].id
    client.post("/cart/lines", data={"variant_id": variant, "quantity": 1, "engraving": "Ayu"})
    assert "The price was" not in text_of(client, "/cart")
    db.session.execute(sa.update(Listing).values(engraving_price_idr=ENGRAVING * 2))
    db.session.commit()
    assert "The price was $55.00 when you chose it; it is $64.00 now." in text_of(client, "/cart")


@pytest.mark.parametrize("is_home", [False, True])
def test_the_order_freezes_it_and_everything_adds_up(ring: Listing, is_home: bool) -> None:
    order = place(bag_of_both(ring), **({"address": JAKARTA} if is_home else {}))
    plain, engraved = db.session.scalars(sa.select(Line).where(Line.variant_id.is_not(None)).order_by(Line.id))
    part = db.session.scalars(sa.select(SellerOrder)).one()
    assert (plain.unit_idr, plain.engraving_idr, plain.engraving_amount) == (PRICE, 0, 0)
    assert (engraved.unit_idr, engraved.engraving_idr) == (PRICE + ENGRAVING, ENGRAVING)
    assert engraved.unit_amount == plain.unit_amount + engraved.engraving_amount
    assert engraved.unit_amount == (PRICE + ENGRAVING if is_home else (USD + USD_ENGRAVING).amount)
    assert part.items_amount == 2 * plain.unit_amount + engraved.unit_amount
    goods = 3 * PRICE + ENGRAVING
    assert part.commission_idr == plain.commission_idr + engraved.commission_idr
    assert part.commission_idr == Money(goods, "IDR").share(plain.commission_bp).amount
    assert part.payable_idr == goods - part.commission_idr + part.shipping_idr
    assert db.session.scalar(sa.select(Variant.stock)) == 0
    db.session.execute(sa.update(Listing).values(engraving_price_idr=1))
    db.session.commit()
    pay(order)
    db.session.refresh(engraved)
    assert engraved.engraving_idr == ENGRAVING
    assert check() == []

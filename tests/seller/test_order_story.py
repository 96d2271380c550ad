"""An order at the bench: seen, accepted, packed, posted; or refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.orders import services
from marketplace.orders.models import SellerOrder, Shipment
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import open_shop, paid_order, parts_of, place_order
from tests.seller.conftest import Maker, fields_of


@pytest.fixture(autouse=True)
def _shop(app: Any) -> None:
    open_shop()


def bought(maker: Maker, quantity: int = 1, **facts: Any) -> SellerOrder:
    """A paid order of one new piece of this workshop."""
    order_facts = {name: facts.pop(name) for name in ("address", "is_gift", "language", "market") if name in facts}
    variant = variants_of(ListingFactory(workshop=maker.workshop, **facts))[0]
    return parts_of(paid_order((variant.id, quantity), **order_facts))[0]


def fresh(part: SellerOrder) -> SellerOrder:
    db.session.rollback()
    return db.session.get_one(SellerOrder, part.id, populate_existing=True)


def number_of(part: SellerOrder) -> str:
    from marketplace.orders.models import Order

    return db.session.get_one(Order, part.order_id).public_no


def test_accept_start_pack_and_post(luh: Maker) -> None:
    part = bought(luh)
    page = f"/seller/orders/{part.id}"
    assert number_of(part) in luh.get("/seller/orders/").text
    shown = luh.get(page).text
    assert "18 Lygon Street" in shown
    assert "+61400000000" in shown
    assert "maya.chen@example.com" not in shown, "of the buyer only what delivery needs"
    assert "7113.11" in shown, "a parcel abroad needs its customs form"

    assert luh.post(page + "/acceptance").status_code == 303
    assert fresh(part).status.value == "accepted"
    assert luh.post(page + "/start").status_code == 303
    assert fresh(part).status.value == "started"

    no_number = luh.send(page + "/shipment", {"carrier": "pos", "tracking_number": ""}, page)
    assert no_number.status_code == 422
    assert 'href="#tracking_number"' in no_number.text
    nobody = luh.send(page + "/shipment", {"carrier": "pigeon", "tracking_number": "EE123456785ID"}, page)
    assert nobody.status_code == 422
    assert fields_of(nobody.text)["tracking_number"] == "EE123456785ID"
    assert fresh(part).status.value == "started"

    assert (
        luh.send(page + "/shipment", {"carrier": "pos", "tracking_number": "ee 123 456 785 id"}, page).status_code
        == 303
    )
    assert fresh(part).status.value == "shipped"
    shipment = db.session.scalars(sa.select(Shipment)).one()
    assert (shipment.carrier, shipment.tracking_number, shipment.created_by) == ("pos", "EE123456785ID", luh.user.id)
    assert number_of(part) not in luh.get("/seller/orders/").text
    assert number_of(part) in luh.get("/seller/orders/?show=past").text
    again = luh.send(page + "/shipment", {"carrier": "pos", "tracking_number": "EE1234"}, f"/seller/orders/{part.id}")
    assert again.status_code == 422, "a parcel leaves once"


def test_refusing_needs_a_reason_gives_the_stock_back_and_says_it(luh: Maker) -> None:
    part = bought(luh, stock=2)
    page = f"/seller/orders/{part.id}"
    refused = luh.send(page + "/refusal", {"reason": "", "words": "Maaf"}, page)
    assert refused.status_code == 422
    assert fields_of(refused.text)["words"] == "Maaf"
    assert fresh(part).status.value == "paid"
    answer = luh.send(page + "/refusal", {"reason": "flaw", "words": "Ada retak di patrian."}, page)
    assert answer.status_code == 303
    assert (fresh(part).status.value, fresh(part).cancel_code) == ("canceled", "flaw")
    assert "Ada retak di patrian." in luh.get(page).text


def test_an_unpaid_order_is_nobodys_business_yet(luh: Maker) -> None:
    variant = variants_of(ListingFactory(workshop=luh.workshop))[0]
    part = parts_of(place_order((variant.id, 1)))[0]
    assert luh.get(f"/seller/orders/{part.id}").status_code == 404
    assert luh.post(f"/seller/orders/{part.id}/acceptance").status_code == 404
    assert "PC-" not in luh.get("/seller/orders/").text


def test_a_suspended_workshop_finishes_its_running_orders(luh: Maker) -> None:
    part = bought(luh)
    luh.workshop.suspended_at = clock.now()
    db.session.commit()
    assert luh.post(f"/seller/orders/{part.id}/acceptance").status_code == 303
    assert fresh(part).status.value == "accepted"


def test_what_is_owed_says_why_it_is_not_there_yet(luh: Maker) -> None:
    part = bought(luh, price=1_000_000)
    shown = luh.get("/seller/earnings/").text
    assert number_of(part) in shown
    owed = fresh(part).payable_idr
    assert f"{owed:,}".replace(",", ".") in shown
    services.refuse(part.id, "flaw", workshop_id=luh.workshop.id, by=luh.user.id)
    assert f"Rp\u00a0{owed:,}".replace(",", ".") not in luh.get("/seller/earnings/").text


def test_the_list_asks_the_database_as_often_for_twelve_orders_as_for_one(luh: Maker, statements: Any) -> None:
    bought(luh)
    luh.get("/seller/orders/")
    with statements() as few:
        luh.get("/seller/orders/")
    for _number in range(11):
        bought(luh)
    with statements() as many:
        luh.get("/seller/orders/")
    assert len(many) == len(few)
    assert len(many) <= 12


def test_a_price_or_a_name_in_the_form_changes_nothing(luh: Maker) -> None:
    part = bought(luh)
    page = f"/seller/orders/{part.id}"
    luh.send(page + "/acceptance", {"payable_idr": "1", "status": "delivered", "workshop_id": "1"}, page)
    assert fresh(part).status.value == "accepted"
    assert fresh(part).payable_idr > 1

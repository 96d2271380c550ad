"""The checkout page, driven as a browser without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.catalog.models import Variant
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.orders.models import Order, SellerOrder
from tests.factories.accounts import AddressFactory, UserFactory
from tests.factories.orders import open_shop, piece
from tests.factories.workshops import WorkshopFactory
from tests.helpers import sign_in

from .browser import AYU, MAYA, fields, open_checkout, press_pay


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def add(client: FlaskClient, variant_id: int, quantity: int = 1, prefix: str = "") -> None:
    data = {"variant_id": variant_id, "quantity": quantity}
    assert client.post(f"{prefix}/cart/lines", data=data).status_code == 303


def order_count() -> int:
    db.session.rollback()
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(Order)) or 0)


def only_order() -> Order:
    db.session.rollback()
    return db.session.scalars(sa.select(Order)).one()


def test_without_a_bag_there_is_nothing_to_pay(client: FlaskClient) -> None:
    answer = client.get("/checkout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cart")
    assert client.post("/checkout/order", data={"csrf_token": "x"}).status_code in (303, 403)


def test_a_guest_buys_from_two_workshops(client: FlaskClient) -> None:
    add(client, piece(price=745_000, workshop=WorkshopFactory(name="Jawan Sari")), 2)
    add(client, piece(price=500_000, workshop=WorkshopFactory(name="Toya Ning")))
    sent = open_checkout(client) | MAYA
    answer = press_pay(client, sent)
    order = only_order()
    assert answer.status_code == 303
    assert "/demo-payment/" in answer.headers["Location"]
    assert (order.email, order.country, order.currency, order.language) == ("maya.chen@example.com", "AU", "USD", "en")
    assert order.address["postcode"] == "3053"
    assert sent["seen_total"] == f"USD {order.total_amount}"
    shown = client.get(f"/orders/{order.token}").get_data(as_text=True)
    assert "This order waits for your payment." in shown


def test_the_page_names_sums_dates_and_the_button(client: FlaskClient) -> None:
    add(client, piece(price=745_000, title_en="Granulated Dome Ring"), 2)
    html = client.get("/checkout").get_data(as_text=True)
    words = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    for part in ("1. Contact", "2. Delivery", "3. Parcels", "4. Payment", "Granulated Dome Ring"):
        assert part in words
    assert re.search(r"Pay \$\d+\.00", re.sub(r"<[^>]+>", "", html))


def test_indonesia_is_charged_in_rupiah_from_any_market(client: FlaskClient) -> None:
    add(client, piece(price=745_000))
    sent = open_checkout(client, "ID")
    assert sent["seen_total"] == "IDR 769000"
    answer = press_pay(client, sent | AYU)
    assert answer.status_code == 303
    order = only_order()
    assert order.total == Money(769_000, "IDR")
    assert order.address["phone"] == "+6281234567890"


def test_the_whole_way_in_indonesian(client: FlaskClient) -> None:
    add(client, piece(price=745_000), prefix="/id")
    html = client.get("/id/checkout").get_data(as_text=True)
    assert '<html lang="id">' in html
    assert not re.search(r"\$|USD", html)
    sent = fields(html) | AYU
    answer = press_pay(client, sent, prefix="/id")
    assert answer.status_code == 303
    assert (only_order().language, only_order().market, only_order().currency) == ("id", "id", "IDR")


def test_errors_stand_at_the_fields_and_keep_what_was_typed(client: FlaskClient) -> None:
    shop = WorkshopFactory()
    add(client, piece(workshop=shop))
    sent = open_checkout(client) | MAYA | {"email": "maya.chen", "postcode": "305", f"parcel-{shop.id}": "dhl"}
    answer = press_pay(client, sent)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<title>Problem:" in html
    assert html.index('href="#email"') < html.index('href="#postcode"')
    again = fields(html)
    assert {name: again[name] for name in MAYA if name not in ("email", "postcode")} == {
        name: value for name, value in MAYA.items() if name not in ("email", "postcode")
    }
    assert (again["email"], again["postcode"], again[f"parcel-{shop.id}"]) == ("maya.chen", "305", "dhl")
    assert order_count() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", ""),
        ("name", ""),
        ("street", ""),
        ("city", ""),
        ("state", "Bali"),
        ("postcode", "ABCD"),
        ("phone", "x"),
    ],
)
def test_every_field_that_a_parcel_needs_is_asked_for(client: FlaskClient, name: str, value: str) -> None:
    add(client, piece())
    answer = press_pay(client, open_checkout(client) | MAYA | {name: value})
    assert answer.status_code == 422
    assert f'href="#{name}"' in answer.get_data(as_text=True)
    assert order_count() == 0


def test_another_country_draws_its_fields_without_complaint(client: FlaskClient) -> None:
    add(client, piece())
    sent = open_checkout(client)
    answer = press_pay(client, sent | {"country": "ID", "name": "Ayu"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "There is a problem" not in html
    assert "district" in fields(html)
    assert fields(html)["name"] == "Ayu"
    assert "$" not in re.sub(r"<script.*?</script>", "", html, flags=re.S)
    assert order_count() == 0


def test_a_dearer_way_is_agreed_to_before_it_is_charged(client: FlaskClient) -> None:
    """Without script the sum follows the choice only after the button: it is shown, and pressed again."""
    shop = WorkshopFactory()
    add(client, piece(workshop=shop))
    sent = open_checkout(client) | MAYA
    answer = press_pay(client, sent | {f"parcel-{shop.id}": "dhl"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "The total is now" in html
    assert order_count() == 0
    again = fields(html)
    assert again[f"parcel-{shop.id}"] == "dhl"
    assert press_pay(client, again).status_code == 303
    db.session.rollback()
    assert db.session.scalars(sa.select(SellerOrder.service)).one() == "dhl"


def test_a_price_that_changed_meanwhile_is_shown(client: FlaskClient) -> None:
    add(client, piece(price=745_000))
    sent = open_checkout(client) | MAYA
    db.session.execute(sa.update(Variant).values(price_amount=900_000))
    db.session.commit()
    answer = press_pay(client, sent)
    assert answer.status_code == 409
    assert "The total is now" in answer.get_data(as_text=True)
    assert fields(answer.get_data(as_text=True))["street"] == MAYA["street"]
    assert order_count() == 0


def test_sold_out_is_a_sentence_with_a_way_on(client: FlaskClient) -> None:
    ring, chain = piece(title_en="Dome Ring"), piece(title_en="Chain")
    add(client, ring)
    add(client, chain)
    sent = open_checkout(client) | MAYA
    db.session.execute(sa.update(Variant).where(Variant.id == ring).values(stock=0))
    db.session.commit()
    answer = press_pay(client, sent)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "“Dome Ring” was sold while you were looking. Nothing was charged." in html
    again = fields(html)
    answer = press_pay(client, again | {"fit": "1"})
    assert answer.status_code == 200
    left = fields(answer.get_data(as_text=True))
    assert left["street"] == MAYA["street"]
    assert press_pay(client, left).status_code == 303


def test_fewer_left_says_how_many(client: FlaskClient) -> None:
    ring = piece(title_en="Dome Ring", stock=5)
    add(client, ring, 3)
    sent = open_checkout(client) | MAYA
    db.session.execute(sa.update(Variant).values(stock=2))
    db.session.commit()
    answer = press_pay(client, sent)
    assert answer.status_code == 409
    assert "Only 2 left of “Dome Ring”" in answer.get_data(as_text=True)


def test_going_back_and_pressing_again_shows_the_first_order(client: FlaskClient) -> None:
    add(client, piece())
    sent = open_checkout(client) | MAYA
    press_pay(client, sent)
    for _time in range(2):
        answer = press_pay(client, sent)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/orders/{only_order().token}")
    assert order_count() == 1


def test_two_tabs_of_one_bag_make_one_order(client: FlaskClient) -> None:
    add(client, piece())
    first, second = open_checkout(client) | MAYA, open_checkout(client) | MAYA | {"name": "M. Chen"}
    press_pay(client, second)
    answer = press_pay(client, first)
    assert answer.headers["Location"] == f"/orders/{only_order().token}"
    assert order_count() == 1


def test_a_request_from_elsewhere_or_without_its_token_buys_nothing(client: FlaskClient) -> None:
    add(client, piece())
    sent = open_checkout(client) | MAYA
    elsewhere = client.post("/checkout/order", data=sent, headers={"Origin": "https://elsewhere.example"})
    assert elsewhere.status_code == 403
    sent.pop("csrf_token")
    assert press_pay(client, sent).status_code == 422
    assert order_count() == 0


def test_prices_and_owners_in_the_form_change_nothing(client: FlaskClient) -> None:
    add(client, piece(price=745_000))
    forged = {
        "total": "1",
        "total_amount": "1",
        "currency": "IDR",
        "user_id": "1",
        "status": "paid",
        "unit_amount": "1",
    }
    assert press_pay(client, open_checkout(client) | MAYA | forged).status_code == 303
    assert (only_order().total_amount, only_order().user_id) == (4500 + 1300, None)


def test_a_machine_that_fills_every_field_buys_nothing(client: FlaskClient) -> None:
    add(client, piece())
    assert press_pay(client, open_checkout(client) | MAYA | {"website": "http://spam.example"}).status_code == 422
    assert order_count() == 0


def test_nothing_is_typed_twice_by_who_is_signed_in(client: FlaskClient) -> None:
    user = UserFactory(email="maya@example.com", full_name="Maya Chen")
    AddressFactory(user_id=user.id, is_default=True)
    sign_in(client, user)
    add(client, piece())
    sent = fields(client.get("/checkout").get_data(as_text=True))
    assert (sent["email"], sent["country"], sent["street"]) == ("maya@example.com", "AU", "18 Lygon Street")
    assert press_pay(client, sent).status_code == 303
    assert only_order().user_id == user.id


def test_a_gift_has_no_prices_in_its_parcels(client: FlaskClient) -> None:
    add(client, piece())
    press_pay(client, open_checkout(client) | MAYA | {"is_gift": "y"})
    db.session.rollback()
    assert db.session.scalars(sa.select(SellerOrder.is_gift)).one()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"country": "ZZ"},
        {"parcel-1": "balloon", "parcel-x": "ems", "parcel-99999999999999999999999999": "ems"},
        {"checkout_key": "x" * 4000},
        {"name": "\x00\ud800".encode("utf-8", "replace").decode()},
        {"seen_total": "USD " + "9" * 50},
        {"email": "a" * 5000 + "@example.com"},
    ],
)
def test_nonsense_is_answered_not_crashed(client: FlaskClient, nonsense: dict[str, Any]) -> None:
    add(client, piece())
    assert press_pay(client, open_checkout(client) | MAYA | nonsense).status_code in (200, 303, 409, 422)

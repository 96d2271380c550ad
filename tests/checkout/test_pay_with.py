"""Choosing how to pay: what is offered for which sum, and what a wrong choice changes (nothing)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from marketplace import create_app
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.orders.models import Order
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.offers import QRIS_LIMIT, offers_of
from marketplace.payments.processors import ProcessorDown
from tests.conftest import Browser, _empty
from tests.factories.orders import open_shop, piece

from .browser import AYU, MAYA, fields, open_checkout, press_pay

NOWHERE = "http://127.0.0.1:9"  # nobody listens there: every call fails at once
KEYS = {
    "stripe": {"stripe_secret_key": "sk_test_x", "stripe_webhook_secret": "whsec_x", "stripe_api_base": NOWHERE},
    "midtrans": {
        "midtrans_server_key": "SB-Mid-server-x",
        "midtrans_api_base": NOWHERE,
        "midtrans_snap_base": NOWHERE,
    },
}


@pytest.mark.parametrize(
    ("processors", "total", "names"),
    [
        (("demo",), Money(4_500, "USD"), ["demo"]),
        (("demo",), Money(745_000, "IDR"), ["demo"]),
        (("stripe",), Money(745_000, "IDR"), ["stripe"]),
        (("midtrans",), Money(4_500, "USD"), []),
        (("midtrans",), Money(745_000, "IDR"), ["midtrans-qris", "midtrans-va", "midtrans-card"]),
        (("stripe", "midtrans"), Money(745_000, "IDR"), ["midtrans-qris", "midtrans-va", "stripe"]),
        (("stripe", "midtrans"), Money(4_500, "AUD"), ["stripe"]),
        (("stripe", "midtrans"), Money(QRIS_LIMIT, "IDR"), ["midtrans-qris", "midtrans-va", "stripe"]),
        (("stripe", "midtrans"), Money(QRIS_LIMIT + 1, "IDR"), ["midtrans-va", "stripe"]),
        ((), Money(745_000, "IDR"), []),
    ],
)
def test_what_is_offered(processors: tuple[str, ...], total: Money, names: list[str]) -> None:
    assert [offer.name for offer in offers_of(processors, total)] == names


@pytest.fixture(scope="session")
def shops(shop_config: Config) -> dict[str, Flask]:
    made = {}
    for name, keys in {
        "both": {**KEYS["stripe"], **KEYS["midtrans"]},
        "midtrans": KEYS["midtrans"],
        "none": {"other_processor_keys": ("XENDIT_SECRET_KEY",)},
    }.items():
        made[name] = create_app(replace(shop_config, **keys))  # type: ignore[arg-type]
        made[name].test_client_class = Browser
    return made


@pytest.fixture
def shop(shops: dict[str, Flask], request: pytest.FixtureRequest) -> Iterator[Flask]:
    app = shops[request.param]
    _empty(app)
    with app.app_context():
        open_shop()
        yield app
        db.session.rollback()
        db.session.remove()


both = pytest.mark.parametrize("shop", ["both"], indirect=True)


def bag(client: FlaskClient, price: int = 745_000, prefix: str = "/id") -> None:
    assert (
        client.post(f"{prefix}/cart/lines", data={"variant_id": piece(price=price), "quantity": 1}).status_code == 303
    )


def orders() -> list[tuple[str, str, str]]:
    db.session.rollback()
    query = sa.select(PaymentAttempt.processor, PaymentAttempt.offer, Order.currency).join(Order)
    return [tuple(row) for row in db.session.execute(query.order_by(PaymentAttempt.id))]


def radios(html: str) -> dict[str, bool]:
    """The ways on the page, and which is chosen."""
    found = re.findall(r'<input type="radio"\s+name="pay_with"([^>]*)>', html)
    return {re.search(r'value="([^"]+)"', rest)[1]: "checked" in rest for rest in found}  # type: ignore[index]


@both
def test_three_ways_in_indonesia_the_first_is_chosen(shop: Flask) -> None:
    client = shop.test_client()
    bag(client)
    html = client.get("/id/checkout").get_data(as_text=True)
    assert radios(html) == {"midtrans-qris": True, "midtrans-va": False, "stripe": False}
    assert "Midtrans" in html
    assert "Stripe" in html


@both
def test_qris_is_hidden_above_its_limit(shop: Flask) -> None:
    client = shop.test_client()
    bag(client, price=10_000_000)
    assert radios(client.get("/id/checkout").get_data(as_text=True)) == {"midtrans-va": True, "stripe": False}


@both
def test_what_was_chosen_is_kept_with_the_order(shop: Flask) -> None:
    client = shop.test_client()
    bag(client)
    sent = fields(client.get("/id/checkout").get_data(as_text=True)) | AYU | {"pay_with": "midtrans-va"}
    answer = press_pay(client, sent, prefix="/id")
    assert answer.status_code == 303
    assert orders() == [("midtrans", "midtrans-va", "IDR")]
    db.session.rollback()
    attempt, order = db.session.scalars(sa.select(PaymentAttempt)).one(), db.session.scalars(sa.select(Order)).one()
    assert (order.hold_until - order.placed_at).total_seconds() >= 24 * 3600
    assert attempt.expires_at == order.hold_until


@both
def test_an_error_keeps_the_choice(shop: Flask) -> None:
    client = shop.test_client()
    bag(client)
    sent = fields(client.get("/id/checkout").get_data(as_text=True)) | AYU | {"pay_with": "stripe", "email": "ayu"}
    answer = press_pay(client, sent, prefix="/id")
    assert answer.status_code == 422
    assert radios(answer.get_data(as_text=True))["stripe"]
    assert orders() == []


@both
@pytest.mark.parametrize("wrong", ["midtrans-card", "demo", "paypal", "midtrans-qris ", "\x00", "x" * 4000])
def test_a_way_that_is_not_offered_orders_nothing(shop: Flask, wrong: str) -> None:
    client = shop.test_client()
    bag(client)
    sent = fields(client.get("/id/checkout").get_data(as_text=True)) | AYU | {"pay_with": wrong}
    answer = press_pay(client, sent, prefix="/id")
    assert answer.status_code == 409
    assert fields(answer.get_data(as_text=True))["street"] == AYU["street"]
    assert orders() == []


@both
def test_qris_for_more_than_its_limit_is_told_in_a_sentence(shop: Flask) -> None:
    client = shop.test_client()
    bag(client, price=10_000_000, prefix="")
    sent = open_checkout(client, "ID") | AYU | {"pay_with": "midtrans-qris"}
    answer = press_pay(client, sent)
    assert answer.status_code == 409
    assert "This order cannot be paid that way." in answer.get_data(as_text=True)
    assert orders() == []


@both
def test_abroad_there_is_nothing_to_choose(shop: Flask) -> None:
    client = shop.test_client()
    bag(client, prefix="")
    html = client.get("/checkout").get_data(as_text=True)
    assert radios(html) == {}
    assert "secure page of Stripe" in html
    assert press_pay(client, open_checkout(client) | MAYA).status_code == 303
    assert orders() == [("stripe", "stripe", "USD")]


@pytest.mark.parametrize("shop", ["midtrans"], indirect=True)
def test_a_country_that_cannot_be_paid_for_is_told_before_anything_is_typed(shop: Flask) -> None:
    client = shop.test_client()
    bag(client, prefix="")
    html = client.get("/checkout").get_data(as_text=True)
    assert "cannot be paid here yet" in html
    assert 'name="street"' not in html
    assert 'name="email"' not in html
    assert press_pay(client, fields(html) | MAYA).status_code in (409, 422)
    sent = open_checkout(client, "ID") | AYU
    assert press_pay(client, sent).status_code == 303
    assert orders() == [("midtrans", "midtrans-qris", "IDR")]


@pytest.mark.parametrize("shop", ["none"], indirect=True)
def test_a_shop_that_takes_no_money_says_so_at_once(shop: Flask) -> None:
    client = shop.test_client()
    bag(client, prefix="")
    html = client.get("/checkout").get_data(as_text=True)
    assert "Payments are not set up in this shop yet." in html
    assert "<form" not in html.split("<main")[1].split("</main>")[0]


@both
def test_browsers_may_follow_to_both_hosted_pages(shop: Flask) -> None:
    policy = shop.test_client().get("/cart").headers["Content-Security-Policy"]
    targets = policy.split("form-action ")[1].split(";")[0]
    assert targets == f"'self' https://checkout.stripe.com {NOWHERE} {NOWHERE}"


@both
def test_nobody_at_the_other_end_keeps_the_order(shop: Flask) -> None:
    from marketplace.payments.services.facts import read_facts
    from marketplace.payments.setup import processor_named

    client = shop.test_client()
    bag(client)
    sent = fields(client.get("/id/checkout").get_data(as_text=True)) | AYU
    answer = press_pay(client, sent, prefix="/id")
    assert "/payment" in answer.headers["Location"]
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert radios(page) == {"midtrans-qris": True, "midtrans-va": False, "stripe": False}
    facts, _status, name = read_facts(processor="midtrans")
    processor = processor_named(name)
    assert processor is not None
    with pytest.raises(ProcessorDown):
        processor.start(facts)

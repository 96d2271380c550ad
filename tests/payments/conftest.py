"""The shops with Stripe's and Midtrans' stand-ins beside the shop with the demo processor, on the same database."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from marketplace import create_app
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.payments.processors import PageStatus, PaymentProcessor, demo
from marketplace.payments.processors.midtrans import MidtransProcessor
from marketplace.payments.processors.stripe import StripeProcessor
from tests.conftest import Browser, _empty
from tests.fakes.midtrans_server import MidtransServer
from tests.fakes.stripe_server import StripeServer


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[StripeServer]:
    with StripeServer() as server:
        yield server


@pytest.fixture
def stripe_server(stripe_process: StripeServer) -> Iterator[StripeServer]:
    """The stand-in, empty; at the end nothing that it saw or said may be against Stripe's own types."""
    stripe_process.reset()
    yield stripe_process
    assert stripe_process.findings == []


@pytest.fixture(scope="session")
def stripe_shop(shop_config: Config, stripe_process: StripeServer) -> Flask:
    return create_app(
        dataclasses.replace(
            shop_config,
            stripe_secret_key="sk_test_of_the_stand_in",
            stripe_webhook_secret=stripe_process.webhook_secret,
            stripe_api_base=stripe_process.url,
        )
    )


@pytest.fixture
def stripe_app(stripe_shop: Flask, stripe_server: StripeServer) -> Iterator[Flask]:
    """The shop that pays through Stripe, with empty tables; a stuck answer is given up after 0.4 s."""
    _empty(stripe_shop)
    hurried(stripe_shop, stripe_server)
    with stripe_shop.app_context():
        yield stripe_shop
        db.session.rollback()
        db.session.remove()


def hurried(app: Flask, server: StripeServer) -> None:
    keys = ("sk_test_of_the_stand_in", server.webhook_secret, server.url)
    app.extensions["payment_processors"] = {
        "stripe": StripeProcessor(*keys, timeout=(1, 0.4), retries=1),
        "stripe/patient": StripeProcessor(*keys, timeout=(1, 0.4), retries=2),
    }


@pytest.fixture
def stripe_client(stripe_app: Flask) -> FlaskClient:
    stripe_app.test_client_class = Browser
    return stripe_app.test_client()


@pytest.fixture(scope="session")
def midtrans_process() -> Iterator[MidtransServer]:
    with MidtransServer() as server:
        yield server


@pytest.fixture
def midtrans_server(midtrans_process: MidtransServer) -> Iterator[MidtransServer]:
    """The stand-in, empty; at the end it may have seen nothing that Midtrans does not document."""
    midtrans_process.reset()
    yield midtrans_process
    assert midtrans_process.findings == []


@pytest.fixture(scope="session")
def midtrans_shop(shop_config: Config, midtrans_process: MidtransServer) -> Flask:
    return create_app(
        dataclasses.replace(
            shop_config,
            midtrans_server_key=midtrans_process.server_key,
            midtrans_api_base=midtrans_process.url,
            midtrans_snap_base=midtrans_process.url,
        )
    )


@pytest.fixture
def midtrans_app(midtrans_shop: Flask, midtrans_server: MidtransServer) -> Iterator[Flask]:
    """The shop that pays through Midtrans, with empty tables; a stuck answer is given up after 0.4 s."""
    _empty(midtrans_shop)
    midtrans_shop.extensions["payment_processors"] = at_midtrans(midtrans_server)
    with midtrans_shop.app_context():
        yield midtrans_shop
        db.session.rollback()
        db.session.remove()


def at_midtrans(server: MidtransServer) -> dict[str, PaymentProcessor]:
    account = (server.server_key, server.url, server.url)
    return {
        "midtrans": MidtransProcessor(*account, livemode=False, timeout=(1, 0.4), retries=1),
        "midtrans/patient": MidtransProcessor(*account, livemode=False, timeout=(1, 0.4), retries=2),
    }


@pytest.fixture
def midtrans_client(midtrans_app: Flask) -> FlaskClient:
    midtrans_app.test_client_class = Browser
    return midtrans_app.test_client()


@dataclasses.dataclass
class Bank:
    """What buyers and banks do at a processor, the same words for each; and what it cannot tell or take."""

    processor: PaymentProcessor
    app: Flask
    approve: Callable[[str], Any]
    approve_later: Callable[[str], Any]
    money_arrives: Callable[[str], Any]
    money_fails: Callable[[str], Any]
    run_out: Callable[[str], Any]
    page_count: Callable[[], int]
    currencies: tuple[str, ...] = ("USD", "AUD", "IDR")
    tells_fee: bool = True
    is_same_address: bool = True  # a repeated start answers with the very same address
    approve_late: Callable[[str], Any] | None = None  # where a page is closed that the buyer had paid in that second
    is_shut: Callable[[str], bool] = lambda _page: False  # closed, although the processor itself cannot say so


def demo_bank(app: Flask) -> Bank:
    def pages() -> int:
        from marketplace.payments.models import DemoSession

        return db.session.query(DemoSession).count()

    return Bank(
        app.extensions["payment_processors"]["demo"],
        app,
        approve=lambda page: demo.move(page, PageStatus.PAID),
        approve_later=lambda page: demo.move(page, PageStatus.PROCESSING, due_at=clock.now()),
        money_arrives=lambda page: demo.move(page, PageStatus.PAID, since="processing"),
        money_fails=lambda page: demo.move(page, PageStatus.FAILED, since="processing"),
        run_out=lambda page: demo.move(page, PageStatus.EXPIRED),
        page_count=pages,
    )


def stripe_bank(app: Flask, server: StripeServer) -> Bank:
    return Bank(
        app.extensions["payment_processors"]["stripe"],
        app,
        approve=server.pay,
        approve_later=server.pay_later,
        money_arrives=server.money_arrives,
        money_fails=server.money_fails,
        run_out=server.run_out,
        page_count=lambda: len(server.sessions),
    )


def midtrans_bank(app: Flask, server: MidtransServer) -> Bank:
    """Where the bank decides: a card that a person at Midtrans has to look at. An account number that waits for its
    money is another matter: nobody decides about it, and it can be closed (test_midtrans.py)."""
    return Bank(
        app.extensions["payment_processors"]["midtrans"],
        app,
        approve=server.pay,
        approve_later=server.challenge,
        money_arrives=server.accept,
        money_fails=lambda page: server.become(page, "deny"),
        run_out=server.run_out,
        page_count=lambda: len({page["order_id"] for page in server.pages.values()}),
        currencies=("IDR",),
        tells_fee=False,
        is_same_address=False,
        approve_late=lambda page: server.pay(page, is_late=True),
        is_shut=lambda name: all(page["is_canceled"] for page in server.pages.values() if page["order_id"] == name),
    )


@pytest.fixture(params=["demo", "stripe", "midtrans"])
def bank(request: pytest.FixtureRequest) -> Bank:
    """Each processor in turn, behind one set of words; its shop's context is open."""
    if request.param == "demo":
        return demo_bank(request.getfixturevalue("app"))
    if request.param == "midtrans":
        return midtrans_bank(request.getfixturevalue("midtrans_app"), request.getfixturevalue("midtrans_server"))
    return stripe_bank(request.getfixturevalue("stripe_app"), request.getfixturevalue("stripe_server"))

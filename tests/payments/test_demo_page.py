"""The demo processor's page: five outcomes, each through the signed notice and the real route."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.tasks import sweep
from marketplace.orders.models import OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import AttemptStatus, DemoSession, ProcessorEvent
from marketplace.payments.processors import demo
from tests.conftest import SITE
from tests.factories.catalog import VariantFactory
from tests.payments.placing import Placed, mail_keys, place, stock_of, token_in


def opened() -> Placed:
    placed = place()
    assert placed.start()
    return placed


def choose(client: FlaskClient, placed: Placed, outcome: str) -> str:
    """Choose on the page as a browser does; where it leads."""
    address = placed.attempts[-1].redirect_url.removeprefix(SITE)
    page = client.get(address)
    assert page.status_code == 200
    answer = client.post(address, data={"outcome": outcome, "csrf_token": token_in(page.text)})
    assert answer.status_code == 303
    return str(answer.location)


def event_kinds() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(ProcessorEvent.kind).order_by(ProcessorEvent.id)))


def test_the_page_says_what_it_is(app: Flask, client: FlaskClient) -> None:
    placed = opened()
    text = client.get(placed.attempt.redirect_url.removeprefix(SITE)).text
    assert "Demo payment, no money moves" in text
    assert "Pay $71.00" in text
    assert f"Order {placed.order.public_no} · attempt 1 · expires" in text
    assert text.count('type="radio"') == 5


def test_approve(app: Flask, client: FlaskClient) -> None:
    placed = opened()
    back = choose(client, placed, "approve")
    assert back == f"{SITE}/orders/{placed.token}/return"
    assert placed.order.status is OrderStatus.PAID  # by the notice, before the browser is back
    assert event_kinds() == ["page.paid"]
    answer = client.get(back.removeprefix(SITE))
    assert (answer.status_code, answer.location) == (303, f"/orders/{placed.token}")
    assert mail_keys("order_paid") == [f"order_paid:{placed.order_id}"]


def test_decline_then_try_again(app: Flask, client: FlaskClient) -> None:
    placed = opened()
    back = choose(client, placed, "decline")
    page = client.get(back.removeprefix(SITE), follow_redirects=True)
    assert page.request.path == f"/orders/{placed.token}/payment"
    assert "The bank did not accept the card" in page.text
    assert "Nothing was charged" in page.text
    assert "Pay $71.00" in page.text
    assert placed.attempt.decline_count == 1
    again = client.post(page.request.path, data={"csrf_token": token_in(page.text)})
    assert again.status_code == 303
    assert again.location == placed.attempts[-1].redirect_url
    assert "attempt 2" in client.get(again.location.removeprefix(SITE)).text
    choose(client, placed, "approve")
    assert placed.order.status is OrderStatus.PAID


def test_approve_later(app: Flask, client: FlaskClient, stopped_clock: clock.Hands) -> None:
    placed = opened()
    back = choose(client, placed, "approve_later")
    page = client.get(back.removeprefix(SITE), follow_redirects=True)
    assert page.request.path == f"/orders/{placed.token}/waiting"
    assert "Waiting for your bank" in page.text
    assert 'http-equiv="refresh"' in page.text
    assert placed.attempt.status is AttemptStatus.PROCESSING
    sweep()
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    stopped_clock.forward(minutes=1)
    sweep()
    assert placed.order.status is OrderStatus.PAID
    assert event_kinds() == ["page.processing", "page.paid"]
    assert client.get(page.request.path).location == f"/orders/{placed.token}"


def test_approve_and_lose_the_way_back(app: Flask, client: FlaskClient) -> None:
    placed = opened()
    stays = choose(client, placed, "approve_lost")
    assert "/demo-payment/" in stays
    assert "the way back is lost" in client.get(stays).text
    assert placed.order.status is OrderStatus.PAID


def test_abandon_then_expire(app: Flask, client: FlaskClient, stopped_clock: clock.Hands) -> None:
    ring = VariantFactory(stock=1)
    placed = place(ring)
    placed.start()
    stays = choose(client, placed, "abandon")
    assert "You have left the payment." in client.get(stays).text
    assert event_kinds() == []
    stopped_clock.forward(minutes=36)
    sweep()
    assert placed.order.status is OrderStatus.CANCELED
    assert stock_of(ring.id) == 1
    sweep()
    assert stock_of(ring.id) == 1


def test_a_notice_that_was_not_taken_is_told_again(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = opened()
    with monkeypatch.context() as away:
        away.setattr(demo.news, "post", lambda _app, _body: 503)
        choose(client, placed, "approve_lost")
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    sweep()
    assert placed.order.status is OrderStatus.PAID
    assert event_kinds() == ["page.paid"]


def test_a_closed_page_takes_no_money(app: Flask, client: FlaskClient) -> None:
    placed = opened()
    choose(client, placed, "decline")
    address = placed.attempt.redirect_url.removeprefix(SITE)
    page = client.get(address)
    assert "This payment page is closed." in page.text
    other = opened()
    token = token_in(client.get(other.attempt.redirect_url.removeprefix(SITE)).text)
    client.post(address, data={"outcome": "approve", "csrf_token": token})
    db.session.rollback()
    session = db.session.scalars(sa.select(DemoSession).filter_by(external_id=placed.page)).one()
    assert session.status == "failed"


def test_a_page_past_its_time_takes_no_money(app: Flask, client: FlaskClient, stopped_clock: clock.Hands) -> None:
    placed = opened()
    stopped_clock.forward(minutes=36)
    choose(client, placed, "approve")
    payments.expire_unpaid()
    assert placed.order.status is OrderStatus.CANCELED


@pytest.mark.parametrize("outcome", ["", "steal", "APPROVE"])
def test_an_outcome_that_does_not_exist_is_a_form_error(app: Flask, client: FlaskClient, outcome: str) -> None:
    placed = opened()
    address = placed.attempt.redirect_url.removeprefix(SITE)
    answer = client.post(address, data={"outcome": outcome, "csrf_token": token_in(client.get(address).text)})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert placed.attempt.status is AttemptStatus.OPEN


def test_a_page_that_does_not_exist(app: Flask, client: FlaskClient) -> None:
    assert client.get("/demo-payment/demo_nothing").status_code == 404
    assert client.post("/demo-payment/demo_nothing").status_code in (403, 404)


def test_the_page_speaks_the_language_of_the_order(app: Flask, client: FlaskClient) -> None:
    placed = place(currency="IDR", language="id", market="id")
    address = placed.start()
    assert address
    assert address.startswith(f"{SITE}/id/demo-payment/")
    text = client.get(address.removeprefix(SITE)).text
    assert '<html lang="id">' in text
    assert "Rp\u00a0925.000" in text
    assert choose(client, placed, "approve") == f"{SITE}/id/orders/{placed.token}/return"

"""The pages around paying: they prove nothing, promise nothing, and belong to who holds the link."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core import clock
from marketplace.orders import services as orders
from marketplace.orders.models import CancelReason, OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import AttemptStatus
from marketplace.payments.processors import PageStatus, demo
from tests.factories.catalog import VariantFactory
from tests.payments.placing import Placed, in_parallel, place, token_in


def opened(**order: str) -> Placed:
    placed = place(**order)
    assert placed.start()
    return placed


def test_the_return_page_opened_without_a_payment_pays_nothing(app: Flask, client: FlaskClient) -> None:
    placed = opened()
    for _ in range(3):
        page = client.get(f"/orders/{placed.token}/return", follow_redirects=True)
        assert page.status_code == 200
        assert "This order is not paid yet" in page.text
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert placed.attempt.status is AttemptStatus.OPEN


def test_the_return_page_settles_without_any_message(app: Flask, client: FlaskClient) -> None:
    placed = opened()
    demo.move(placed.page, PageStatus.PAID)
    answer = client.get(f"/orders/{placed.token}/return")
    assert (answer.status_code, answer.location) == (303, f"/orders/{placed.token}")
    assert placed.order.status is OrderStatus.PAID


@pytest.mark.parametrize("path", ["return", "waiting", "payment"])
def test_who_does_not_hold_the_link_sees_nothing(app: Flask, client: FlaskClient, path: str) -> None:
    opened()
    assert client.get(f"/orders/not-this-one/{path}").status_code == 404


@pytest.mark.parametrize("path", ["return", "waiting", "payment"])
def test_nothing_of_it_is_stored_by_caches(app: Flask, client: FlaskClient, path: str) -> None:
    placed = opened()
    answer = client.get(f"/orders/{placed.token}/{path}", follow_redirects=True)
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["return", "waiting", "payment"])
def test_an_order_that_ended_leads_to_its_own_page(app: Flask, client: FlaskClient, path: str) -> None:
    canceled, paid = opened(), opened()
    payments.cancel_order(canceled.order_id, CancelReason.BUYER)
    demo.move(paid.page, PageStatus.PAID)
    payments.settle(paid.attempt.key)
    for placed in (canceled, paid):
        answer = client.get(f"/orders/{placed.token}/{path}")
        assert (answer.status_code, answer.location) == (303, f"/orders/{placed.token}")


def pay(client: FlaskClient, placed: Placed, token: str) -> Any:
    return client.post(f"/orders/{placed.token}/payment", data={"csrf_token": token})


def test_paying_again_while_it_is_paid_canceled_or_decided(app: Flask, new_client: Any) -> None:
    token, client = token_in(new_client().get(f"/orders/{opened().token}/payment").text), new_client()
    paid, canceled, running = opened(), opened(), opened()
    demo.move(paid.page, PageStatus.PAID)
    payments.cancel_order(canceled.order_id, CancelReason.BUYER)
    demo.move(running.page, PageStatus.PROCESSING, due_at=clock.now())
    assert pay(client, running, token).location == f"/orders/{running.token}/waiting"
    assert pay(client, paid, token).location == f"/orders/{paid.token}"
    assert paid.order.status is OrderStatus.PAID
    assert "This order is paid already" in client.get(f"/orders/{paid.token}").text
    assert pay(new_client(), canceled, token).location == f"/orders/{canceled.token}"


def test_an_old_form_is_redrawn(app: Flask, client: FlaskClient) -> None:
    placed = opened()
    answer = client.post(f"/orders/{placed.token}/payment", data={"csrf_token": "yesterday"})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert len(placed.attempts) == 1


def test_ten_clicks_at_once_open_one_page(app: Flask, new_client: Any) -> None:
    placed = opened()
    demo.move(placed.page, PageStatus.FAILED)
    payments.settle(placed.attempt.key)
    token = token_in(new_client().get(f"/orders/{placed.token}/payment").text)
    found: list[str] = []

    def click() -> int:
        answer = pay(new_client(), placed, token)
        found.append(answer.location)
        return int(answer.status_code)

    assert in_parallel([click] * 10) == [303] * 10
    assert len(set(found)) == 1
    assert [attempt.status for attempt in placed.attempts] == [AttemptStatus.FAILED, AttemptStatus.OPEN]


def test_the_waiting_page_says_that_closing_is_safe(app: Flask, client: FlaskClient) -> None:
    placed = opened()
    demo.move(placed.page, PageStatus.PROCESSING, due_at=clock.now())
    text = client.get(f"/orders/{placed.token}/waiting").text
    assert "Please do not pay again." in text
    assert "maya.chen@example.com" in text
    assert 'data-again="10"' in text
    assert "1 workshop starts" in text


def test_the_pages_keep_their_statements(app: Flask, client: FlaskClient, statements: Any) -> None:
    """Bounded whatever the number of lines: the order, its parcels, lines and photos."""
    small, large = place(VariantFactory()), place(*[VariantFactory() for _ in range(5)])
    for placed in (small, large):
        placed.start()
        client.get(f"/orders/{placed.token}/payment")
    with statements() as few:
        client.get(f"/orders/{small.token}/payment")
    with statements() as many:
        client.get(f"/orders/{large.token}/payment")
    assert len(few) == len(many) <= 8


def test_late_money_for_pieces_that_are_gone_is_told_to_the_buyer(app: Flask, client: FlaskClient) -> None:
    ring = VariantFactory(stock=1)
    placed = place(ring)
    placed.start()
    orders.cancel_unpaid(placed.order_id, CancelReason.EXPIRED)
    assert "Nothing was charged" in client.get(f"/orders/{placed.token}").text
    place(ring)
    demo.move(placed.page, PageStatus.PAID)
    payments.settle(placed.attempt.key)
    text = client.get(f"/orders/{placed.token}").text
    assert "The money is yours" in text
    assert "Nothing was charged" not in text

"""Stripe slow, down or rude: the buyer has an answer, and can pay the same order again (security.md 13)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from marketplace.orders.models import OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import AttemptStatus
from marketplace.payments.processors import ProcessorDown
from marketplace.payments.setup import _processors
from tests.fakes.stripe_server import StripeServer
from tests.payments.placing import Placed, place, token_in

Break = Callable[[StripeServer], None]

# Each breaks the call and its one retry.
AWAY: dict[str, Break] = {
    "503 without acting": lambda s: s.fail("status", status=503, times=2),
    "500 after acting": lambda s: s.fail("broken", status=500, times=2),
    "500 that asks for no retry": lambda s: s.fail("status", status=500, headers={"Stripe-Should-Retry": "false"}),
    "429": lambda s: s.fail("status", status=429),
    "409, a call with this key runs": lambda s: s.fail("status", status=409, times=2),
    "401, our key was revoked": lambda s: s.fail("status", status=401),
    "stuck without acting": lambda s: s.fail("stuck", seconds=0.7, times=2),
    "late after acting": lambda s: s.fail("late", seconds=0.7, times=2),
    "answer lost after acting": lambda s: s.fail("lost", times=2),
    "HTML": lambda s: s.fail("rubbish", times=2),
    "nothing": lambda s: s.fail("rubbish", body=b"", times=2),
    "a list": lambda s: s.fail("rubbish", body=b"[]", times=2),
    "null": lambda s: s.fail("rubbish", body=b"null", times=2),
    "an empty object": lambda s: s.fail("rubbish", body=b"{}", times=2),
    "a page without a name": lambda s: s.fail("rubbish", body=b'{"object": "checkout.session", "id": null}', times=2),
    "a script instead of an address": lambda s: s.fail(
        "rubbish",
        body=b'{"object": "checkout.session", "id": "cs_1", "url": "javascript:alert(1)", "expires_at": 1}',
        times=2,
    ),
}


@pytest.mark.parametrize("fault", AWAY)
def test_the_page_cannot_be_had_and_then_can(
    stripe_app: Flask, stripe_server: StripeServer, stripe_client: FlaskClient, fault: str
) -> None:
    placed = place()
    AWAY[fault](stripe_server)
    began = time.monotonic()
    assert placed.start() is None
    assert time.monotonic() - began < 4
    assert placed.attempt.status is AttemptStatus.CREATED
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    stripe_server.faults.clear()
    time.sleep(0.4 if "late" in fault or "stuck" in fault else 0)
    if fault == "500 after acting":
        return  # Stripe plays its answer of this key again for a day; see the next test
    address = payments.pay_again(placed.token)
    assert address.startswith(stripe_server.url)
    assert len(stripe_server.sessions) == 1
    stripe_server.pay(placed.page)
    payments.settle(placed.attempt.key)
    assert placed.order.status is OrderStatus.PAID


def test_a_lost_answer_is_repeated_with_the_same_key_and_makes_one_page(
    stripe_app: Flask, stripe_server: StripeServer
) -> None:
    placed = place()
    stripe_server.fail("lost")
    assert placed.start()
    assert stripe_server.count("POST", "/v1/checkout/sessions") == 2
    assert list(stripe_server.kept) == [placed.attempt.key]
    assert len(stripe_server.sessions) == 1


def test_503_then_ok_is_not_noticed(stripe_app: Flask, stripe_server: StripeServer) -> None:
    stripe_server.fail("status", status=503)
    assert place().start()


def test_a_definite_no_ends_the_attempt_and_the_next_try_is_a_new_one(
    stripe_app: Flask, stripe_server: StripeServer
) -> None:
    placed = place()
    stripe_server.fail("status", status=400)
    assert placed.start() is None
    assert placed.attempt.status is AttemptStatus.FAILED
    assert placed.attempt.problem.startswith("the processor refused")
    assert payments.pay_again(placed.token)
    first, second = placed.attempts
    assert first.key != second.key
    stripe_server.pay(placed.page)
    payments.settle(second.key)
    assert placed.order.status is OrderStatus.PAID


def test_what_was_sent_is_what_was_stored(stripe_app: Flask, stripe_server: StripeServer) -> None:
    """A repeated call with other parameters would be refused: the stored ones are sent to the letter."""
    placed = place()
    stripe_server.fail("status", status=503, times=2)
    placed.start()
    time.sleep(1.1)
    assert payments.pay_again(placed.token)
    session = stripe_server.sessions[placed.page]
    assert session["expires_at"] == placed.attempt.request_json["expires_at"]
    assert session["client_reference_id"] == placed.order.public_no
    assert session["metadata"]["attempt_key"] == placed.attempt.key


READS = [name for name in AWAY if "after acting" not in name]  # reading acts on nothing


@pytest.mark.parametrize("fault", READS)
def test_asking_after_a_payment_fails_and_then_works(
    stripe_app: Flask, stripe_server: StripeServer, fault: str
) -> None:
    placed = place()
    placed.start()
    stripe_server.pay(placed.page)
    AWAY[fault](stripe_server)
    with pytest.raises(ProcessorDown):
        payments.settle(placed.attempt.key)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    stripe_server.faults.clear()
    payments.settle(placed.attempt.key)
    assert placed.order.status is OrderStatus.PAID


def test_an_unknown_state_is_no_answer(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = place()
    placed.start()
    session = dict(stripe_server.sessions[placed.page], status="vanished")
    stripe_server.fail("rubbish", body=json.dumps(session).encode())
    with pytest.raises(ProcessorDown):
        payments.settle(placed.attempt.key)


def test_the_pages_answer_while_stripe_is_away(
    stripe_app: Flask, stripe_server: StripeServer, stripe_client: FlaskClient
) -> None:
    placed: Placed = place()
    placed.start()
    for path in ("return", "waiting"):
        stripe_server.fail("status", status=503, times=2)
        answer = stripe_client.get(f"/orders/{placed.token}/{path}", follow_redirects=True)
        assert answer.status_code == 200
        assert "Waiting for the payment page" in answer.text
    again = f"/orders/{placed.token}/payment"
    data = {"csrf_token": token_in(stripe_client.get(again).text)}
    stripe_server.fail("status", status=503, times=2)
    answer = stripe_client.post(again, data=data, follow_redirects=True)
    assert answer.status_code == 200
    assert "Nothing was charged" in answer.text
    assert "This order is not paid yet" in answer.text
    answer = stripe_client.post(again, data={"csrf_token": token_in(answer.text)})
    assert (answer.status_code, answer.location) == (303, placed.attempt.redirect_url)


def test_the_time_a_buyer_waits_is_bounded() -> None:
    """3 s to connect, 8 s to answer, one retry; in the worker 15 s and two."""
    made = _processors(
        Config(
            app_env="testing",
            stripe_secret_key="sk_test_x",
            stripe_webhook_secret="whsec_x",
            payment_processor="stripe",
        )
    )
    buyer, worker = made["stripe"], made["stripe/patient"]
    assert (buyer._timeout, buyer._retries) == ((3, 8), 1)  # type: ignore[attr-defined]
    assert (worker._timeout, worker._retries) == ((3, 15), 2)  # type: ignore[attr-defined]

"""Midtrans slow, down or rude: the buyer has an answer, and can pay the same order again (security.md 13)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core import clock
from marketplace.orders.models import CancelReason, OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.errors import ProcessorAway
from marketplace.payments.models import AttemptStatus
from marketplace.payments.processors import ProcessorDown
from marketplace.payments.processors.midtrans import MidtransProcessor
from marketplace.payments.services.facts import read_facts
from tests.fakes.midtrans_server import MidtransServer

from .placing import Placed, place, token_in

Break = Callable[[MidtransServer], None]


def _address(address: str) -> bytes:
    return json.dumps({"token": "t", "redirect_url": address}).encode()


# Each breaks the call and its one retry.
AWAY: dict[str, Break] = {
    "503 without acting": lambda s: s.fail("status", status=503, times=2),
    "500 after acting": lambda s: s.fail("broken", status=500, times=2),
    "500 that is no JSON": lambda s: s.fail("status", status=500, times=2),
    "429": lambda s: s.fail("status", status=429),
    "409": lambda s: s.fail("status", status=409),
    "401, our key was revoked": lambda s: s.fail("status", status=401),
    "a way elsewhere": lambda s: s.fail("status", status=302, headers={"Location": "http://127.0.0.1:9/"}),
    "stuck without acting": lambda s: s.fail("stuck", seconds=0.7, times=2),
    "late after acting": lambda s: s.fail("late", seconds=0.7, times=2),
    "answer lost after acting": lambda s: s.fail("lost", times=2),
    "HTML": lambda s: s.fail("rubbish"),
    "nothing": lambda s: s.fail("rubbish", body=b""),
    "a list": lambda s: s.fail("rubbish", body=b"[]"),
    "null": lambda s: s.fail("rubbish", body=b"null"),
    "an empty object": lambda s: s.fail("rubbish", body=b"{}"),
    "503 inside a 200": lambda s: s.fail("rubbish", body=b'{"status_code": "503"}', times=2),
    "a script instead of an address": lambda s: s.fail("rubbish", body=_address("javascript:alert(1)")),
    "another host's address": lambda s: s.fail("rubbish", body=_address("http://elsewhere.example/pay")),
}


def started(offer: str = "midtrans-va") -> Placed:
    placed = place(offer=offer)
    assert placed.start()
    return placed


@pytest.mark.parametrize("fault", AWAY)
def test_the_page_cannot_be_had_and_then_can(midtrans_app: Flask, midtrans_server: MidtransServer, fault: str) -> None:
    placed = place(offer="midtrans-va")
    AWAY[fault](midtrans_server)
    assert placed.start() is None
    assert placed.attempt.status is AttemptStatus.CREATED
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    midtrans_server.faults.clear()
    time.sleep(0.4 if "late" in fault or "stuck" in fault else 0)
    address = payments.pay_again(placed.token)
    assert address.startswith(midtrans_server.url)
    assert {page["order_id"] for page in midtrans_server.pages.values()} == {placed.page}
    midtrans_server.pay(placed.page)
    payments.settle(placed.attempt.key)
    assert placed.order.status is OrderStatus.PAID


@pytest.mark.parametrize("fault", ["status", "lost", "stuck"])
def test_one_fault_is_not_noticed(midtrans_app: Flask, midtrans_server: MidtransServer, fault: str) -> None:
    midtrans_server.fail(fault, status=503, seconds=0.5 if fault == "stuck" else 0)
    assert place(offer="midtrans-va").start()


@pytest.mark.parametrize("status", [400, 402, 404, 413])
def test_a_definite_no_ends_the_attempt_and_the_next_try_is_a_new_one(
    midtrans_app: Flask, midtrans_server: MidtransServer, status: int
) -> None:
    placed = place(offer="midtrans-va")
    midtrans_server.fail("status", status=status)
    assert placed.start() is None
    assert placed.attempt.status is AttemptStatus.FAILED
    assert placed.attempt.problem.startswith("the processor refused")
    assert payments.pay_again(placed.token)
    first, second = placed.attempts
    assert first.key != second.key
    midtrans_server.pay(placed.page)
    payments.settle(second.key)
    assert placed.order.status is OrderStatus.PAID


def test_an_order_id_that_is_taken_is_a_definite_no(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    """A page whose address we never had was used all the same: its money comes late and is still money."""
    placed = place(offer="midtrans-va")
    facts = read_facts(id=placed.attempt_id)[0]
    page = midtrans_app.extensions["payment_processors"]["midtrans"].start(facts).external_id
    midtrans_server.choose(page)
    assert placed.start() is None
    assert "already been taken" in placed.attempt.problem
    midtrans_server.pay(page)
    payments.receive("midtrans", {}, json.dumps(midtrans_server.events[-1]).encode())
    assert placed.order.status is OrderStatus.PAID


def test_what_was_sent_is_what_was_stored(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    """The stand-in finds fault with another request under the same order_id."""
    placed = place(offer="midtrans-va")
    midtrans_server.fail("broken", status=503, times=2)
    placed.start()
    time.sleep(1.1)
    assert payments.pay_again(placed.token)
    assert len(midtrans_server.pages) == 3
    assert all(page["request"] == placed.attempt.request_json["body"] for page in midtrans_server.pages.values())


READS = [name for name in AWAY if "after acting" not in name and "address" not in name]  # reading acts on nothing


@pytest.mark.parametrize("fault", READS)
def test_asking_after_a_payment_fails_and_then_works(
    midtrans_app: Flask, midtrans_server: MidtransServer, fault: str
) -> None:
    placed = started()
    midtrans_server.pay(placed.page)
    AWAY[fault](midtrans_server)
    with pytest.raises(ProcessorDown):
        payments.settle(placed.attempt.key)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    midtrans_server.faults.clear()
    payments.settle(placed.attempt.key)
    assert placed.order.status is OrderStatus.PAID


CLOSING = ["/snap/v1/transactions/", "/v2/"]


@pytest.mark.parametrize("path", CLOSING)
@pytest.mark.parametrize("fault", ["status", "stuck", "broken", "lost"])
def test_closing_fails_and_then_works(
    midtrans_app: Flask, midtrans_server: MidtransServer, path: str, fault: str
) -> None:
    placed = started()
    midtrans_server.choose(placed.page)
    midtrans_server.fail(fault, path=path, status=503, seconds=0.5 if fault == "stuck" else 0, times=2)
    with pytest.raises(ProcessorAway):
        payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    midtrans_server.faults.clear()
    payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert placed.order.status is OrderStatus.CANCELED
    assert midtrans_server.transactions[placed.page]["transaction_status"] == "expire"


@pytest.mark.parametrize("fault", ["broken", "lost"])
def test_a_lost_answer_to_the_closing_itself_is_found_out(
    midtrans_app: Flask, midtrans_server: MidtransServer, fault: str
) -> None:
    """It was expired, and the answer did not come: asked again, `/expire` and `/cancel` say no, and the state tells."""
    placed = started()
    midtrans_server.choose(placed.page)
    midtrans_server.fail(fault, path=f"/v2/{placed.page}/expire", status=500, times=1)
    payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert placed.order.status is OrderStatus.CANCELED
    assert placed.attempt.status is AttemptStatus.EXPIRED


def test_the_pages_answer_while_midtrans_is_away(
    midtrans_app: Flask, midtrans_server: MidtransServer, midtrans_client: FlaskClient
) -> None:
    placed = started()
    for path in ("return", "waiting"):
        midtrans_server.fail("status", status=503, times=2)
        answer = midtrans_client.get(f"/orders/{placed.token}/{path}", follow_redirects=True)
        assert answer.status_code == 200
        assert "Waiting for the payment page" in answer.text
    again = f"/orders/{placed.token}/payment"
    data = {"csrf_token": token_in(midtrans_client.get(again).text), "pay_with": "midtrans-qris"}
    midtrans_server.fail("status", status=503, times=2)
    answer = midtrans_client.post(again, data=data, follow_redirects=True)
    assert "Nothing was charged" in answer.text
    answer = midtrans_client.post(again, data={**data, "csrf_token": token_in(answer.text)})
    assert (answer.status_code, answer.location) == (303, placed.attempts[-1].redirect_url)


def test_a_wrong_key_is_no_answer(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    other = MidtransProcessor(
        "SB-Mid-server-wrong", midtrans_server.url, midtrans_server.url, livemode=False, timeout=(1, 1), retries=0
    )
    placed = started()
    with pytest.raises(ProcessorDown, match="401"):
        other.fetch(read_facts(id=placed.attempt_id)[0])


def test_nobody_listens(midtrans_app: Flask) -> None:
    nowhere = "http://127.0.0.1:9"
    processor = MidtransProcessor("SB-Mid-server-x", nowhere, nowhere, livemode=False, timeout=(1, 1), retries=1)
    began = clock.now()
    with pytest.raises(ProcessorDown):
        processor.start(read_facts(id=place(offer="midtrans-va").attempt_id)[0])
    assert (clock.now() - began).total_seconds() < 4

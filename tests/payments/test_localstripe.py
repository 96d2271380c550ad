"""A second opinion on our Stripe adapter: localstripe, a stand-in that is not ours (payments.md 2).

It is run as a process of its own, beside the tests, and only where it is installed. It takes our refund as we really
send it (charge, amount, metadata, expanded balance), but it knows neither hosted Checkout nor idempotency keys and
accepts refunds above the charge: those are left to our own stand-in (tests/fakes), and the payments here begin as
PaymentIntents. It sends no messages about refunds, so the signed one that our route takes is of the payment.
"""

from __future__ import annotations

import dataclasses
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from marketplace.core.db import transaction
from marketplace.core.ids import new_key
from marketplace.core.money import Money
from marketplace.orders.models import OrderStatus
from marketplace.payments.models import RefundStatus
from marketplace.payments.processors import PageStatus, PaymentState, Refused
from marketplace.payments.processors.stripe import StripeProcessor
from marketplace.payments.processors.stripe.calls import calling
from marketplace.payments.services.refunds.sending import facts
from marketplace.payments.services.settlement import apply

from .placing import Placed, place
from .refunding import ask, assert_counted, booked, refund_of, wish
from .test_webhooks import event_rows, post

COMMAND = shutil.which("localstripe", path=str(Path(sys.executable).parent))
SECRET = "whsec_of_the_second_opinion"
VISA, DECLINED, ASKS = "4242424242424242", "4000000000000341", "4000002760003184"

Mailbox = Callable[[str], tuple[bytes, dict[str, str]]]  # what is told about the object of this name

pytestmark = [
    pytest.mark.localstripe,
    pytest.mark.skipif(COMMAND is None, reason="localstripe is not installed"),
]


@pytest.fixture(scope="module")
def localstripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, once it listens. What it writes goes into a directory of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = str(tmp_path_factory.mktemp("localstripe"))
    process = subprocess.Popen(
        [str(COMMAND), "--port", str(port), "--from-scratch"],
        env={**os.environ, "TMPDIR": folder, "PYTHONUNBUFFERED": "1"},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "Running on" in process.stdout.readline()
        threading.Thread(target=process.stdout.read, daemon=True).start()  # or it would stop when the pipe is full
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def stripe_there(stripe_app: Flask, localstripe: str) -> StripeProcessor:
    """Our adapter, talking to it, in the place of the shop's own."""
    there = StripeProcessor("sk_test_of_the_shop", SECRET, localstripe, timeout=(2, 8), retries=0)
    stripe_app.extensions["payment_processors"] = {"stripe": there}
    return there


def intent(there: StripeProcessor, card: str, total: Money, attempt_key: str = "") -> Any:
    """A payment with this card, confirmed at once."""
    given: Any = {"type": "card", "card": {"number": card, "exp_month": 12, "exp_year": 2040, "cvc": "123"}}
    method = there._client.v1.payment_methods.create(given)
    params: Any = {
        "amount": total.amount,
        "currency": total.currency.lower(),
        "payment_method": method.id,
        "confirm": True,
        "metadata": {"attempt_key": attempt_key},
    }
    return calling(lambda: there._client.v1.payment_intents.create(params))


def paid(there: StripeProcessor) -> Placed:
    """An order of $71.00 that was paid there; our own stand-in's part, the hosted page, is left out."""
    placed = place()
    attempt = placed.attempt
    made = intent(there, VISA, Money(attempt.amount, attempt.currency), attempt.key)
    assert (made.status, made.amount) == ("succeeded", attempt.amount)
    state = PaymentState(
        PageStatus.PAID, made.id, attempt.key, Money(attempt.amount, attempt.currency), charge_id=made.latest_charge.id
    )
    with transaction():
        apply(attempt.id, state)
    assert placed.order.status is OrderStatus.PAID
    return placed


def test_a_part_of_a_payment_goes_back_by_our_own_call(stripe_there: StripeProcessor) -> None:
    placed = paid(stripe_there)
    (part,) = placed.parts
    refund = refund_of(ask(wish(part, amount=1_234)))
    assert (refund.status, refund.error) == (RefundStatus.SUCCEEDED, "")
    theirs = stripe_there._client.v1.refunds.retrieve(refund.external_id or "")
    assert (theirs.amount, theirs.charge) == (1_234, placed.attempt.charge_id)
    assert booked(f"refund-sent:{refund.id}") == {"refunds_due USD": 1_234, "clearing:stripe USD": -1_234}
    rest = refund_of(ask(wish(part, amount=part.total_amount - 1_234)))
    assert rest.status is RefundStatus.SUCCEEDED
    assert_counted(part)


def test_a_refund_is_found_again_among_those_of_its_charge(stripe_there: StripeProcessor) -> None:
    placed = paid(stripe_there)
    first, second = (refund_of(ask(wish(placed.parts[0], amount=amount))) for amount in (100, 200))
    found = stripe_there.find_refund(facts(second))
    assert found is not None
    assert (found.external_id, found.amount) == (second.external_id, Money(200, "USD"))
    assert found == stripe_there.fetch_refund(second.external_id or "")
    assert stripe_there.find_refund(facts(first)) != found
    assert stripe_there.find_refund(dataclasses.replace(facts(first), key=new_key())) is None


def test_a_refund_that_it_refuses_is_a_definite_no(stripe_there: StripeProcessor) -> None:
    placed = paid(stripe_there)
    with transaction():
        placed.attempt.charge_id = "ch_nowhere"
    refund = refund_of(ask(wish(placed.parts[0], amount=100)))
    assert refund.status is RefundStatus.FAILED
    assert placed.attempt.refunded_amount == 0
    with pytest.raises(Refused):
        stripe_there.fetch_refund("re_nowhere")


def test_a_declined_card_is_a_definite_no(stripe_there: StripeProcessor) -> None:
    with pytest.raises(Refused, match="declined"):
        intent(stripe_there, DECLINED, Money(4_500, "USD"))


def test_a_card_that_asks_is_paid_when_the_buyer_has_answered(stripe_there: StripeProcessor, localstripe: str) -> None:
    made = intent(stripe_there, ASKS, Money(4_500, "USD"))
    assert made.status == "requires_action"
    assert getattr(made, "latest_charge", None) is None
    answer = urllib.parse.urlencode({"client_secret": made.client_secret, "success": "true", "key": "pk_test_x"})
    urllib.request.urlopen(f"{localstripe}/v1/payment_intents/{made.id}/_authenticate", answer.encode(), timeout=8)
    after = stripe_there._client.v1.payment_intents.retrieve(made.id)
    assert after.status == "succeeded"


@pytest.fixture
def mailbox(localstripe: str) -> Iterator[Mailbox]:
    """What it delivers about an object, as it came over the wire; it tells a second after the fact."""
    came: queue.Queue[tuple[bytes, dict[str, str]]] = queue.Queue()

    class Box(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.put((body, {"Stripe-Signature": self.headers["Stripe-Signature"]}))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    box = HTTPServer(("127.0.0.1", 0), Box)
    threading.Thread(target=box.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    told = urllib.parse.urlencode({"url": f"http://127.0.0.1:{box.server_address[1]}/", "secret": SECRET})
    urllib.request.urlopen(f"{localstripe}/_config/webhooks/shop", told.encode(), timeout=8)

    def about(name: str) -> tuple[bytes, dict[str, str]]:
        while name.encode() not in (letter := came.get(timeout=10))[0]:
            continue
        return letter

    yield about
    box.shutdown()
    box.server_close()


def test_its_signed_message_is_taken_by_our_route(
    stripe_there: StripeProcessor, stripe_app: Flask, mailbox: Mailbox
) -> None:
    made = intent(stripe_there, VISA, Money(4_500, "USD"), "a" * 32)
    body, headers = mailbox(made.id)
    assert post(stripe_app, body, headers) == 204
    (event,) = event_rows()
    assert (event.kind, event.attempt_key) == ("payment_intent.succeeded", "a" * 32)
    assert made.id in event.body
    assert post(stripe_app, body.replace(b"4500", b"4501"), headers) == 400
    stamp, signature = headers["Stripe-Signature"].split(",")
    assert post(stripe_app, body, {"Stripe-Signature": f"{stamp},{signature[:-1]}x"}) == 400
    assert len(event_rows()) == 1

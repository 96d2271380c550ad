"""Messages of processors: the table of payments.md 11, and every order of arrival (security.md 8–11)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.orders.models import OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import AttemptStatus, ProcessorEvent
from marketplace.payments.processors.demo import SIGNATURE_HEADER
from marketplace.payments.services.facts import read_facts
from marketplace.payments.signatures import sign
from tests.conftest import SITE
from tests.fakes.stripe_server import StripeServer
from tests.payments.placing import Placed, in_parallel, mail_keys, place


def post(app: Flask, body: bytes, headers: dict[str, str], processor: str = "stripe") -> int:
    """As the outside sends it: no origin, no cookie, no browser."""
    answer = Client(app).post(f"/webhooks/{processor}", data=body, headers=headers, base_url=SITE)
    answer.close()
    return answer.status_code


def listening(app: Flask, server: StripeServer) -> StripeServer:
    server.deliver = lambda body, headers: post(app, body, headers)
    return server


def started() -> Placed:
    placed = place()
    assert placed.start()
    return placed


def event_rows() -> list[ProcessorEvent]:
    db.session.rollback()
    query = sa.select(ProcessorEvent).order_by(ProcessorEvent.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def everything() -> list[Any]:
    """What a message could change: orders, attempts, messages, mails, stock."""
    db.session.rollback()
    names = ("orders", "seller_orders", "payment_attempts", "processor_events", "mails", "variants")
    return [[tuple(row) for row in db.session.execute(sa.text(f"select * from {name} order by id"))] for name in names]


def paid_event(server: StripeServer, placed: Placed) -> dict[str, Any]:
    """A true message that has not been delivered yet."""
    return server.pay(placed.page)


Message = tuple[bytes, dict[str, str]]


def _signed(server: StripeServer, body: bytes, **how: Any) -> Message:
    return body, server.signed(body, **how)


def _changed(event: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({**event, **changes}).encode()


BAD: dict[str, Callable[[StripeServer, dict[str, Any], bytes], Message]] = {
    "no header": lambda s, e, b: (b, {}),
    "empty header": lambda s, e, b: (b, {"Stripe-Signature": ""}),
    "garbage header": lambda s, e, b: (b, {"Stripe-Signature": "garbage"}),
    "header of equal signs": lambda s, e, b: (b, {"Stripe-Signature": "t==,v1==,=,"}),
    "no stamp": lambda s, e, b: (b, {"Stripe-Signature": s.signed(b)["Stripe-Signature"].split(",")[1]}),
    "huge timestamp": lambda s, e, b: (b, {"Stripe-Signature": f"t={'9' * 5000},v1=00"}),
    "negative timestamp": lambda s, e, b: (b, {"Stripe-Signature": "t=-1,v1=00"}),
    "non-ASCII signature": lambda s, e, b: (b, {"Stripe-Signature": f"t={int(time.time())},v1=\xe9\xff"}),
    "non-UTF-8 body": lambda s, e, b: (b"\xff\xfe" + b, s.signed(b)),
    "non-UTF-8 body, signed": lambda s, e, b: _signed(s, b'{"a": "\xff"}'),
    "signed non-JSON": lambda s, e, b: _signed(s, b"hello"),
    "signed nothing": lambda s, e, b: _signed(s, b""),
    "signed list": lambda s, e, b: _signed(s, b"[1, 2]"),
    "signed number": lambda s, e, b: _signed(s, b"7"),
    "signed null": lambda s, e, b: _signed(s, b"null"),
    "signed object without data": lambda s, e, b: _signed(s, _changed({k: v for k, v in e.items() if k != "data"})),
    "data without an object": lambda s, e, b: _signed(s, _changed(e, data={})),
    "data is a list": lambda s, e, b: _signed(s, _changed(e, data=[])),
    "thin event": lambda s, e, b: _signed(
        s, json.dumps({"id": "evt_1", "object": "v2.core.event", "type": "v1.x", "related_object": {}}).encode()
    ),
    "no id": lambda s, e, b: _signed(s, _changed({k: v for k, v in e.items() if k != "id"})),
    "id is a number": lambda s, e, b: _signed(s, _changed(e, id=7)),
    "id with a zero byte": lambda s, e, b: _signed(s, _changed(e, id="evt_\u0000")),
    "id too long": lambda s, e, b: _signed(s, _changed(e, id="e" * 121)),
    "type is null": lambda s, e, b: _signed(s, _changed(e, type=None)),
    "type with a surrogate": lambda s, e, b: _signed(s, _changed(e, type="\ud800")),
    "live in a test shop": lambda s, e, b: _signed(s, _changed(e, livemode=True)),
    "of another account": lambda s, e, b: _signed(s, _changed(e, account="acct_of_somebody")),
    "livemode is text": lambda s, e, b: _signed(s, _changed(e, livemode="false")),
    "301 s old": lambda s, e, b: _signed(s, b, at=time.time() - 301),
    "an hour ahead": lambda s, e, b: _signed(s, b, at=time.time() + 3600),
    "other secret": lambda s, e, b: _signed(s, b, secret="whsec_of_somebody_else"),
    "changed after signing": lambda s, e, b: (b.replace(b"cs_test", b"cs_tes7"), s.signed(b)),
    "made anew from the same JSON": lambda s, e, b: (json.dumps(e, indent=1).encode(), s.signed(b)),
    "nested without end": lambda s, e, b: _signed(s, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "signature of v0": lambda s, e, b: (b, {"Stripe-Signature": s.signed(b)["Stripe-Signature"].replace("v1", "v0")}),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_message_is_answered_400_and_changes_nothing(
    stripe_app: Flask, stripe_server: StripeServer, case: str
) -> None:
    event = paid_event(stripe_server, started())
    before = everything()
    body, headers = BAD[case](stripe_server, event, json.dumps(event).encode())
    assert post(stripe_app, body, headers) == 400
    assert everything() == before


def test_the_same_message_unspoiled_is_taken(stripe_app: Flask, stripe_server: StripeServer) -> None:
    """The table above would prove nothing if the untouched message were refused too."""
    placed = started()
    body = json.dumps(paid_event(stripe_server, placed)).encode()
    assert post(stripe_app, body, stripe_server.signed(body)) == 204
    assert placed.order.status is OrderStatus.PAID


def test_a_body_over_one_megabyte_is_413(stripe_app: Flask, stripe_server: StripeServer) -> None:
    started()
    before = everything()
    body = b'{"object": "event", "x": "' + b"x" * (1024 * 1024) + b'"}'
    assert post(stripe_app, body, stripe_server.signed(body)) == 413
    assert everything() == before


def test_other_methods_and_other_processors(stripe_app: Flask, stripe_server: StripeServer) -> None:
    client = Client(stripe_app)
    for method in ("GET", "PUT", "DELETE"):
        assert client.open("/webhooks/stripe", method=method, base_url=SITE).status_code == 405
    assert post(stripe_app, b"{}", {}, "demo") == 404
    assert post(stripe_app, b"{}", {}, "midtrans") == 404
    assert post(stripe_app, b"{}", {}, "stripe/patient") == 404


def test_two_signatures_let_a_secret_be_rolled(stripe_app: Flask, stripe_server: StripeServer) -> None:
    body = json.dumps(paid_event(stripe_server, started())).encode()
    good = stripe_server.signed(body)["Stripe-Signature"]
    other = stripe_server.signed(body, secret="whsec_old")["Stripe-Signature"].partition(",")[2]
    assert post(stripe_app, body, {"Stripe-Signature": f"{good},{other}"}) == 204


def test_an_unknown_kind_is_kept_and_does_nothing(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = started()
    event = {**paid_event(stripe_server, placed), "type": "radar.early_fraud_warning.created"}
    listening(stripe_app, stripe_server)
    assert stripe_server.send(event) == 204
    assert stripe_server.send(event) == 204
    (row,) = event_rows()
    assert (row.kind, row.handled_at is not None) == ("radar.early_fraud_warning.created", True)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT


def test_a_message_about_nobodys_attempt_is_kept(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = started()
    event = paid_event(stripe_server, placed)
    event["data"]["object"]["metadata"] = {}
    listening(stripe_app, stripe_server)
    assert stripe_server.send(event) == 204
    (row,) = event_rows()
    assert row.error == "no attempt has this key"
    assert row.handled_at


@pytest.mark.parametrize("lie", ["amount_total", "currency", "status", "payment_status", "id"])
def test_figures_in_a_well_signed_message_are_never_believed(
    stripe_app: Flask, stripe_server: StripeServer, lie: str
) -> None:
    """The page is still open; the message claims the opposite in every way."""
    placed = started()
    session = dict(stripe_server.sessions[placed.page], status="complete", payment_status="paid")
    session[lie] = {"amount_total": 1, "currency": "idr", "status": "complete", "payment_status": "paid"}.get(
        lie, "cs_test_of_somebody"
    )
    event = {
        "id": "evt_lie",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": session},
    }
    assert listening(stripe_app, stripe_server).send(event) == 204
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert placed.attempt.status is AttemptStatus.OPEN


def test_a_paid_page_of_another_order_does_not_pay_this_one(stripe_app: Flask, stripe_server: StripeServer) -> None:
    mine, theirs = started(), started()
    event = paid_event(stripe_server, theirs)
    event["data"]["object"]["metadata"]["attempt_key"] = mine.attempt.key
    assert listening(stripe_app, stripe_server).send(event) == 204
    assert mine.order.status is OrderStatus.AWAITING_PAYMENT
    assert theirs.order.status is OrderStatus.AWAITING_PAYMENT


def test_the_message_may_come_before_we_know_the_page(stripe_app: Flask, stripe_server: StripeServer) -> None:
    """The process died between Stripe's answer and our commit: the attempt is found by its key."""
    placed = place()
    facts = read_facts(id=placed.attempt_id)[0]
    page = stripe_app.extensions["payment_processors"]["stripe"].start(facts).external_id
    assert placed.attempt.external_id is None
    listening(stripe_app, stripe_server).pay(page)
    assert placed.order.status is OrderStatus.PAID
    assert placed.attempt.external_id == page


def test_twenty_at_once_before_the_return_page_settle_once(
    stripe_app: Flask, stripe_server: StripeServer, stripe_client: FlaskClient
) -> None:
    placed = started()
    event = paid_event(stripe_server, placed)
    listening(stripe_app, stripe_server)
    statuses = in_parallel([lambda: stripe_server.send(event)] * 20)
    assert statuses == [204] * 20
    assert_paid_once(placed)
    answer = stripe_client.get(f"/orders/{placed.token}/return")
    assert answer.status_code == 303
    assert_paid_once(placed)
    assert len(event_rows()) == 1


def test_ten_ids_of_one_fact_settle_once(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = started()
    event = paid_event(stripe_server, placed)
    listening(stripe_app, stripe_server)
    acts = [lambda n=n: stripe_server.send({**event, "id": f"evt_{n}"}) for n in range(10)]
    assert in_parallel(acts) == [204] * 10
    assert_paid_once(placed)
    assert len(event_rows()) == 10
    assert all(row.handled_at for row in event_rows())


def test_messages_in_reverse_order_end_the_same(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = started()
    stripe_server.decline(placed.page)
    stripe_server.pay_later(placed.page)
    stripe_server.money_arrives(placed.page)
    listening(stripe_app, stripe_server)
    for event in reversed(stripe_server.events):
        assert stripe_server.send(event) == 204
    assert_paid_once(placed)


def test_expired_and_failed_after_paid_undo_nothing(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = started()
    event = paid_event(stripe_server, placed)
    listening(stripe_app, stripe_server).send(event)
    for number, kind in enumerate(("checkout.session.expired", "checkout.session.async_payment_failed")):
        assert stripe_server.send({**event, "id": f"evt_late_{number}", "type": kind}) == 204
    assert_paid_once(placed)


def test_a_refused_card_is_counted_and_the_page_stays_open(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = started()
    listening(stripe_app, stripe_server).decline(placed.page)
    stripe_server.send(stripe_server.events[-1])
    assert placed.attempt.decline_count == 1
    assert placed.attempt.status is AttemptStatus.OPEN
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT


def test_a_message_that_cannot_be_finished_is_kept_and_finished_by_the_sweep(
    stripe_app: Flask, stripe_server: StripeServer
) -> None:
    placed = started()
    event = paid_event(stripe_server, placed)
    stripe_server.fail("status", status=503, times=2)
    assert listening(stripe_app, stripe_server).send(event) == 204
    (row,) = event_rows()
    assert (row.handled_at, row.tries) == (None, 1)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert payments.handle_events() == 1
    assert payments.handle_events() == 0
    assert_paid_once(placed)


def assert_paid_once(placed: Placed) -> None:
    assert placed.order.status is OrderStatus.PAID
    assert placed.attempt.status is AttemptStatus.PAID
    assert placed.attempt.problem == ""
    assert mail_keys("order_paid") == [f"order_paid:{placed.order_id}"]
    assert len(mail_keys("order_new")) == 1


def demo_message(app: Flask, placed: Placed, **changes: Any) -> Message:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "page.paid",
        "livemode": False,
        "data": {"object": {"id": placed.page, "key": placed.attempt.key, "status": "paid"}},
        **changes,
    }
    body = json.dumps(event).encode()
    secret = app.extensions["payment_processors"]["demo"].secret
    return body, {SIGNATURE_HEADER: sign(body, secret, clock.now())}


def test_the_demo_processor_is_not_believed_either(app: Flask) -> None:
    placed = started()
    body, headers = demo_message(app, placed)
    assert post(app, body, headers, "demo") == 204
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    before = everything()
    assert post(app, body + b" ", headers, "demo") == 400
    assert post(app, *demo_message(app, placed, livemode=True), "demo") == 400
    assert everything() == before

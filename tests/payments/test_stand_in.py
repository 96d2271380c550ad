"""The stand-in is worth as much as its checker: what Stripe's own types refuse must be found (payments.md 3)."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

import pytest
import stripe
import stripe.checkout
from stripe.params.checkout import SessionCreateParams

from tests.fakes.stripe_server import StripeServer
from tests.fakes.stripe_types import decode_form, reply_findings, request_findings

LINE = {"price_data": {"currency": "usd", "unit_amount": 100, "product_data": {"name": "Ring"}}, "quantity": 1}
GOOD = {"mode": "payment", "line_items": [LINE], "metadata": {"attempt_key": "7"}, "locale": "id", "expires_at": 5}


def test_a_good_request_has_no_findings() -> None:
    assert request_findings(SessionCreateParams, GOOD) == []


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types: unknown"),
        ({"ui_mode": "hosted"}, "ui_mode: 'hosted' is none of"),
        ({"locale": "jv"}, "locale: 'jv' is none of"),
        ({"mode": "pay"}, "mode: 'pay' is none of"),
        ({"expires_at": "soon"}, "expires_at: 'soon' is no int"),
        ({"line_items": [{"price_data": {"currency": "usd", "product_data": {}}}]}, "product_data.name: missing"),
        ({"line_items": LINE}, "line_items: no list"),
        ({"metadata": {"a": 1}}, "metadata.a: 1 is no str"),
        ({"payment_intent_data": {"metadta": {}}}, "payment_intent_data.metadta: unknown"),
    ],
)
def test_a_wrong_request_is_found(wrong: dict[str, object], found: str) -> None:
    findings = request_findings(SessionCreateParams, {**GOOD, **wrong})
    assert any(found in line for line in findings), findings


def test_a_wrong_reply_is_found() -> None:
    assert "id: missing" in reply_findings(stripe.Charge, {})
    assert "made_up: unknown" in reply_findings(stripe.Charge, {"made_up": 1})
    assert "amount: '5' is no int" in reply_findings(stripe.Charge, {"amount": "5"})
    assert any("status" in line for line in reply_findings(stripe.PaymentIntent, {"status": "done"}))
    inside = {"reversals": {"object": "list", "data": [{"amount": "5"}], "has_more": False, "url": "/"}}
    assert any("reversals.data[0].amount" in line for line in reply_findings(stripe.Transfer, inside))


def test_every_object_of_the_stand_in_is_one_of_stripes(stripe_server: StripeServer) -> None:
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": stripe_server.url})
    session = client.v1.checkout.sessions.create(GOOD | {"expires_at": int(time.time()) + 3600})  # type: ignore[arg-type]
    stripe_server.pay(session.id)
    read = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    assert read.payment_status == "paid"
    for kind, rows in (
        (stripe.PaymentIntent, stripe_server.intents),
        (stripe.Charge, stripe_server.charges),
        (stripe.BalanceTransaction, stripe_server.balance),
        (stripe.Event, {event["id"]: event for event in stripe_server.events}),
    ):
        assert len(rows) == 1
        for row in rows.values():
            assert reply_findings(kind, row) == []


def test_a_key_with_other_parameters_is_refused(stripe_server: StripeServer) -> None:
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": stripe_server.url})
    later = int(time.time()) + 3600
    params = {**GOOD, "expires_at": later}
    first = client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})  # type: ignore[arg-type]
    assert client.v1.checkout.sessions.create(params, {"idempotency_key": "k"}).id == first.id  # type: ignore[arg-type]
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create({**params, "expires_at": later + 1}, {"idempotency_key": "k"})  # type: ignore[arg-type]


def test_forms_are_decoded_as_stripe_reads_them() -> None:
    body = "a[0][b]=7&a[1][b]=x&metadata[n]=7&flag=true&zip=0123"
    assert decode_form(body) == {"a": [{"b": 7}, {"b": "x"}], "metadata": {"n": "7"}, "flag": True, "zip": "0123"}


def test_a_browser_can_pay_on_the_hosted_page(stripe_server: StripeServer) -> None:
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": stripe_server.url})
    later = int(time.time()) + 3600
    back = f"{stripe_server.url}/v1/anywhere"
    session = client.v1.checkout.sessions.create(
        {**GOOD, "expires_at": later, "success_url": back, "cancel_url": back}  # type: ignore[typeddict-item]
    )
    with urllib.request.urlopen(str(session.url)) as page:
        assert b"Pay 100 usd" in page.read()
    request = urllib.request.Request(str(session.url), data=b"outcome=pay", method="POST")
    with pytest.raises(urllib.error.HTTPError) as answer:  # the way back is an address that says 404 here
        urllib.request.urlopen(request)
    assert json.loads(answer.value.read())["error"]["type"] == "invalid_request_error"
    assert stripe_server.sessions[session.id]["payment_status"] == "paid"

"""Midtrans' notices: signed with the server key over four strings, told many times and in any order, never believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from marketplace.core.db import db
from marketplace.orders.models import OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import AttemptStatus
from marketplace.payments.services.facts import read_facts
from tests.conftest import SITE
from tests.fakes.midtrans_server import MidtransServer

from .placing import Placed, in_parallel, mail_keys, place
from .test_webhooks import event_rows, everything

News = dict[str, Any]


def post(app: Flask, body: bytes, name: str = "midtrans") -> int:
    answer = Client(app).post(f"/webhooks/{name}", data=body, base_url=SITE, content_type="application/json")
    answer.close()
    return answer.status_code


def listening(app: Flask, server: MidtransServer) -> MidtransServer:
    server.deliver = lambda body, headers: post(app, body)
    return server


def started(offer: str = "midtrans-va") -> Placed:
    placed = place(offer=offer)
    assert placed.start()
    return placed


def paid_news(server: MidtransServer, placed: Placed) -> News:
    """A true notice that has not been delivered yet."""
    server.pay(placed.page)
    return dict(server.events[-1])


def assert_paid_once(placed: Placed) -> None:
    assert placed.order.status is OrderStatus.PAID
    assert (placed.attempt.status, placed.attempt.problem) == (AttemptStatus.PAID, "")
    assert mail_keys("order_paid") == [f"order_paid:{placed.order_id}"]
    assert len(mail_keys("order_new")) == 1


def _json(news: object) -> bytes:
    return json.dumps(news).encode()


def _without(news: News, name: str) -> bytes:
    return _json({key: value for key, value in news.items() if key != name})


def _signed(server: MidtransServer, news: News, **changes: Any) -> bytes:
    return _json(server.signed({**news, **changes}))


BAD: dict[str, Callable[[MidtransServer, News], bytes]] = {
    "no signature": lambda s, n: _without(n, "signature_key"),
    "empty signature": lambda s, n: _json({**n, "signature_key": ""}),
    "garbage": lambda s, n: _json({**n, "signature_key": "garbage"}),
    "signature of another length": lambda s, n: _json({**n, "signature_key": n["signature_key"][:64]}),
    "signature in capitals": lambda s, n: _json({**n, "signature_key": n["signature_key"].upper()}),
    "non-ASCII signature": lambda s, n: _json({**n, "signature_key": "\xe9" * 128}),
    "signature with a surrogate": lambda s, n: _json({**n, "signature_key": "\ud800" * 128}),
    "signature is a number": lambda s, n: _json({**n, "signature_key": 7}),
    "signature is a list": lambda s, n: _json({**n, "signature_key": [n["signature_key"]]}),
    "another merchant's key": lambda s, n: _json(s.signed(n, server_key="SB-Mid-server-of-somebody-else")),
    "no key at all": lambda s, n: _json(s.signed(n, server_key=" ")),
    "another order_id": lambda s, n: _json({**n, "order_id": "PC-2222222-" + "0" * 32}),
    "another status_code": lambda s, n: _json({**n, "status_code": "201"}),
    "another amount": lambda s, n: _json({**n, "gross_amount": "1.00"}),
    "the amount as a number": lambda s, n: _json({**n, "gross_amount": 925000}),
    "the amount without its point": lambda s, n: _json({**n, "gross_amount": "925000"}),
    "no amount": lambda s, n: _without(n, "gross_amount"),
    "no order_id": lambda s, n: _without(n, "order_id"),
    "order_id too long": lambda s, n: _signed(s, n, order_id="x" * 4000),
    "order_id with a zero byte": lambda s, n: _signed(s, n, order_id="PC-1\x00"),
    "no state": lambda s, n: _without(n, "transaction_status"),
    "state is null": lambda s, n: _signed(s, n, transaction_status=None),
    "no transaction_id": lambda s, n: _without(n, "transaction_id"),
    "transaction_id with blanks": lambda s, n: _signed(s, n, transaction_id="a b"),
    "a refund without a name": lambda s, n: _signed(s, n, transaction_status="refund"),
    "a refund in a heap": lambda s, n: _signed(s, n, transaction_status="refund", refunds=[[]]),
    "not JSON": lambda s, n: b"hello",
    "nothing": lambda s, n: b"",
    "a form": lambda s, n: b"order_id=PC-1&status_code=200",
    "a list": lambda s, n: _json([n]),
    "a number": lambda s, n: b"7",
    "null": lambda s, n: b"null",
    "not UTF-8": lambda s, n: b"\xff\xfe" + _json(n),
    "nested without end": lambda s, n: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_notice_is_answered_400_and_changes_nothing(
    midtrans_app: Flask, midtrans_server: MidtransServer, case: str
) -> None:
    news = paid_news(midtrans_server, started())
    before = everything()
    assert post(midtrans_app, BAD[case](midtrans_server, news)) == 400
    assert everything() == before


def test_the_same_notice_unspoiled_is_taken(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    """The table above would prove nothing if the untouched notice were refused too."""
    placed = started()
    assert post(midtrans_app, _json(paid_news(midtrans_server, placed))) == 204
    assert_paid_once(placed)


def test_a_body_over_one_megabyte_is_413(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    assert post(midtrans_app, b'{"x": "' + b"x" * (1024 * 1024) + b'"}') == 413


def test_only_this_shop_s_processors_are_listened_to(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    for name in ("stripe", "demo", "midtrans/patient", "xendit"):
        assert post(midtrans_app, b"{}", name) == 404
    for method in ("GET", "PUT", "DELETE"):
        assert Client(midtrans_app).open("/webhooks/midtrans", method=method, base_url=SITE).status_code == 405


@pytest.mark.parametrize(
    "lie",
    [
        {"transaction_status": "settlement", "status_code": "200"},
        {"transaction_status": "settlement", "gross_amount": "1.00"},
        {"transaction_status": "capture", "fraud_status": "accept"},
        {"transaction_status": "expire"},
        {"transaction_status": "deny"},
        {"transaction_status": "chargeback"},
    ],
)
def test_figures_in_a_well_signed_notice_are_never_believed(
    midtrans_app: Flask, midtrans_server: MidtransServer, lie: News
) -> None:
    """Nothing has been paid; the notice claims otherwise, with a signature of our own key."""
    placed = started()
    midtrans_server.choose(placed.page)
    assert post(midtrans_app, _signed(midtrans_server, midtrans_server.events[-1], **lie)) == 204
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert placed.attempt.status is AttemptStatus.PROCESSING
    assert placed.attempt.problem == ""


def test_money_that_does_not_fit_pays_nothing(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = started()
    listening(midtrans_app, midtrans_server).pay(placed.page, amount=924_999)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert placed.attempt.problem.startswith("does not fit")


def test_an_answer_about_another_order_pays_nothing(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    mine, theirs = started(), started()
    midtrans_server.pay(theirs.page)
    midtrans_server.transactions[mine.page] = midtrans_server.transactions[theirs.page]
    payments.settle(mine.attempt.key)
    assert mine.order.status is OrderStatus.AWAITING_PAYMENT
    assert "belongs to another attempt" in mine.attempt.problem


def test_an_unknown_kind_is_kept_and_does_nothing(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = started()
    news = paid_news(midtrans_server, placed)
    body = _signed(midtrans_server, news, transaction_status="sleeping")
    assert [post(midtrans_app, body), post(midtrans_app, body)] == [204, 204]
    (row,) = event_rows()
    assert (row.kind, row.handled_at is not None) == ("sleeping", True)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT


def test_a_notice_about_nobodys_attempt_is_kept(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    news = paid_news(midtrans_server, started())
    for order_id in ("PC-2222222-" + "0" * 32, "made-in-the-dashboard", "x"):
        assert post(midtrans_app, _signed(midtrans_server, news, order_id=order_id, transaction_id=order_id)) == 204
    assert [row.error for row in event_rows()] == ["no attempt has this key"] * 3


def test_the_notice_may_come_before_we_know_the_page(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    """The process died between Midtrans' answer and our commit: the order_id carries the attempt's key."""
    placed = place(offer="midtrans-va")
    facts = read_facts(id=placed.attempt_id)[0]
    page = midtrans_app.extensions["payment_processors"]["midtrans"].start(facts).external_id
    assert placed.attempt.external_id is None
    listening(midtrans_app, midtrans_server).pay(page)
    assert placed.attempt.external_id == page
    assert_paid_once(placed)


def test_twenty_at_once_before_the_return_page_settle_once(
    midtrans_app: Flask, midtrans_server: MidtransServer, midtrans_client: FlaskClient
) -> None:
    placed = started()
    body = _json(paid_news(midtrans_server, placed))
    assert in_parallel([lambda: post(midtrans_app, body)] * 20) == [204] * 20
    assert_paid_once(placed)
    assert midtrans_client.get(f"/orders/{placed.token}/return").status_code == 303
    assert_paid_once(placed)
    assert len(event_rows()) == 1


def test_notices_in_reverse_order_end_the_same(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = started("midtrans-card")
    midtrans_server.decline(placed.page)
    midtrans_server.challenge(placed.page)
    midtrans_server.accept(placed.page)
    midtrans_server.settle(placed.page)
    for news in reversed(midtrans_server.events):
        assert post(midtrans_app, _json(news)) == 204
    assert_paid_once(placed)
    assert len(event_rows()) == 4


def test_each_state_is_told_as_it_comes(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = started("midtrans-card")
    listening(midtrans_app, midtrans_server)
    midtrans_server.challenge(placed.page)
    assert placed.attempt.status is AttemptStatus.PROCESSING
    midtrans_server.accept(placed.page)
    midtrans_server.settle(placed.page)
    assert_paid_once(placed)


def test_a_refused_card_is_counted_and_the_order_can_be_paid_again(
    midtrans_app: Flask, midtrans_server: MidtransServer, midtrans_client: FlaskClient
) -> None:
    placed = started("midtrans-card")
    listening(midtrans_app, midtrans_server).decline(placed.page)
    assert (placed.attempt.status, placed.attempt.decline_count) == (AttemptStatus.FAILED, 1)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    page = midtrans_client.get(f"/orders/{placed.token}/payment").text
    assert "The bank did not accept the card" in page
    assert 'value="midtrans-va"' in page


def test_expired_and_denied_after_paid_undo_nothing(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = started()
    news = paid_news(midtrans_server, placed)
    assert post(midtrans_app, _json(news)) == 204
    for kind in ("expire", "deny", "cancel", "pending"):
        assert post(midtrans_app, _signed(midtrans_server, news, transaction_status=kind)) == 204
    assert_paid_once(placed)


def test_a_notice_that_cannot_be_finished_is_kept_and_finished_by_the_sweep(
    midtrans_app: Flask, midtrans_server: MidtransServer
) -> None:
    placed = started()
    body = _json(paid_news(midtrans_server, placed))
    midtrans_server.fail("status", status=503, times=2)
    assert post(midtrans_app, body) == 204
    (row,) = event_rows()
    assert (row.handled_at, row.tries) == (None, 1)
    db.session.rollback()
    assert [payments.handle_events(), payments.handle_events()] == [1, 0]
    assert_paid_once(placed)

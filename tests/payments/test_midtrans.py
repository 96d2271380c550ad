"""Midtrans' hosted page: what is sent, what its states mean, another way to pay, and how a page is closed."""

from __future__ import annotations

import dataclasses
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from marketplace.core import clock
from marketplace.core.db import db, end_read
from marketplace.core.i18n import day
from marketplace.core.money import Money
from marketplace.orders.models import CancelReason, OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.errors import AlreadyPaid, OfferGone, PaymentRunning, PaymentUnclear
from marketplace.payments.models import AttemptStatus, PaymentAttempt
from marketplace.payments.processors import Bill, BillLine, BillParcel, PageStatus, ProcessorDown
from marketplace.payments.processors.midtrans.calls import rupiah
from marketplace.payments.services.facts import read_facts
from marketplace.payments.setup import _processors
from tests.factories.catalog import VariantFactory
from tests.fakes.midtrans_http import No
from tests.fakes.midtrans_server import MidtransServer

from .placing import Placed, in_parallel, mail_keys, place, stock_of, token_in


def started(offer: str = "midtrans-va", **order: Any) -> Placed:
    placed = place(offer=offer, **order)
    assert placed.start()
    return placed


def request_of(server: MidtransServer, placed: Placed) -> dict[str, Any]:
    (page,) = [page for page in server.pages.values() if page["order_id"] == placed.page]
    request: dict[str, Any] = page["request"]
    return request


def fetch(app: Flask, placed: Placed) -> Any:
    return app.extensions["payment_processors"]["midtrans"].fetch(read_facts(id=placed.attempts[-1].id)[0])


@pytest.mark.parametrize(
    ("offer", "ways"),
    [
        ("midtrans-qris", ["gopay", "shopeepay", "other_qris"]),
        ("midtrans-va", ["bca_va", "bni_va", "bri_va", "echannel", "permata_va", "cimb_va", "other_va"]),
        ("midtrans-card", ["credit_card"]),
    ],
)
def test_a_page_is_asked_for_in_whole_rupiah_and_one_way(
    midtrans_app: Flask, midtrans_server: MidtransServer, offer: str, ways: list[str]
) -> None:
    placed = started(offer, language="id", market="id", quantity=2)
    request = request_of(midtrans_server, placed)
    assert request["transaction_details"]["gross_amount"] == 2 * 745_000 + 180_000
    assert [(item["price"], item["quantity"]) for item in request["item_details"]] == [(745_000, 2), (180_000, 1)]
    assert request["enabled_payments"] == ways
    assert request["callbacks"]["finish"].endswith(f"/id/orders/{placed.token}/return")
    assert placed.page == f"{placed.order.public_no}-{placed.attempt.key}"
    assert len(placed.page) <= 50
    assert placed.attempt.redirect_url.startswith(f"{midtrans_server.url}/snap/")
    assert request["expiry"]["duration"] == (24 * 60 if offer == "midtrans-va" else 35)
    assert request["page_expiry"] == {"duration": request["expiry"]["duration"], "unit": "minute"}


def test_lines_that_do_not_add_up_become_one_per_workshop(midtrans_app: Flask) -> None:
    rupiah_of = {name: Money(amount, "IDR") for name, amount in (("unit", 745_000), ("ship", 24_000), ("sum", 700_000))}
    lines = (BillLine("Cincin", rupiah_of["unit"], 1),)
    parcel = BillParcel("Jawan Sari", lines, rupiah_of["ship"], "Ongkir", rupiah_of["sum"])
    until = clock.now() + timedelta(minutes=35)
    bill = Bill("k" * 32, "PC-1", "a@b.example", "id", rupiah_of["sum"], (parcel,), "http://x", "http://y", until)
    processor = midtrans_app.extensions["payment_processors"]["midtrans"]
    body = processor.prepare(bill)["body"]
    assert body["item_details"] == [{"id": "1", "price": 700_000, "quantity": 1, "name": "Jawan Sari"}]
    assert "enabled_payments" not in body
    with pytest.raises(ValueError, match="USD"):
        processor.prepare(dataclasses.replace(bill, total=Money(100, "USD")))


STATES = [
    ({"transaction_status": "pending", "status_code": "201"}, PageStatus.PROCESSING),
    ({"transaction_status": "authorize"}, PageStatus.PROCESSING),
    ({"transaction_status": "capture", "fraud_status": "challenge", "status_code": "201"}, PageStatus.PROCESSING),
    ({"transaction_status": "capture", "fraud_status": "accept"}, PageStatus.PAID),
    ({"transaction_status": "settlement"}, PageStatus.PAID),
    ({"transaction_status": "deny", "status_code": "202"}, PageStatus.FAILED),
    ({"transaction_status": "cancel"}, PageStatus.FAILED),
    ({"transaction_status": "failure"}, PageStatus.FAILED),
    ({"transaction_status": "expire", "status_code": "407"}, PageStatus.EXPIRED),
    ({"transaction_status": "refund"}, PageStatus.PAID),
    ({"transaction_status": "partial_refund"}, PageStatus.PAID),
    ({"transaction_status": "chargeback"}, PageStatus.PAID),
]


@pytest.mark.parametrize(("said", "status"), STATES)
def test_what_a_state_means(
    midtrans_app: Flask, midtrans_server: MidtransServer, said: dict[str, str], status: PageStatus
) -> None:
    placed = started()
    midtrans_server.choose(placed.page).update(said)
    state = fetch(midtrans_app, placed)
    assert state.status is status
    assert state.amount == Money(925_000, "IDR")
    assert (state.charge_id is not None) == (status is PageStatus.PAID)
    assert (state.fee_amount, state.net_amount) == (None, None)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"transaction_status": "vanished"},
        {"transaction_status": None},
        {"transaction_status": "capture", "fraud_status": "maybe"},
        {"transaction_status": "settlement", "transaction_id": None},
        {"order_id": None},
        {"currency": "USD"},
        {"gross_amount": None},
        {"gross_amount": 925_000},
        {"gross_amount": "925000.50"},
    ],
)
def test_nonsense_is_no_answer(
    midtrans_app: Flask, midtrans_server: MidtransServer, nonsense: dict[str, object]
) -> None:
    placed = started()
    midtrans_server.choose(placed.page).update(nonsense)
    with pytest.raises(ProcessorDown):
        payments.settle(placed.attempt.key)
    assert placed.attempt.status is AttemptStatus.OPEN


@pytest.mark.parametrize("text", ["24145.00", "24145", "24145.0"])
def test_whole_rupiah_are_read(text: str) -> None:
    assert rupiah(text) == Money(24_145, "IDR")


@pytest.mark.parametrize(
    "text",
    ["24145.5", "24145.01", "-1.00", "1e5", "", " 1", "1 ", "٢٤.00", "NaN", "9" * 16, "1,000.00", None, 5, 5.0, "."],
)
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(ProcessorDown):
        rupiah(text)


@pytest.mark.parametrize("in_body", [False, True])
def test_unknown_means_that_nobody_has_chosen_yet(
    midtrans_app: Flask, midtrans_server: MidtransServer, stopped_clock: clock.Hands, in_body: bool
) -> None:
    midtrans_server.speaks_in_body = in_body
    placed = started("midtrans-qris")
    assert fetch(midtrans_app, placed).status is PageStatus.OPEN
    stopped_clock.forward(minutes=36)
    assert fetch(midtrans_app, placed).status is PageStatus.EXPIRED


def test_an_account_number_waits_a_day_and_is_paid(
    midtrans_app: Flask, midtrans_server: MidtransServer, midtrans_client: FlaskClient, stopped_clock: clock.Hands
) -> None:
    placed = started()
    midtrans_server.choose(placed.page)
    answer = midtrans_client.get(f"/orders/{placed.token}/return", follow_redirects=True)
    assert "Waiting for your payment" in answer.text
    assert "Show the account number again" in answer.text
    assert placed.attempt.redirect_url in answer.text
    assert "You have paid" not in answer.text
    stopped_clock.forward(hours=20)
    assert payments.expire_unpaid() == 0
    midtrans_server.pay(placed.page)
    assert payments.reconcile_attempts() == 1
    attempt = placed.attempt
    assert (attempt.status, attempt.method, attempt.offer) == (AttemptStatus.PAID, "bank_transfer", "midtrans-va")
    assert (attempt.fee_amount, attempt.net_amount, attempt.fee_booked_at) == (None, None, None)
    assert attempt.livemode is False
    assert placed.order.status is OrderStatus.PAID


def test_an_account_number_that_nobody_pays_ends_with_its_hold(
    midtrans_app: Flask, midtrans_server: MidtransServer, stopped_clock: clock.Hands
) -> None:
    ring = VariantFactory(stock=1)
    placed = place(ring, offer="midtrans-va")
    placed.start()
    midtrans_server.choose(placed.page)
    payments.settle(placed.attempt.key)
    assert placed.attempt.status is AttemptStatus.PROCESSING
    stopped_clock.forward(hours=24, minutes=1)
    assert payments.expire_unpaid() == 1
    assert placed.order.status is OrderStatus.CANCELED
    assert placed.attempt.status is AttemptStatus.EXPIRED
    assert midtrans_server.transactions[placed.page]["transaction_status"] == "expire"
    assert stock_of(ring.id) == 1
    assert mail_keys("payment_failed") == []


def test_a_buyer_may_cancel_before_the_transfer(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = started()
    midtrans_server.choose(placed.page)
    payments.settle(placed.attempt.key)
    payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert placed.order.status is OrderStatus.CANCELED
    assert midtrans_server.transactions[placed.page]["transaction_status"] == "expire"


def test_what_cannot_be_closed_is_not_canceled(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = started()
    midtrans_server.choose(placed.page, keeps_pending=True)
    with pytest.raises(PaymentRunning):
        payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert placed.attempt.status is AttemptStatus.PROCESSING
    assert midtrans_server.count("POST", f"/v2/{placed.page}/cancel") == 1


def test_a_card_that_was_paid_in_that_second_is_not_given_back(
    midtrans_app: Flask, midtrans_server: MidtransServer
) -> None:
    """`/cancel` voids a captured card: it must never be asked for one."""
    placed = started("midtrans-card")
    midtrans_server.pay(placed.page)
    with pytest.raises(AlreadyPaid):
        payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert midtrans_server.transactions[placed.page]["transaction_status"] == "capture"
    assert midtrans_server.count("POST", "/v2/") == 0
    assert placed.order.status is OrderStatus.PAID


def test_late_money_after_the_end_is_still_money(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    ring = VariantFactory(stock=1)
    placed = place(ring, offer="midtrans-va")
    placed.start()
    midtrans_server.choose(placed.page)
    payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert stock_of(ring.id) == 1
    midtrans_server.pay(placed.page)  # a bank that did not hear of it in time
    payments.settle(placed.attempt.key)
    assert placed.order.status is OrderStatus.PAID
    assert placed.attempt.status is AttemptStatus.PAID
    assert stock_of(ring.id) == 0


def test_a_code_that_failed_is_not_called_a_card(
    midtrans_app: Flask, midtrans_server: MidtransServer, midtrans_client: FlaskClient
) -> None:
    placed = started("midtrans-va")
    midtrans_server.choose(placed.page)
    midtrans_server.become(placed.page, "cancel")
    text = midtrans_client.get(f"/orders/{placed.token}/return", follow_redirects=True).text
    assert "The payment did not go through" in text
    assert "the card" not in text
    assert f"until <strong>{day(placed.order.hold_until, year=False)}</strong>" in text


class TestAnotherWay:
    def test_the_old_page_is_closed_first(self, midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
        placed = started()
        midtrans_server.choose(placed.page)
        payments.settle(placed.attempt.key)
        old = placed.page
        address = payments.pay_again(placed.token, "midtrans-card")
        assert [(a.offer, a.status) for a in placed.attempts] == [
            ("midtrans-va", AttemptStatus.EXPIRED),
            ("midtrans-card", AttemptStatus.OPEN),
        ]
        assert address == placed.attempts[-1].redirect_url
        assert midtrans_server.transactions[old]["transaction_status"] == "expire"
        with pytest.raises(No):
            midtrans_server.choose(old)
        midtrans_server.pay(placed.page)
        payments.settle(placed.attempts[-1].key)
        assert placed.order.status is OrderStatus.PAID

    def test_the_same_way_leads_to_the_same_page(self, midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
        placed = started()
        assert payments.pay_again(placed.token, "midtrans-va") == placed.attempt.redirect_url
        assert payments.pay_again(placed.token) == placed.attempt.redirect_url
        assert len(placed.attempts) == 1

    def test_without_a_word_the_usual_way_is_tried_again(
        self, midtrans_app: Flask, midtrans_server: MidtransServer
    ) -> None:
        placed = started("midtrans-card")
        midtrans_server.decline(placed.page)
        payments.settle(placed.attempt.key)
        payments.pay_again(placed.token)
        assert [(a.offer, a.status) for a in placed.attempts] == [
            ("midtrans-card", AttemptStatus.FAILED),
            ("midtrans-card", AttemptStatus.OPEN),
        ]

    def test_a_page_that_was_refused_does_not_stay_open_beside_the_new_one(
        self, midtrans_app: Flask, midtrans_server: MidtransServer
    ) -> None:
        """Midtrans lets a buyer try again on the old page: somebody with both open would pay twice."""
        placed = started("midtrans-card")
        midtrans_server.decline(placed.page)
        payments.settle(placed.attempt.key)
        payments.pay_again(placed.token)
        with pytest.raises(No):
            midtrans_server.decline(placed.attempts[0].external_id or "")

    def test_a_refused_page_that_is_paid_after_all_is_found_without_any_notice(
        self, midtrans_app: Flask, midtrans_server: MidtransServer, stopped_clock: clock.Hands
    ) -> None:
        placed = started("midtrans-card")
        midtrans_server.decline(placed.page)
        payments.settle(placed.attempt.key)
        assert placed.attempt.status is AttemptStatus.FAILED
        midtrans_server.become(placed.page, "capture", fraud_status="accept")
        stopped_clock.forward(minutes=11)
        assert payments.reconcile_attempts() == 1
        assert placed.order.status is OrderStatus.PAID

    def test_a_refused_page_is_closed_before_its_order_is_canceled(
        self, midtrans_app: Flask, midtrans_server: MidtransServer
    ) -> None:
        placed = started("midtrans-card")
        midtrans_server.decline(placed.page)
        payments.settle(placed.attempt.key)
        payments.cancel_order(placed.order_id, CancelReason.BUYER)
        assert placed.order.status is OrderStatus.CANCELED
        with pytest.raises(No):
            midtrans_server.decline(placed.page)

    def test_money_that_was_quicker_wins(self, midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
        placed = started()
        midtrans_server.pay(placed.page)
        with pytest.raises(AlreadyPaid):
            payments.pay_again(placed.token, "midtrans-card")
        assert placed.order.status is OrderStatus.PAID
        assert len(placed.attempts) == 1

    def test_a_bank_that_decides_is_waited_for(self, midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
        placed = started("midtrans-card")
        midtrans_server.challenge(placed.page)
        with pytest.raises(PaymentRunning):
            payments.pay_again(placed.token, "midtrans-va")
        assert len(placed.attempts) == 1

    def test_a_way_that_is_not_offered_closes_nothing(
        self, midtrans_app: Flask, midtrans_server: MidtransServer
    ) -> None:
        placed = started()
        with pytest.raises(OfferGone):
            payments.pay_again(placed.token, "stripe")
        assert placed.attempt.status is AttemptStatus.OPEN
        assert midtrans_server.count("POST", "/snap/v1/transactions/") == 0

    def test_a_case_for_a_person_is_left_alone(self, midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
        placed = started()
        midtrans_server.pay(placed.page, amount=924_999)
        payments.settle(placed.attempt.key)
        assert "924999" in placed.attempt.problem
        with pytest.raises(PaymentUnclear):
            payments.pay_again(placed.token, "midtrans-card")

    def test_on_the_page_itself(
        self, midtrans_app: Flask, midtrans_server: MidtransServer, midtrans_client: FlaskClient
    ) -> None:
        placed = started()
        midtrans_server.choose(placed.page)
        page = midtrans_client.get(f"/orders/{placed.token}/waiting").text
        assert 'value="midtrans-qris"' in page
        data = {"csrf_token": token_in(page), "pay_with": "midtrans-qris"}
        answer = midtrans_client.post(f"/orders/{placed.token}/payment", data=data)
        assert (answer.status_code, answer.location) == (303, placed.attempts[-1].redirect_url)
        assert placed.attempts[-1].offer == "midtrans-qris"

    def test_ten_clicks_on_three_ways_leave_one_running(
        self, midtrans_app: Flask, midtrans_server: MidtransServer
    ) -> None:
        placed = started()
        token = placed.token

        def click(offer: str) -> int:
            with midtrans_app.app_context():
                try:
                    payments.pay_again(token, offer)
                except Exception as error:
                    return 0 if type(error).__name__ in ("ProcessorAway", "PaymentRunning", "HoldOver") else 1
                finally:
                    db.session.remove()
                return 0

        ways = ["midtrans-card", "midtrans-qris", "midtrans-va"] * 4
        assert in_parallel([lambda way=way: click(way) for way in ways[:10]]) == [0] * 10
        running = [a for a in placed.attempts if a.status in (AttemptStatus.CREATED, AttemptStatus.OPEN)]
        assert len(running) == 1
        told = {attempt.redirect_url for attempt in placed.attempts} - {""}
        open_pages = {
            f"{midtrans_server.url}/snap/v4/redirection/{token}"
            for token, page in midtrans_server.pages.items()
            if not page["is_canceled"]
        }
        assert len(told & open_pages) <= 1


class TestTakenBack:
    def test_a_chargeback_is_a_case_for_a_person(self, midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
        placed = self.paid(midtrans_server)
        midtrans_server.become(placed.page, "chargeback")
        self.told(midtrans_app, midtrans_server)
        assert placed.attempt.problem == "Midtrans reports a chargeback"
        assert placed.order.status is OrderStatus.PAID

    def test_a_settlement_that_is_denied_later_is_too(
        self, midtrans_app: Flask, midtrans_server: MidtransServer
    ) -> None:
        placed = self.paid(midtrans_server)
        midtrans_server.become(placed.page, "deny")
        self.told(midtrans_app, midtrans_server)
        assert placed.attempt.problem.startswith("taken back")
        assert (placed.order.status, placed.attempt.status) == (OrderStatus.PAID, AttemptStatus.PAID)

    def paid(self, server: MidtransServer) -> Placed:
        placed = started("midtrans-card")
        server.pay(placed.page)
        server.settle(placed.page)
        payments.settle(placed.attempt.key)
        assert placed.order.status is OrderStatus.PAID
        return placed

    def told(self, app: Flask, server: MidtransServer) -> None:
        payments.receive("midtrans", {}, json.dumps(server.events[-1]).encode())
        db.session.rollback()


def test_the_time_a_buyer_waits_is_bounded() -> None:
    """3 s to connect, 8 s to answer, one retry; in the worker 15 s and two; a whole act takes no longer than a call."""
    made = _processors(Config(app_env="testing", midtrans_server_key="SB-Mid-server-x"))
    buyer, worker = made["midtrans"]._api, made["midtrans/patient"]._api  # type: ignore[attr-defined]
    assert (buyer._timeout, buyer._retries) == ((3, 8), 1)
    assert (worker._timeout, worker._retries) == ((3, 15), 2)


def test_closing_asks_at_most_for_as_long_as_one_call(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    """Every call of it is slow: together they stop in time (2 × (1 + 0.4) s here)."""
    placed = started()
    midtrans_server.choose(placed.page)
    facts = read_facts(id=placed.attempt_id)[0]
    midtrans_server.fail("late", seconds=0.35, times=20)
    began = clock.now()
    with suppress(ProcessorDown):
        midtrans_app.extensions["payment_processors"]["midtrans"].cancel(facts)
    assert (clock.now() - began).total_seconds() < 3.2
    end_read()


def test_nothing_of_the_other_processors_is_asked(midtrans_app: Flask) -> None:
    assert set(midtrans_app.extensions["payment_processors"]) == {"midtrans", "midtrans/patient"}
    processor = midtrans_app.extensions["payment_processors"]["midtrans"]
    assert not processor.caps("IDR").lists
    assert list(processor.balance_lines(clock.now(), clock.now())) == []
    assert processor.balances() == {}
    assert db.session.scalar(sa.select(sa.func.count(PaymentAttempt.id))) == 0

"""Settling: the first who asks makes it so, and money that does not fit pays nothing."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.money import Money
from marketplace.moderation.queries.orders import troubles
from marketplace.orders import services as orders
from marketplace.orders.models import CancelReason, OrderStatus, SellerOrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import AttemptStatus
from marketplace.payments.processors import PageStatus, PaymentState
from marketplace.payments.queries import is_money_to_return
from marketplace.payments.services.settlement import apply
from tests.factories.catalog import VariantFactory
from tests.fakes.stripe_server import StripeServer
from tests.payments.conftest import Bank
from tests.payments.placing import Placed, mail_keys, place, stock_of


def started(**order: str) -> Placed:
    placed = place(**order)
    assert placed.start()
    return placed


def test_paid_is_paid_once_whoever_asks(bank: Bank) -> None:
    ring = VariantFactory(stock=3)
    placed = place(ring)
    placed.start()
    bank.approve(placed.page)
    for _ in range(3):
        assert payments.settle(placed.attempt.key) is AttemptStatus.PAID
    assert placed.order.status is OrderStatus.PAID
    assert [part.status for part in placed.parts] == [SellerOrderStatus.PAID]
    assert placed.attempt.charge_id
    assert placed.attempt.paid_at
    assert placed.attempt.problem == ""
    assert mail_keys("order_paid") == [f"order_paid:{placed.order_id}"]
    assert len(mail_keys("order_new")) == 1
    assert stock_of(ring.id) == 2


def test_nothing_is_paid_before_the_buyer_pays(bank: Bank) -> None:
    placed = started()
    assert payments.settle(placed.attempt.key) is AttemptStatus.OPEN
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert mail_keys("order_paid") == []


def test_a_refusal_leaves_order_and_hold_as_they_are(bank: Bank) -> None:
    ring = VariantFactory(stock=1)
    placed = place(ring)
    placed.start()
    before = placed.order.hold_until
    bank.approve_later(placed.page)
    assert payments.settle(placed.attempt.key) is AttemptStatus.PROCESSING
    bank.money_fails(placed.page)
    assert payments.settle(placed.attempt.key) is AttemptStatus.FAILED
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert placed.order.hold_until == before
    assert stock_of(ring.id) == 0
    assert mail_keys("payment_failed") == [f"payment_failed:{placed.attempt_id}"]


def test_a_second_try_after_a_refusal_pays_the_same_order(bank: Bank) -> None:
    placed = started()
    bank.approve_later(placed.page)
    bank.money_fails(placed.page)
    payments.settle(placed.attempt.key)
    address = payments.pay_again(placed.token)
    assert address
    assert address == payments.pay_again(placed.token)
    assert [attempt.status for attempt in placed.attempts] == [AttemptStatus.FAILED, AttemptStatus.OPEN]
    bank.approve(placed.page)
    payments.settle(placed.attempts[-1].key)
    assert placed.order.status is OrderStatus.PAID


def late_money(bank: Bank, placed: Placed) -> None:
    """The order ends (as if its page could not be asked), and then the money comes."""
    orders.cancel_unpaid(placed.order_id, CancelReason.EXPIRED)
    bank.approve(placed.page)
    payments.settle(placed.attempt.key)


def test_late_money_revives_the_order_while_its_pieces_are_there(bank: Bank) -> None:
    ring = VariantFactory(stock=1)
    placed = place(ring)
    placed.start()
    late_money(bank, placed)
    assert placed.order.status is OrderStatus.PAID
    assert placed.order.stock_returned_at is None
    assert [part.status for part in placed.parts] == [SellerOrderStatus.PAID]
    assert stock_of(ring.id) == 0
    assert placed.attempt.problem == ""
    assert not is_money_to_return(placed.order_id)


def test_late_money_for_pieces_that_are_gone_goes_back(bank: Bank) -> None:
    ring, bowl = VariantFactory(stock=1), VariantFactory(stock=1)
    placed = place(ring, bowl)
    placed.start()
    orders.cancel_unpaid(placed.order_id, CancelReason.EXPIRED)
    place(bowl)
    bank.approve(placed.page)
    assert payments.settle(placed.attempt.key) is AttemptStatus.PAID
    assert placed.order.status is OrderStatus.CANCELED
    assert (stock_of(ring.id), stock_of(bowl.id)) == (1, 0)
    assert placed.attempt.problem.startswith("late money")
    assert placed.attempt.refunded_amount == placed.attempt.amount
    assert troubles() == []
    assert mail_keys("order_paid") == []


def test_a_second_payment_is_recorded_and_goes_back(bank: Bank) -> None:
    """Two pages were open, against all care: both were paid."""
    placed = started()
    first_page = placed.page
    with transaction():
        from marketplace.payments.services.facts import move

        move(placed.attempt_id, AttemptStatus.FAILED)
    payments.pay_again(placed.token)
    second = placed.attempts[-1]
    assert second.id != placed.attempt_id
    bank.approve(placed.page)
    payments.settle(second.key)
    (bank.approve_late or bank.approve)(first_page)
    assert payments.settle(placed.attempt.key) is AttemptStatus.PAID
    assert placed.order.status is OrderStatus.PAID
    assert placed.attempt.problem.startswith("second payment")
    assert placed.attempts[-1].problem == ""
    assert len(mail_keys("order_paid")) == 1
    assert (placed.attempt.refunded_amount, placed.attempts[-1].refunded_amount) == (placed.attempt.amount, 0)
    assert troubles() == []


def truth(placed: Placed, status: PageStatus) -> PaymentState:
    attempt = placed.attempt
    return PaymentState(
        status, attempt.external_id or "page", attempt.key, Money(attempt.amount, attempt.currency), f"ch_{attempt.id}"
    )


@pytest.mark.parametrize("status", list(PageStatus))
@pytest.mark.parametrize(
    "lie",
    [
        {"key": "the key of another attempt"},
        {"external_id": "the page of another attempt"},
        {"amount": Money(7_099, "USD")},
        {"amount": Money(7_100, "AUD")},
    ],
    ids=["key", "page", "amount", "currency"],
)
def test_what_does_not_fit_pays_nothing(app: Flask, status: PageStatus, lie: dict[str, object]) -> None:
    placed = started()
    with transaction():
        apply(placed.attempt_id, dataclasses.replace(truth(placed, status), **lie))  # type: ignore[arg-type]
    assert placed.attempt.status is AttemptStatus.OPEN
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert placed.attempt.problem.startswith("does not fit")
    assert [(case.order_id, case.text) for case in troubles()] == [(placed.order_id, placed.attempt.problem)]


def test_a_charge_settles_one_attempt_only(app: Flask) -> None:
    first, second = started(), started()
    with transaction():
        apply(first.attempt_id, dataclasses.replace(truth(first, PageStatus.PAID), charge_id="ch_1"))
    with transaction():
        apply(second.attempt_id, dataclasses.replace(truth(second, PageStatus.PAID), charge_id="ch_1"))
    assert first.order.status is OrderStatus.PAID
    assert second.order.status is OrderStatus.AWAITING_PAYMENT
    assert "settled attempt" in second.attempt.problem


# Every pair of states: what an attempt becomes when its processor says so. Rows: before; columns: the truth.
AFTER = {
    "created": {"open": "open", "processing": "processing", "paid": "paid", "failed": "failed", "expired": "expired"},
    "open": {"open": "open", "processing": "processing", "paid": "paid", "failed": "failed", "expired": "expired"},
    "processing": {
        "open": "processing",
        "processing": "processing",
        "paid": "paid",
        "failed": "failed",
        "expired": "expired",
    },
    "failed": {"open": "failed", "processing": "failed", "paid": "paid", "failed": "failed", "expired": "failed"},
    "expired": {"open": "expired", "processing": "expired", "paid": "paid", "failed": "expired", "expired": "expired"},
    "paid": dict.fromkeys(("open", "processing", "paid", "failed", "expired"), "paid"),
}


@pytest.mark.parametrize("said", list(PageStatus))
@pytest.mark.parametrize("before", list(AttemptStatus))
def test_every_pair_of_states(app: Flask, before: AttemptStatus, said: PageStatus) -> None:
    placed = place()
    bring_to(placed, before)
    paid_before = placed.order.status
    with transaction():
        apply(placed.attempt_id, truth(placed, said))
    after = AttemptStatus(AFTER[before][said])
    assert placed.attempt.status is after
    if after is AttemptStatus.PAID:
        assert placed.order.status is OrderStatus.PAID
        assert len(mail_keys("order_paid")) == 1
    else:
        assert placed.order.status is paid_before


def bring_to(placed: Placed, status: AttemptStatus) -> None:
    """A way to this state that money takes."""
    if status is not AttemptStatus.CREATED:
        with transaction():
            apply(placed.attempt_id, truth(placed, PageStatus(status)))
    assert placed.attempt.status is status


def test_a_paid_order_is_never_undone_by_late_news(bank: Bank) -> None:
    placed = started()
    bank.approve(placed.page)
    payments.settle(placed.attempt.key)
    for said in (PageStatus.EXPIRED, PageStatus.FAILED, PageStatus.PROCESSING):
        with transaction():
            apply(placed.attempt_id, truth(placed, said))
    assert placed.order.status is OrderStatus.PAID
    assert placed.attempt.status is AttemptStatus.PAID


def test_an_amount_that_came_in_short_pays_nothing(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = started()
    stripe_server.pay(placed.page, amount=7_099)
    payments.settle(placed.attempt.key)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert "7099" in placed.attempt.problem


def test_rupiah_are_sent_with_sen_and_kept_without(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = started(currency="IDR", language="id", market="id")
    session = stripe_server.sessions[placed.page]
    assert (session["amount_total"], session["currency"]) == (92_500_000, "idr")
    assert session["locale"] == "id"
    assert "/id/orders/" in session["success_url"]
    stripe_server.pay(placed.page)
    payments.settle(placed.attempt.key)
    assert placed.order.status is OrderStatus.PAID
    assert placed.attempt.fee_amount == 925_000 * 290 // 10_000
    assert placed.attempt.settle_currency == "IDR"


def test_the_clock_of_the_attempt_is_aware(app: Flask) -> None:
    placed = started()
    assert placed.attempt.expires_at > clock.now()

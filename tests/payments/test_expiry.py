"""An unpaid hold ends once: its page is closed first, then the pieces go back (security.md 2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.tasks import sweep
from marketplace.orders.models import CancelReason, Order, OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.errors import AlreadyPaid, HoldOver, PaymentRunning, ProcessorAway
from marketplace.payments.models import AttemptStatus
from marketplace.payments.processors import PageStatus
from marketplace.payments.queries import is_money_to_return
from marketplace.payments.services.attempts import LONGEST_HOLD
from tests.factories.catalog import VariantFactory
from tests.fakes.stripe_server import StripeServer
from tests.payments.conftest import Bank
from tests.payments.placing import Placed, mail_keys, place, stock_of


def page_status(bank: Bank, placed: Placed) -> PageStatus:
    from marketplace.payments.services.facts import read_facts

    status = bank.processor.fetch(read_facts(id=placed.attempts[-1].id)[0]).status
    return PageStatus.EXPIRED if bank.is_shut(placed.page) else status


def test_a_hold_that_ran_out_gives_the_pieces_back_once(bank: Bank, stopped_clock: clock.Hands) -> None:
    ring = VariantFactory(stock=2)
    placed = place(ring)
    placed.start()
    assert payments.expire_unpaid() == 0
    stopped_clock.forward(minutes=36)
    assert [payments.expire_unpaid(), payments.expire_unpaid()] == [1, 0]
    assert stock_of(ring.id) == 2
    assert placed.order.status is OrderStatus.CANCELED
    assert placed.order.canceled_reason is CancelReason.EXPIRED
    assert placed.attempt.status is AttemptStatus.EXPIRED
    assert page_status(bank, placed) is PageStatus.EXPIRED
    assert mail_keys("order_canceled") == [f"order_canceled:{placed.order_id}"]


def test_paid_in_the_last_second_is_paid(bank: Bank, stopped_clock: clock.Hands) -> None:
    ring = VariantFactory(stock=2)
    placed = place(ring)
    placed.start()
    bank.approve(placed.page)
    stopped_clock.forward(minutes=36)
    payments.expire_unpaid()
    assert placed.order.status is OrderStatus.PAID
    assert stock_of(ring.id) == 1


def test_the_hold_outlives_its_end_while_the_bank_decides(bank: Bank, stopped_clock: clock.Hands) -> None:
    ring = VariantFactory(stock=2)
    placed = place(ring)
    placed.start()
    bank.approve_later(placed.page)
    stopped_clock.forward(minutes=36)
    payments.expire_unpaid()
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert stock_of(ring.id) == 1
    bank.money_fails(placed.page)
    payments.expire_unpaid()
    assert placed.order.status is OrderStatus.CANCELED
    assert stock_of(ring.id) == 2


def test_an_attempt_that_never_started_ends_with_its_hold(bank: Bank, stopped_clock: clock.Hands) -> None:
    ring = VariantFactory(stock=2)
    placed = place(ring)
    stopped_clock.forward(minutes=36)
    assert payments.expire_unpaid() == 1
    assert stock_of(ring.id) == 2
    assert placed.attempt.status is AttemptStatus.EXPIRED


def test_a_page_whose_name_was_lost_is_found_and_closed(stripe_app: Flask, stripe_server: StripeServer) -> None:
    """Stripe made the page, the answer never came: the same key finds it when the buyer cancels."""
    placed = place()
    stripe_server.fail("lost", times=2, method="POST")
    assert placed.start() is None
    (page,) = stripe_server.sessions
    payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert stripe_server.sessions[page]["status"] == "expired"
    assert placed.order.status is OrderStatus.CANCELED


def test_a_processor_that_is_away_keeps_the_hold(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    """A page that somebody may be paying at is not forgotten: the pieces wait until it can be asked."""
    ring = VariantFactory(stock=2)
    placed = place(ring)
    placed.start()
    stopped_clock.forward(minutes=36)
    stripe_server.fail("status", status=503, times=3)
    assert payments.expire_unpaid() == 0
    assert stock_of(ring.id) == 1
    assert payments.expire_unpaid() == 1
    assert stock_of(ring.id) == 2


def test_one_order_that_cannot_be_closed_does_not_hold_up_the_others(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    first, second = place(), place()
    first.start()
    second.start()
    stopped_clock.forward(minutes=36)
    stripe_server.fail("status", status=503, times=3, path=f"/v1/checkout/sessions/{first.page}")
    assert payments.expire_unpaid() == 1
    assert first.order.status is OrderStatus.AWAITING_PAYMENT
    assert second.order.status is OrderStatus.CANCELED


def test_a_buyer_cancels_before_paying(bank: Bank) -> None:
    ring = VariantFactory(stock=2)
    placed = place(ring)
    placed.start()
    payments.cancel_order(placed.order_id, CancelReason.BUYER)
    payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert placed.order.canceled_reason is CancelReason.BUYER
    assert stock_of(ring.id) == 2
    assert page_status(bank, placed) is PageStatus.EXPIRED
    with pytest.raises(HoldOver):
        payments.pay_again(placed.token)


def test_canceling_what_was_paid_meanwhile_settles_it(bank: Bank) -> None:
    placed = place()
    placed.start()
    bank.approve(placed.page)
    with pytest.raises(AlreadyPaid):
        payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert placed.order.status is OrderStatus.PAID
    with pytest.raises(AlreadyPaid):
        payments.pay_again(placed.token)


def test_canceling_waits_for_the_bank(bank: Bank) -> None:
    placed = place()
    placed.start()
    bank.approve_later(placed.page)
    with pytest.raises(PaymentRunning):
        payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert placed.attempt.status is AttemptStatus.PROCESSING
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    with pytest.raises(PaymentRunning):
        payments.pay_again(placed.token)


def test_canceling_while_the_processor_is_away_changes_nothing(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = place()
    placed.start()
    stripe_server.fail("status", status=500, times=2)
    with pytest.raises(ProcessorAway):
        payments.cancel_order(placed.order_id, CancelReason.BUYER)
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT


def test_a_canceled_order_keeps_no_page_that_opens_late(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cancel comes while the processor is still opening the page: the page is closed at once."""
    placed = place()
    processor, begin = bank.processor, bank.processor.start

    def slow_start(attempt: object) -> object:
        monkeypatch.undo()
        started = begin(attempt)  # type: ignore[arg-type]
        with_other_hands(placed)
        return started

    monkeypatch.setattr(processor, "start", slow_start)
    assert placed.start() is None
    assert placed.order.status is OrderStatus.CANCELED
    assert page_status(bank, placed) is PageStatus.EXPIRED


def with_other_hands(placed: Placed) -> None:
    payments.cancel_order(placed.order_id, CancelReason.ADMIN)


def test_after_the_hold_nothing_can_be_paid(bank: Bank, stopped_clock: clock.Hands) -> None:
    placed = place()
    placed.start()
    bank.run_out(placed.page)
    stopped_clock.forward(minutes=36)
    with pytest.raises(HoldOver):
        payments.pay_again(placed.token)
    sweep()
    assert placed.order.status is OrderStatus.CANCELED


def test_a_page_that_ran_out_early_leaves_the_hold(bank: Bank) -> None:
    placed = place()
    placed.start()
    bank.run_out(placed.page)
    assert payments.settle(placed.attempt.key) is AttemptStatus.EXPIRED
    assert placed.order.status is OrderStatus.AWAITING_PAYMENT
    assert payments.pay_again(placed.token)


def test_a_mismatch_ends_with_its_hold_and_stays_a_case(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    ring = VariantFactory(stock=2)
    placed = place(ring)
    placed.start()
    stripe_server.pay(placed.page, amount=1)
    payments.settle(placed.attempt.key)
    stopped_clock.forward(minutes=36)
    payments.expire_unpaid()
    assert placed.order.status is OrderStatus.CANCELED
    assert stock_of(ring.id) == 2
    assert placed.attempt.problem.startswith("does not fit")
    assert is_money_to_return(placed.order_id)


def test_the_reconciler_finds_what_nobody_told(bank: Bank, stopped_clock: clock.Hands) -> None:
    """Message lost, buyer never back: one sweep is enough, and an open page is asked about every ten minutes only."""
    placed, waiting = place(), place()
    placed.start()
    waiting.start()
    bank.approve(placed.page)
    assert payments.reconcile_attempts() == 1
    assert placed.order.status is OrderStatus.PAID
    bank.approve(waiting.page)
    assert payments.reconcile_attempts() == 0
    stopped_clock.forward(minutes=10)
    assert payments.reconcile_attempts() == 1
    assert waiting.order.status is OrderStatus.PAID


def test_an_attempt_of_a_processor_that_left_the_shop_ends_with_its_hold(
    bank: Bank, stopped_clock: clock.Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = place()
    placed.start()
    stopped_clock.forward(minutes=36)
    monkeypatch.setitem(bank.app.extensions, "payment_processors", {})
    assert payments.reconcile_attempts() == 0
    assert payments.expire_unpaid() == 1
    assert placed.order.status is OrderStatus.CANCELED


def test_a_piece_is_not_kept_for_ever_by_trying_again_and_again(bank: Bank) -> None:
    placed = place()
    placed.start()
    bank.run_out(placed.page)
    payments.settle(placed.attempt.key)
    with transaction() as session:
        order = session.get_one(Order, placed.order_id)
        order.placed_at = clock.now() - LONGEST_HOLD - timedelta(minutes=1)
    held = placed.order.hold_until
    with pytest.raises(HoldOver):
        payments.pay_again(placed.token)
    assert placed.order.hold_until == held
    assert len(placed.attempts) == 1

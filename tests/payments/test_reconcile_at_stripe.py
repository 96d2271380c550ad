"""Reconciling with Stripe alone: its pages of lines, its sen, its lost events, its transfers."""

from __future__ import annotations

import json
import re

import sqlalchemy as sa
from flask import Flask

from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.money import Money
from marketplace.ledger import accounts
from marketplace.ledger.models import Kind
from marketplace.ledger.services import credit, debit, post, reverse
from marketplace.orders.models import OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import (
    AttemptStatus,
    DisputeStatus,
    PaymentAttempt,
)
from marketplace.payments.queries import differences as queries
from tests.factories.accounts import UserFactory
from tests.fakes import stripe_balance, stripe_disputes, stripe_refunds
from tests.fakes.stripe_server import StripeServer

from .delivering import balances, keys
from .disputing import charge_of, dispute_of
from .placing import place
from .reconciling import comparison, kinds, later, one_clock

__all__ = ["one_clock"]


def test_a_bank_that_sends_the_processors_payment_back(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands
) -> None:
    name = stripe_balance.pay_our_bank(stripe_server, 5000, "usd")
    later(stopped_clock)
    comparison()
    assert balances()["bank USD"] == 5000
    stripe_balance.bank_sends_back(stripe_server, name)
    later(stopped_clock)
    comparison()
    comparison()
    assert balances() == {}
    assert len(keys("settle:")) == 2
    assert kinds() == []


def test_a_fee_of_the_processor_itself_is_booked_when_a_person_says_so(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands
) -> None:
    by = UserFactory().id
    stripe_balance.add_line(stripe_server, "fee", -250, "usd", "fee_radar")
    later(stopped_clock)
    comparison()
    assert kinds() == ["unknown_line"]
    (row,) = queries.open_differences()
    payments.settle_difference(row.id, "Radar, November", by, as_fee=True)
    assert balances() == {"clearing:stripe USD": -250, "processor_fees USD": 250}
    assert comparison() == 0
    assert kinds() == []


def test_rupiah_may_differ_by_one_for_each_line_because_stripe_counts_sen(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands
) -> None:
    placed = place(currency="IDR")
    placed.start()
    stripe_server.pay(placed.page)
    payments.settle(placed.attempt.key)
    line = next(iter(stripe_server.balance.values()))
    line["fee"] += 33
    line["net"] -= 33
    later(stopped_clock)
    assert comparison() == 0
    line["fee"] += 300
    line["net"] -= 300
    assert comparison() == 1
    assert kinds() == ["amount"]


def test_a_fee_that_is_told_days_later(stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands) -> None:
    placed = place()
    placed.start()
    stripe_server.pay(placed.page)
    payments.settle(placed.attempt.key)
    charge = charge_of(placed)
    db.session.execute(
        sa.update(PaymentAttempt).values(fee_amount=None, net_amount=None, fee_booked_at=None, settle_currency="")
    )
    db.session.commit()
    later(stopped_clock)
    done = payments.reconcile()
    assert done["fees"] == 1
    attempt = placed.attempt
    assert attempt.charge_id == charge
    assert attempt.fee_booked_at == clock.now()
    assert attempt.fee_amount
    assert keys("fee:") == [f"fee:{attempt.id}"]
    later(stopped_clock, hours=7)
    assert payments.reconcile()["fees"] == 0


def test_events_that_did_not_arrive_are_fetched(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands
) -> None:
    """Stripe could not deliver anything for a day: payment, refund in the dashboard, dispute, its loss."""
    placed, other = place(), place()
    for order in (placed, other):
        order.start()
        stripe_server.pay(order.page)
    payments.settle(other.attempt.key)
    stripe_refunds.refund_in_dashboard(stripe_server, charge_of(other), 500)
    name = stripe_disputes.open_dispute(stripe_server, charge_of(other), amount=6000)
    stripe_disputes.lose(stripe_server, name)
    later(stopped_clock)
    done = payments.reconcile()
    assert done["missed messages"] > 3
    assert min(done.values()) >= 0
    assert placed.order.status is OrderStatus.PAID
    assert dispute_of(name).status is DisputeStatus.LOST
    assert len(keys("refund-sent:")) == 1
    assert done["comparison"] == 0, kinds()
    later(stopped_clock)
    assert payments.reconcile()["missed messages"] == 0


def test_events_of_the_other_mode_are_left_alone(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands
) -> None:
    placed = place()
    placed.start()
    stripe_server.pay(placed.page)
    for event in stripe_server.events:
        event["livemode"] = True
    later(stopped_clock, minutes=5)
    assert payments.reconcile()["missed messages"] == 0


def test_many_lines_come_page_by_page(stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands) -> None:
    for number in range(230):
        stripe_balance.add_line(stripe_server, "payout", -1, "usd", f"po_{number:03}")
    later(stopped_clock)
    comparison()
    assert len(keys("settle:")) == 230
    assert stripe_server.count("GET", "/v1/balance_transactions") == 3


def test_one_step_that_fails_stops_no_other(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands
) -> None:
    placed = place()
    placed.start()
    stripe_server.pay(placed.page)
    stripe_server.fail("status", status=429, times=2, path="/v1/events")
    stripe_server.fail("status", status=429, times=2, path="/v1/balance_transactions")
    later(stopped_clock)
    done = payments.reconcile()
    assert (done["attempts"], done["missed messages"], done["comparison"]) == (1, -1, -1)
    (row,) = queries.last_comparisons()
    assert "ProcessorDown" in row.error
    assert not row.is_clean
    result = stripe_app.test_cli_runner().invoke(args=["payments", "reconcile"])
    assert result.exit_code == 1
    assert re.search(r"comparison +failed", result.output)


def test_a_page_whose_name_was_lost_is_found_or_ends(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands
) -> None:
    """The answer to `start` never came; the order was canceled by hand meanwhile."""
    lost, never = place(), place()
    stripe_server.fail("lost", times=3, path="/v1/checkout/sessions", method="POST")
    lost.start()
    page = next(iter(stripe_server.sessions))
    stripe_server.pay(page)
    later(stopped_clock, hours=2)
    payments.reconcile()
    assert lost.attempt.status is AttemptStatus.PAID
    assert never.attempt.status is AttemptStatus.EXPIRED


def test_messages_without_use_are_kept_and_shown(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = place()
    placed.start()
    event = {**stripe_server.pay(placed.page), "id": "evt_odd", "type": "customer.created"}
    body = json.dumps(event).encode()
    answer = stripe_app.test_client().post("/webhooks/stripe", data=body, headers=stripe_server.signed(body))
    assert answer.status_code == 204
    (row,) = queries.unknown_events().rows
    assert (row.event_id, row.kind) == ("evt_odd", "customer.created")
    assert queries.waiting_events().rows == []


def test_a_transfer_that_was_taken_back_is_known_by_its_transfer(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands
) -> None:
    """The list names a reversal by itself; our books know the transfer."""
    stripe_balance.add_line(stripe_server, "transfer", -500, "usd", "tr_1")
    amount = Money(500, "USD")
    with transaction():
        sides = [debit(accounts.seller(1), amount), credit(accounts.clearing("stripe"), amount)]
        post(Kind.PAYOUT, 1, sides, livemode=False, memo="tr_1")
    later(stopped_clock)
    assert comparison() == 0
    line = stripe_balance.add_line(stripe_server, "transfer_reversal", 500, "usd", "trr_1")
    back = {
        "id": "trr_1",
        "object": "transfer_reversal",
        "amount": 500,
        "balance_transaction": line["id"],
        "created": line["created"],
        "currency": "usd",
        "destination_payment_refund": None,
        "metadata": {},
        "source_refund": None,
        "transfer": "tr_1",
    }
    stripe_server.transfers["tr_1"] = {"id": "tr_1", "reversals": {"data": [back]}}
    later(stopped_clock)
    assert comparison() == 1
    assert kinds() == ["amount"]
    with transaction():
        reverse(Kind.PAYOUT_RETURNED, 1, "payout:1")
    assert comparison() == 0
    assert kinds() == []

"""Disputes at Stripe alone: its messages, its states, its conversions, and answers that get lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core.db import db
from marketplace.core.tasks import sweep
from marketplace.ledger import queries as books
from marketplace.payments import services as payments
from marketplace.payments.errors import EvidenceRefused, NothingTaken, ProcessorAway
from marketplace.payments.models import AttemptStatus, Bearer, DisputeStatus, PaymentAttempt, ProcessorEvent
from marketplace.payments.processors import DisputeSaid, ProcessorDown
from marketplace.payouts.check import check
from tests.factories.accounts import UserFactory
from tests.fakes import stripe_disputes, stripe_refunds
from tests.fakes.stripe_server import StripeServer

from .delivering import balances, keys, mark_delivered
from .disputing import Court, charge_of, dispute_of, stripe_court
from .placing import place


@pytest.fixture
def court(stripe_app: Flask, stripe_server: StripeServer) -> Iterator[Court]:
    yield stripe_court(stripe_app, stripe_server)
    db.session.rollback()
    assert check() == []


@pytest.fixture
def admin(court: Court) -> int:
    return int(UserFactory().id)


def deliver_here(server: StripeServer, client: FlaskClient) -> None:
    """What happens is told to the shop's webhook route at once."""

    def post(body: bytes, headers: dict[str, str]) -> int:
        return client.post("/webhooks/stripe", data=body, headers=headers).status_code

    server.deliver = post


def test_its_messages_tell_the_whole_story(
    court: Court, stripe_server: StripeServer, stripe_client: FlaskClient, admin: int
) -> None:
    placed = court.buys()
    deliver_here(stripe_server, stripe_client)
    name = court.sues(charge_of(placed))
    assert dispute_of(name).status is DisputeStatus.NEEDS_RESPONSE
    assert balances()["dispute_hold USD"] == 7100
    court.shop_loses(name)
    payments.decide_lost(dispute_of(name).id, Bearer.WORKSHOP, admin, "Never posted.")
    assert "dispute_hold USD" not in balances()


@pytest.mark.parametrize("seed", range(4))
def test_messages_twenty_times_in_any_order(
    court: Court, stripe_server: StripeServer, stripe_client: FlaskClient, seed: int
) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed))
    court.shop_wins(name)
    told = [event for event in stripe_server.events if event["type"].startswith("charge.dispute")]
    assert [event["type"].rpartition(".")[2] for event in told] == [
        "created",
        "funds_withdrawn",
        "closed",
        "funds_reinstated",
    ]
    deliver_here(stripe_server, stripe_client)
    storm = told[::-1] * 5
    random.Random(seed).shuffle(storm)
    assert {stripe_server.send(event) for event in storm} == {204}
    row = dispute_of(name)
    assert row.status is DisputeStatus.WON
    assert keys("dispute") == [f"dispute-withdrawn:{row.id}", f"dispute-fee:{row.id}", f"dispute-won:{row.id}"]
    assert "dispute_hold USD" not in balances()


def test_a_message_before_the_payments_own_is_kept_and_finished_later(
    court: Court, stripe_server: StripeServer, stripe_client: FlaskClient
) -> None:
    placed = place()
    placed.start()
    court.bank.approve(placed.page)
    (charge,) = stripe_server.charges
    deliver_here(stripe_server, stripe_client)
    name = court.sues(charge)
    waiting = db.session.scalars(sa.select(ProcessorEvent).where(ProcessorEvent.handled_at.is_(None))).all()
    assert len(waiting) == 2
    payments.settle(placed.attempt.key)
    sweep()
    assert dispute_of(name).withdrawn_amount == 7100
    assert not db.session.scalars(sa.select(ProcessorEvent).where(ProcessorEvent.handled_at.is_(None))).all()


def test_the_fee_may_come_back_with_the_money(court: Court, stripe_server: StripeServer) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed))
    court.learns(name)
    stripe_disputes.win(stripe_server, name, fee_back=True)
    row = court.learns(name)
    assert row.fee_amount == 0
    assert keys("dispute-fee") == [f"dispute-fee:{row.id}", f"dispute-fee:{row.id}:0"]


@pytest.mark.parametrize("earned", [False, True])
@pytest.mark.parametrize("bearer", list(Bearer))
def test_dollars_that_settle_in_rupiah_leave_nothing_on_hold(
    court: Court, stripe_server: StripeServer, admin: int, stopped_clock: Any, bearer: Bearer, earned: bool
) -> None:
    """71 dollars came in as Rp 1.182.150,33 and leave as that: the hold closes to zero in rupiah."""
    placed = place()
    placed.start()
    stripe_server.pay(placed.page)
    (line,) = stripe_server.balance.values()
    line.update(currency="idr", amount=118215033, fee=3428234, net=118215033 - 3428234, exchange_rate=16650.0)
    payments.settle(placed.attempt.key)
    if earned:
        mark_delivered(placed.parts)
        stopped_clock.forward(days=4)
        assert payments.earn_due() == 1
    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    row = court.learns(name)
    assert (row.settle_currency, row.withdrawn_amount, row.fee_amount) == ("IDR", 1182150, 15)
    payments.decide_lost(row.id, bearer, admin, "Lost.")
    said = balances()
    assert "dispute_hold IDR" not in said
    assert "refunds_due USD" not in said
    if bearer is Bearer.WORKSHOP:
        assert "losses IDR" not in said
        assert not [key for key in said if key.startswith("fx")]
        assert books.owed_to(placed.parts[0].workshop_id).amount == 0
    else:
        assert said["losses IDR"] == 1182150


def test_an_answer_that_was_lost_is_sent_again_as_the_same(
    court: Court, stripe_server: StripeServer, admin: int
) -> None:
    row = court.learns(court.sues(charge_of(court.buys())))
    payments.note_evidence(row.id, "messages", "first", admin)
    stripe_server.fail("lost", times=3, path="/v1/disputes", method="POST")
    with pytest.raises(ProcessorAway):
        payments.submit_evidence(row.id, admin)
    assert dispute_of(row.external_id).submitted_at is None
    payments.note_evidence(row.id, "messages", "changed meanwhile", admin)
    assert payments.submit_evidence(row.id, admin) is DisputeStatus.UNDER_REVIEW
    said = stripe_server.disputes[row.external_id]
    assert said["evidence_details"]["submission_count"] == 1
    assert "first" in said["evidence"]["uncategorized_text"]


def test_a_definite_no_can_be_mended(court: Court, stripe_server: StripeServer, admin: int) -> None:
    row = court.learns(court.sues(charge_of(court.buys())))
    stripe_server.disputes[row.external_id]["status"] = "under_review"
    with pytest.raises(EvidenceRefused) as refused:
        payments.submit_evidence(row.id, admin)
    assert "under review" in refused.value.sentence
    stripe_server.disputes[row.external_id]["status"] = "needs_response"
    payments.note_evidence(row.id, "messages", "better", admin)
    assert payments.submit_evidence(row.id, admin) is DisputeStatus.UNDER_REVIEW
    assert "better" in stripe_server.disputes[row.external_id]["evidence"]["uncategorized_text"]


def test_each_fact_goes_into_its_own_field(court: Court, stripe_server: StripeServer, admin: int) -> None:
    placed = court.buys()
    mark_delivered(placed.parts)
    row = court.learns(court.sues(charge_of(placed)))
    payments.submit_evidence(row.id, admin)
    said = stripe_server.disputes[row.external_id]["evidence"]
    assert said["customer_name"] == "Maya Chen"
    assert said["customer_email_address"] == "maya.chen@example.com"
    assert "Melbourne" in said["shipping_address"]
    assert said["shipping_tracking_number"] == "EE123456789ID"
    assert "Granulated Dome Ring" in said["product_description"]
    assert placed.order.public_no in said["uncategorized_text"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("warning_under_review", DisputeSaid.INQUIRY),
        ("appeal_needs_response", DisputeSaid.LOST),
        ("appeal_under_review", DisputeSaid.LOST),
        ("prevented", DisputeSaid.LOST),
    ],
)
def test_its_other_words(court: Court, stripe_server: StripeServer, theirs: str, ours: DisputeSaid) -> None:
    name = court.sues(charge_of(court.buys()))
    stripe_server.disputes[name]["status"] = theirs
    assert court.processor.fetch_dispute(name).status is ours


def test_prevented_without_money(court: Court, stripe_server: StripeServer) -> None:
    name = court.sues(charge_of(court.buys()), inquiry=True)
    stripe_server.disputes[name]["status"] = "prevented"
    assert court.learns(name).status is DisputeStatus.WON


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "rubbish", "body": b"{}"}])
def test_no_usable_answer_changes_nothing(court: Court, stripe_server: StripeServer, fault: dict[str, Any]) -> None:
    name = court.sues(charge_of(court.buys()))
    stripe_server.fail(times=3, path="/v1/disputes", **fault)
    with pytest.raises(ProcessorDown):
        payments.settle_dispute("stripe", name)
    assert keys("dispute") == []


def test_a_second_payment_whose_refund_failed_is_not_paid_back_twice(
    court: Court, stripe_server: StripeServer, admin: int
) -> None:
    """The buyer's bank takes what lay here for the buyer: nobody bears it, and nothing is left to refund."""
    placed = place()
    placed.start()
    court.bank.approve_later(placed.page)
    first = placed.attempts[-1]
    first_key, first_page = first.key, first.external_id or ""
    db.session.execute(sa.update(PaymentAttempt).values(status=AttemptStatus.EXPIRED))
    db.session.commit()
    payments.pay_again(placed.token)
    court.bank.approve(placed.page)
    payments.settle(placed.attempts[-1].key)
    court.bank.money_arrives(first_page)
    payments.settle(first_key)
    (sent,) = stripe_server.refunds
    stripe_refunds.refund_fails(stripe_server, sent)
    payments.settle_refund("stripe", sent)
    assert balances()["unapplied USD"] == -7100

    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    row = court.learns(name)
    with pytest.raises(NothingTaken):
        payments.decide_lost(row.id, Bearer.WORKSHOP, admin, "No workshop had it.")
    payments.decide_lost(row.id, Bearer.COLLECTIVE, admin, "Paid twice.")
    said = balances()
    assert not [key for key in said if key.startswith(("unapplied", "dispute_hold", "losses", "refunds_due"))]
    assert placed.attempt.refunded_amount == 7100
    assert placed.parts[0].refunded_amount == 0

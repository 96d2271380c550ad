"""How refunds end at Stripe: a definite no, a bank that takes days or sends it back, one that was quicker."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.payments import queries
from marketplace.payments import services as payments
from marketplace.payments.errors import DisputeOpen, NotRetryable
from marketplace.payments.models import Dispute, DisputeStatus, Refund, RefundChannel, RefundStatus
from tests.factories.accounts import UserFactory
from tests.factories.catalog import VariantFactory
from tests.fakes.stripe_refunds import refund_arrives, refund_fails
from tests.fakes.stripe_server import StripeServer

from .delivering import balances, deliver
from .placing import Placed, mail_keys, place, stock_of
from .refunding import ask, assert_counted, attempt_of, booked, lines_of, refund_of, refunds, wish
from .test_refund_sending import NO_RETRY, made, paid
from .test_webhooks import listening

pytestmark = pytest.mark.usefixtures("stripe_app")


# A definite no ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 402, 404])
def test_a_definite_no_puts_everything_back_and_can_be_tried_again(stripe_server: StripeServer, status: int) -> None:
    placed = paid(stripe_server)
    (part,) = placed.parts
    stripe_server.fail("status", status=status, path="/v1/refunds", method="POST")
    refund_id = ask(wish(part, amount=part.total_amount))
    refund = refund_of(refund_id)
    assert refund.status is RefundStatus.FAILED
    assert "made to answer" in refund.error
    assert (placed.parts[0].refunded_amount, placed.attempt.refunded_amount) == (0, 0)
    assert booked(f"refund-failed:{refund_id}") == {
        "buyer_funds USD": -part.total_amount,
        "refunds_due USD": part.total_amount,
    }
    assert mail_keys("refund") == []  # nobody was told that it was sent
    (waiting,) = queries.open_refunds()
    assert (waiting.refund.id, waiting.can_retry, waiting.order_number) == (refund_id, True, placed.order.public_no)

    again = payments.retry_refund(refund_id, UserFactory().id)
    assert again != refund_id
    assert payments.retry_refund(refund_id, UserFactory().id) == again
    assert refund_of(again).status is RefundStatus.SUCCEEDED
    assert refund_of(again).key != refund.key
    assert refund_of(again).reason_code == refund.reason_code
    assert made(stripe_server) == [{"amount": part.total_amount, "status": "succeeded"}]
    assert queries.open_refunds() == []
    assert_counted(part)
    with pytest.raises(NotRetryable):
        payments.retry_refund(again, UserFactory().id)


def test_a_closed_card_is_paid_by_bank_transfer(stripe_server: StripeServer) -> None:
    placed = paid(stripe_server)
    stripe_server.fail("status", status=402, path="/v1/refunds", method="POST")
    failed = ask(wish(placed.parts[0], amount=2_000))
    again = payments.retry_refund(failed, UserFactory().id, by_transfer=True)
    assert refund_of(again).channel is RefundChannel.MANUAL
    assert refund_of(again).status is RefundStatus.REQUESTED
    (waiting,) = queries.open_refunds()
    assert (waiting.refund.id, waiting.must_send, waiting.can_retry) == (again, True, False)
    payments.mark_refund_sent(again, " BCA  20261124-7 ", UserFactory().id)
    assert refund_of(again).bank_reference == "BCA 20261124-7"
    assert booked(f"refund-sent:{again}") == {"refunds_due USD": 2_000, "bank USD": -2_000}
    assert stripe_server.refunds == {}


# The bank takes its time, and the message comes before the answer ---------------------------------------------------


def test_a_bank_that_needs_days(stripe_app: Flask, stripe_server: StripeServer) -> None:
    placed = paid(stripe_server)
    stripe_server.refunds_wait = True
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    assert refund_of(refund_id).status is RefundStatus.PENDING
    assert booked(f"refund-sent:{refund_id}") == {}
    assert mail_keys("refund_sent") == [f"refund_sent:{refund_id}"]
    listening(stripe_app, stripe_server)
    refund_arrives(stripe_server, refund_of(refund_id).external_id or "")
    assert refund_of(refund_id).status is RefundStatus.SUCCEEDED
    assert len(mail_keys("refund_sent")) == 1
    assert booked(f"refund-sent:{refund_id}") != {}


def test_a_bank_whose_message_is_lost_is_asked_every_hour(
    stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    placed = paid(stripe_server)
    stripe_server.refunds_wait = True
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    refund_arrives(stripe_server, refund_of(refund_id).external_id or "")
    assert payments.send_refunds() == 0
    stopped_clock.forward(minutes=61)
    assert payments.send_refunds() == 1
    assert refund_of(refund_id).status is RefundStatus.SUCCEEDED


def test_the_message_comes_before_the_answer(stripe_app: Flask, stripe_server: StripeServer) -> None:
    listening(stripe_app, stripe_server)
    placed = paid(stripe_server)
    stripe_server.fail("lost", times=3, path="/v1/refunds", method="POST")
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    assert refund_of(refund_id).status is RefundStatus.SUCCEEDED
    assert len(refunds()) == 1
    assert len(mail_keys("refund_sent")) == 1


def test_a_refund_that_the_bank_sends_back_days_later(stripe_app: Flask, stripe_server: StripeServer) -> None:
    listening(stripe_app, stripe_server)
    placed = paid(stripe_server)
    (part,) = placed.parts
    refund_id = ask(wish(part, amount=1_000))
    refund_fails(stripe_server, refund_of(refund_id).external_id or "")
    refund = refund_of(refund_id)
    assert (refund.status, refund.error) == (RefundStatus.FAILED, "lost_or_stolen_card")
    assert booked(f"refund-returned:{refund_id}") == {"refunds_due USD": -1_000, "clearing:stripe USD": 1_000}
    assert booked(f"refund-failed:{refund_id}") == {"refunds_due USD": 1_000, "buyer_funds USD": -1_000}
    assert placed.parts[0].left == part.total
    assert mail_keys("refund_failed") == [f"refund_failed:{refund_id}"]
    assert [waiting.refund.id for waiting in queries.open_refunds()] == [refund_id]
    assert_counted(part)


def test_a_refund_that_fails_after_its_parcel_was_earned_is_earned_then(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    placed = paid(stripe_server)
    listening(stripe_app, stripe_server).refunds_wait = True
    (part,) = placed.parts
    refund_id = ask(wish(part, amount=2_000))
    deliver(placed.order)
    stopped_clock.forward(days=4)
    assert payments.earn_due() == 1
    assert balances()[f"seller:{part.workshop_id} IDR"] == -(part.payable_idr - refund_of(refund_id).payable_idr)
    refund_fails(stripe_server, refund_of(refund_id).external_id or "")
    assert balances()[f"seller:{part.workshop_id} IDR"] == -part.payable_idr
    assert balances()["commission IDR"] == -part.commission_idr
    assert not {"buyer_funds USD", "refunds_due USD"} & balances().keys()


def test_pieces_return_to_the_shelf_once_the_money_has_and_once(stripe_app: Flask, stripe_server: StripeServer) -> None:
    ring = VariantFactory(stock=4)
    placed = place(ring, quantity=2)
    placed.start()
    stripe_server.pay(placed.page)
    payments.settle(placed.attempt.key)
    listening(stripe_app, stripe_server).refunds_wait = True
    (part,) = placed.parts
    refund_id = ask(wish(part, (lines_of(part)[0].id, 1), restock=True))
    assert stock_of(ring.id) == 2
    name = refund_of(refund_id).external_id or ""
    refund_arrives(stripe_server, name)
    assert stock_of(ring.id) == 3
    refund_fails(stripe_server, name)
    stripe_server.refunds_wait = False
    again = payments.retry_refund(refund_id, UserFactory().id)
    assert refund_of(again).status is RefundStatus.SUCCEEDED
    assert stock_of(ring.id) == 3


# The bank was quicker ------------------------------------------------------------------------------------------------


def test_an_unsent_refund_waits_while_a_bank_asks_for_the_money(
    stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    placed, refund_id, dispute = _unsent_and_disputed(stripe_server)
    stopped_clock.forward(minutes=11)
    assert payments.send_refunds() == 0
    assert refund_of(refund_id).error == "waits: the buyer's bank asks for the money"
    assert stripe_server.refunds == {}
    dispute.status = DisputeStatus.WON
    db.session.commit()
    assert payments.send_refunds() == 1
    assert refund_of(refund_id).status is RefundStatus.SUCCEEDED
    assert_counted(placed.parts[0])


def test_an_unsent_refund_fails_when_the_bank_has_taken_the_money(
    stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    placed, refund_id, dispute = _unsent_and_disputed(stripe_server)
    dispute.status = DisputeStatus.LOST
    db.session.commit()
    stopped_clock.forward(minutes=11)
    payments.send_refunds()
    assert refund_of(refund_id).status is RefundStatus.FAILED
    assert stripe_server.refunds == {}
    assert placed.parts[0].refunded_amount == 0
    with pytest.raises(DisputeOpen):
        payments.retry_refund(refund_id, UserFactory().id)


def test_nobody_sends_by_hand_what_a_bank_asks_for(stripe_server: StripeServer) -> None:
    placed = paid(stripe_server)
    stripe_server.fail("status", status=402, path="/v1/refunds", method="POST")
    failed = ask(wish(placed.parts[0], amount=2_000))
    refund_id = payments.retry_refund(failed, UserFactory().id, by_transfer=True)
    _disputed(placed)
    with pytest.raises(DisputeOpen):
        payments.mark_refund_sent(refund_id, "BCA 7", UserFactory().id)
    payments.mark_refund_failed(refund_id, "The bank asks for it.", UserFactory().id)
    assert placed.parts[0].refunded_amount == 0


def _unsent_and_disputed(server: StripeServer) -> tuple[Placed, int, Dispute]:
    placed = paid(server)
    server.fail("status", status=503, headers=NO_RETRY)
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    db.session.execute(sa.update(Refund).values(called_at=None))  # as if its process had died before the call
    db.session.commit()
    return placed, refund_id, _disputed(placed)


def _disputed(placed: Placed) -> Dispute:
    dispute = Dispute(
        attempt_id=placed.attempt_id,
        processor="stripe",
        external_id="dp_1",
        livemode=False,
        status=DisputeStatus.NEEDS_RESPONSE,
        currency=placed.attempt.currency,
        amount=placed.attempt.amount,
        opened_at=clock.now(),
    )
    db.session.add(dispute)
    db.session.commit()
    return dispute


# What does not fit --------------------------------------------------------------------------------------------------


def test_an_answer_about_another_sum_moves_nothing_and_is_shown(
    stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    placed = paid(stripe_server)
    stripe_server.fail("lost", times=3)
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    (theirs,) = stripe_server.refunds.values()
    theirs["amount"] = 999
    stopped_clock.forward(minutes=11)
    assert payments.send_refunds() == 0
    refund = refund_of(refund_id)
    assert (refund.status, refund.error) == (RefundStatus.REQUESTED, "does not fit: the processor says 999 USD")
    assert [waiting.refund.id for waiting in queries.open_refunds()] == [refund_id]
    assert attempt_of(placed.order_id).refunded_amount == 1_000

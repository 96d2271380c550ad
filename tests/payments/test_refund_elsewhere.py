"""Refunds that somebody makes in the processor's dashboard, and those that our bank sends: found, put right, booked."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.orders.queries import refunds_owed
from marketplace.payments import queries
from marketplace.payments import services as payments
from marketplace.payments.errors import AboveWhatIsLeft, NotAssignable, NotRetryable, ReferenceNeeded
from marketplace.payments.models import (
    AttemptStatus,
    ProcessorEvent,
    Refund,
    RefundChannel,
    RefundOrigin,
    RefundStatus,
)
from marketplace.payments.services.events import MAX_EARLY
from marketplace.payments.services.facts import move
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.workshops import WorkshopFactory
from tests.fakes.stripe_refunds import refund_arrives, refund_fails, refund_in_dashboard
from tests.fakes.stripe_server import StripeServer
from tests.helpers import mails

from .delivering import balances
from .placing import Placed, mail_keys, place
from .refunding import ask, assert_counted, booked, lines_of, refund_of, refunds, wish
from .test_refund_sending import NO_RETRY, paid
from .test_webhooks import event_rows, listening


@pytest.fixture
def heard(stripe_app: Flask, stripe_server: StripeServer) -> StripeServer:
    """Stripe, whose messages arrive."""
    return listening(stripe_app, stripe_server)


class TestTheDashboard:
    def by_hand(self, server: StripeServer, placed: Placed, amount: int | None = None) -> Refund:
        refund_in_dashboard(server, placed.attempt.charge_id or "", amount)
        return refunds()[-1]

    def test_it_is_found_by_its_message_and_waits_for_a_parcel(self, heard: StripeServer) -> None:
        placed = paid(heard)
        refund = self.by_hand(heard, placed, 1_500)
        assert (refund.origin, refund.status) == (RefundOrigin.DASHBOARD, RefundStatus.SUCCEEDED)
        assert (refund.seller_order_id, refund.amount) == (None, 1_500)
        assert booked(f"refund:{refund.id}") == {"unassigned USD": 1_500, "refunds_due USD": -1_500}
        assert booked(f"refund-sent:{refund.id}") == {"refunds_due USD": 1_500, "clearing:stripe USD": -1_500}
        assert placed.attempt.refunded_amount == 1_500
        assert placed.parts[0].refunded_amount == 0
        (waiting,) = queries.open_refunds()
        assert (waiting.must_assign, waiting.can_retry) == (True, False)
        assert mail_keys("refund_sent") == [f"refund_sent:{refund.id}"]

    def test_it_is_one_however_often_and_in_whatever_order_it_is_told(self, heard: StripeServer) -> None:
        placed = paid(heard)
        heard.refunds_wait = True
        refund = self.by_hand(heard, placed, 1_500)
        assert refund.status is RefundStatus.PENDING
        refund_arrives(heard, refund.external_id or "")
        for event in [*reversed(heard.events), *heard.events]:
            heard.send(event)
        (refund,) = refunds()
        assert refund.status is RefundStatus.SUCCEEDED
        assert placed.attempt.refunded_amount == 1_500

    def test_an_admin_says_which_parcel(self, heard: StripeServer) -> None:
        admin, placed = UserFactory(), paid(heard)
        (part,) = placed.parts
        refund = self.by_hand(heard, placed, part.total_amount - 1)
        payments.assign_refund(refund.id, part.id, admin.id)
        after = refund_of(refund.id)
        assert after.seller_order_id == part.id
        assert after.shipping_amount == part.shipping_amount - 1
        assert booked(f"refund-assigned:{refund.id}") == {
            "buyer_funds USD": after.amount,
            "unassigned USD": -after.amount,
        }
        assert "unassigned USD" not in balances()
        assert queries.open_refunds() == []
        assert_counted(part)
        with pytest.raises(NotAssignable):
            payments.assign_refund(refund.id, part.id, admin.id)
        assert ask(wish(part, amount=1))
        with pytest.raises(AboveWhatIsLeft):
            ask(wish(part, amount=1))

    def test_it_goes_only_to_a_parcel_of_its_order_that_has_as_much_left(self, heard: StripeServer) -> None:
        admin = UserFactory()
        first, second = (variants_of(ListingFactory(workshop=WorkshopFactory(), stock=3))[0] for _ in range(2))
        placed, other = paid_for(heard, first, second), paid(heard)
        small, _large = placed.parts
        refund = self.by_hand(heard, placed, small.total_amount + 1)
        with pytest.raises(AboveWhatIsLeft):
            payments.assign_refund(refund.id, small.id, admin.id)
        with pytest.raises(NotAssignable):
            payments.assign_refund(refund.id, other.parts[0].id, admin.id)
        with pytest.raises(NotFound):
            payments.assign_refund(refund.id, 99_999, admin.id)
        with pytest.raises(NotFound):
            payments.assign_refund(99_999, small.id, admin.id)
        assert refund_of(refund.id).seller_order_id is None
        mine = ask(wish(small, amount=100))
        with pytest.raises(NotAssignable):
            payments.assign_refund(mine, small.id, admin.id)

    @pytest.mark.parametrize("assigned", [True, False])
    def test_one_that_the_bank_sends_back_is_as_if_it_had_never_been(self, heard: StripeServer, assigned: bool) -> None:
        placed = paid(heard)
        before = balances()
        refund = self.by_hand(heard, placed, 1_500)
        if assigned:
            payments.assign_refund(refund.id, placed.parts[0].id, UserFactory().id)
        refund_fails(heard, refund.external_id or "")
        assert refund_of(refund.id).status is RefundStatus.FAILED
        assert balances() == before
        assert (placed.attempt.refunded_amount, placed.parts[0].refunded_amount) == (0, 0)
        assert queries.open_refunds() == []  # it was not ours to send
        with pytest.raises(NotRetryable):
            payments.retry_refund(refund.id, UserFactory().id)
        with pytest.raises(NotAssignable):
            payments.assign_refund(refund.id, placed.parts[0].id, UserFactory().id)

    def test_ours_and_theirs_at_once_end_as_the_processor_says(
        self, heard: StripeServer, stopped_clock: clock.Hands
    ) -> None:
        """We asked for all while the processor was away, and somebody gave all back by hand: one of them counts."""
        placed = paid(heard)
        (part,) = placed.parts
        heard.fail("status", status=503, path="/v1/refunds", method="POST", headers=NO_RETRY)
        ours = ask(wish(part, amount=part.total_amount))
        name = refund_in_dashboard(heard, placed.attempt.charge_id or "")
        assert [refund.id for refund in refunds()] == [ours]  # nothing is left for it yet
        (event,) = [row for row in event_rows() if row.external_id == name and row.kind == "refund.created"]
        assert event.handled_at is None
        stopped_clock.forward(minutes=11)
        payments.send_refunds()
        assert refund_of(ours).status is RefundStatus.FAILED
        payments.handle_events()
        theirs = refunds()[-1]
        assert (theirs.external_id, theirs.amount) == (name, part.total_amount)
        assert placed.attempt.refunded_amount == part.total_amount
        assert [event for event in event_rows() if event.handled_at is None] == []

    def test_a_part_that_ends_before_it_is_assigned_waits_for_a_person(self, heard: StripeServer) -> None:
        """Nobody knows whether the buyer has had its money: nothing goes back by itself, and no half of a refund."""
        admin, placed = UserFactory(), paid(heard)
        (part,) = placed.parts
        refund = self.by_hand(heard, placed, 1_500)
        payments.cancel_part(part.id, "flaw", "", by=admin.id)
        assert [known.id for known in refunds()] == [refund.id]
        assert [owed.id for _number, owed in refunds_owed()] == [part.id]
        payments.assign_refund(refund.id, part.id, admin.id)
        ask(wish(placed.parts[0], amount=part.total_amount - 1_500))
        assert refunds_owed() == []
        assert_counted(part)

    def test_a_payment_that_no_order_took_needs_no_parcel(self, heard: StripeServer) -> None:
        """Its refund by the shop itself failed, so somebody gave it back by hand."""
        placed = place()
        placed.start()
        first = placed.page
        heard.pay_later(first)
        with transaction():
            move(placed.attempt_id, AttemptStatus.FAILED)
        payments.pay_again(placed.token)
        heard.pay(placed.page)
        heard.fail("status", status=402, path="/v1/refunds", method="POST")
        heard.money_arrives(first)
        assert [refund.status for refund in refunds()] == [RefundStatus.FAILED]
        refund = self.by_hand(heard, placed)
        assert booked(f"refund:{refund.id}")["unapplied USD"] == placed.attempt.amount
        assert not any(waiting.must_assign for waiting in queries.open_refunds())
        assert "unapplied USD" not in balances()

    def test_one_that_failed_before_we_knew_of_it_is_nothing(
        self, stripe_app: Flask, stripe_server: StripeServer
    ) -> None:
        placed = paid(stripe_server)
        name = refund_in_dashboard(stripe_server, placed.attempt.charge_id or "", 100)
        refund_fails(stripe_server, name)
        assert not payments.settle_refund("stripe", name)
        assert refunds() == []


def paid_for(server: StripeServer, *variants: Any) -> Placed:
    placed = place(*variants)
    placed.start()
    server.pay(placed.page)
    payments.settle(placed.attempt.key)
    return placed


class TestMessages:
    def test_one_about_somebody_elses_charge_waits_an_hour_and_does_nothing(self, heard: StripeServer) -> None:
        placed = paid(heard)
        (charge,) = heard.charges.values()
        heard.charges["ch_other"] = {**charge, "id": "ch_other"}
        refund_in_dashboard(heard, "ch_other", 100)
        assert refunds() == []
        (event,) = [row for row in event_rows() if row.kind == "refund.created"]
        assert event.handled_at is None
        for _minute in range(MAX_EARLY):
            payments.handle_events()
        (event,) = [row for row in event_rows() if row.kind == "refund.created"]
        assert event.handled_at is not None
        assert event.error == "no payment has the charge ch_other"
        assert placed.attempt.refunded_amount == 0

    def test_one_that_comes_before_its_payment_is_not_lost(self, heard: StripeServer) -> None:
        """The shop was away: Stripe tells of the refund first, and of the payment later."""
        placed = place()
        placed.start()
        heard.deliver, told = None, heard.deliver
        heard.pay(placed.page)
        (charge,) = heard.charges.values()
        refund_in_dashboard(heard, charge["id"], 100)
        paid_event = next(event for event in heard.events if event["type"] == "checkout.session.completed")
        refund_event = next(event for event in heard.events if event["type"] == "refund.created")
        heard.deliver = told
        heard.send(refund_event)
        assert refunds() == []
        heard.send(paid_event)
        payments.handle_events()
        (refund,) = refunds()
        assert (refund.origin, refund.amount) == (RefundOrigin.DASHBOARD, 100)
        assert placed.attempt.refunded_amount == 100

    def test_one_about_a_refund_that_stripe_does_not_know_is_finished(self, heard: StripeServer) -> None:
        placed = paid(heard)
        refund_in_dashboard(heard, placed.attempt.charge_id or "", 100)
        event = json.loads(json.dumps(heard.events[-2]))
        event["id"], event["data"]["object"]["id"] = "evt_forged", "re_nowhere"
        assert heard.send(event) == 204
        row = next(row for row in event_rows() if row.event_id == "evt_forged")
        assert row.handled_at is not None
        assert "No such refund" in row.error

    def test_figures_in_a_message_are_not_believed(self, heard: StripeServer) -> None:
        placed = paid(heard)
        heard.deliver, told = None, heard.deliver
        refund_in_dashboard(heard, placed.attempt.charge_id or "", 100)
        event = next(event for event in heard.events if event["type"] == "refund.created")
        event["data"]["object"].update(amount=4_000, status="failed", currency="idr")
        heard.deliver = told
        heard.send(event)
        (refund,) = refunds()
        assert (refund.amount, refund.status) == (100, RefundStatus.SUCCEEDED)

    def test_the_sum_of_a_charge_is_never_read(self, heard: StripeServer) -> None:
        placed = paid(heard)
        heard.deliver, told = None, heard.deliver
        refund_in_dashboard(heard, placed.attempt.charge_id or "", 100)
        heard.deliver = told
        heard.send(next(event for event in heard.events if event["type"] == "charge.refunded"))
        assert refunds() == []

    def test_one_that_cannot_be_answered_now_is_answered_by_the_sweep(self, heard: StripeServer) -> None:
        placed = paid(heard)
        heard.fail("status", status=429, path="/v1/refunds", method="GET")
        refund_in_dashboard(heard, placed.attempt.charge_id or "", 100)
        assert refunds() == []
        assert db.session.scalars(sa.select(ProcessorEvent.tries).where(ProcessorEvent.handled_at.is_(None))).one() == 1
        assert payments.handle_events() == 1
        assert [refund.amount for refund in refunds()] == [100]


class TestOtherCurrency:
    def test_what_left_is_booked_in_the_currency_that_the_processor_keeps(
        self, stripe_app: Flask, stripe_server: StripeServer
    ) -> None:
        """Paid and refunded in dollars; Stripe keeps Singapore dollars for us."""
        placed = place()
        placed.start()
        stripe_server.pay(placed.page)
        for balance in stripe_server.balance.values():
            balance.update(currency="sgd", amount=9_500, fee=275, net=9_225)
        payments.settle(placed.attempt.key)
        stripe_server.fail("lost", times=3, path="/v1/refunds", method="POST")
        (part,) = placed.parts
        refund_id = ask(wish(part, amount=part.total_amount))
        (theirs,) = stripe_server.refunds.values()
        stripe_server.balance[theirs["balance_transaction"]].update(currency="sgd", amount=-9_480, net=-9_480)
        payments.send_refund(refund_id)
        assert booked(f"refund-sent:{refund_id}") == {
            "refunds_due USD": part.total_amount,
            "fx USD": -part.total_amount,
            "fx SGD": 9_480,
            "clearing:stripe SGD": -9_480,
        }


class TestByBankTransfer:
    def asked(self, server: StripeServer) -> tuple[Placed, int]:
        placed = paid(server)
        server.fail("status", status=402, path="/v1/refunds", method="POST")
        failed = ask(wish(placed.parts[0], (lines_of(placed.parts[0])[0].id, 1)))
        return placed, payments.retry_refund(failed, UserFactory().id, by_transfer=True)

    def test_it_is_sent_when_an_admin_says_so_and_once(self, stripe_app: Flask, stripe_server: StripeServer) -> None:
        admin = UserFactory()
        placed, refund_id = self.asked(stripe_server)
        assert not payments.send_refund(refund_id)
        assert mail_keys("refund_") == [f"refund_account:{refund_id}"]
        letter = mails()[-1]
        assert "account number" in letter.text
        with pytest.raises(ReferenceNeeded):
            payments.mark_refund_sent(refund_id, "  ", admin.id)
        for _ in range(2):
            payments.mark_refund_sent(refund_id, "BCA 7", admin.id)
        refund = refund_of(refund_id)
        assert (refund.status, refund.channel) == (RefundStatus.SUCCEEDED, RefundChannel.MANUAL)
        assert mail_keys("refund_sent") == [f"refund_sent:{refund_id}"]
        assert_counted(placed.parts[0])

    def test_one_that_came_back_is_owed_again(self, stripe_app: Flask, stripe_server: StripeServer) -> None:
        admin = UserFactory()
        placed, refund_id = self.asked(stripe_server)
        before = balances()
        payments.mark_refund_sent(refund_id, "BCA 7", admin.id)
        for _ in range(2):
            payments.mark_refund_failed(refund_id, "The account is closed.", admin.id)
        refund = refund_of(refund_id)
        assert (refund.status, refund.error) == (RefundStatus.FAILED, "The account is closed.")
        assert balances()["buyer_funds USD"] == before["buyer_funds USD"] - refund.amount
        assert "bank USD" not in balances()
        with pytest.raises(IllegalTransition):
            payments.mark_refund_sent(refund_id, "BCA 8", admin.id)
        again = payments.retry_refund(refund_id, admin.id, by_transfer=True)
        assert refund_of(again).amount == refund.amount
        assert_counted(placed.parts[0])

    def test_what_a_processor_sends_is_not_an_admins_to_say(
        self, stripe_app: Flask, stripe_server: StripeServer
    ) -> None:
        admin, placed = UserFactory(), paid(stripe_server)
        refund_id = ask(wish(placed.parts[0], amount=100))
        with pytest.raises(IllegalTransition):
            payments.mark_refund_sent(refund_id, "BCA 7", admin.id)
        with pytest.raises(IllegalTransition):
            payments.mark_refund_failed(refund_id, "no", admin.id)
        with pytest.raises(NotFound):
            payments.mark_refund_sent(99_999, "BCA 7", admin.id)

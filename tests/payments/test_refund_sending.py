"""Refunds through Stripe: slow, down, rude or with lost answers, the buyer gets the money exactly once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.tasks import sweep
from marketplace.payments import services as payments
from marketplace.payments.models import Refund, RefundStatus
from tests.fakes.stripe_server import StripeServer

from .placing import Placed, mail_keys, place
from .refunding import ask, assert_counted, booked, refund_of, wish

pytestmark = pytest.mark.usefixtures("stripe_app")

NO_RETRY = {"Stripe-Should-Retry": "false"}


def paid(server: StripeServer, **facts: str) -> Placed:
    placed = place(**facts)
    assert placed.start()
    server.pay(placed.page)
    payments.settle(placed.attempt.key)
    return placed


def made(server: StripeServer) -> list[dict[str, object]]:
    """The refunds that Stripe has made."""
    return [{"amount": refund["amount"], "status": refund["status"]} for refund in server.refunds.values()]


def test_a_refund_travels_with_its_names(stripe_server: StripeServer) -> None:
    placed = paid(stripe_server)
    refund = refund_of(ask(wish(placed.parts[0], amount=1_234)))
    assert refund.status is RefundStatus.SUCCEEDED
    (theirs,) = stripe_server.refunds.values()
    assert refund.external_id == theirs["id"]
    assert theirs["charge"] == placed.attempt.charge_id
    assert theirs["metadata"] == {
        "refund_key": refund.key,
        "attempt_key": placed.attempt.key,
        "order": placed.order.public_no,
    }
    assert refund.request_json["amount"] == 1_234
    assert refund.key in stripe_server.kept
    assert booked(f"refund-sent:{refund.id}") == {"refunds_due USD": 1_234, "clearing:stripe USD": -1_234}
    assert (refund.tries, refund.error) == (1, "")


def test_rupiah_travel_as_sen(stripe_server: StripeServer) -> None:
    placed = paid(stripe_server, currency="IDR")
    refund = refund_of(ask(wish(placed.parts[0], amount=150_000)))
    assert made(stripe_server) == [{"amount": 15_000_000, "status": "succeeded"}]
    assert refund.payable_idr + refund.commission_idr == 150_000


# Nothing is known: the key stays, the sweep asks what became of it --------------------------------------------------

AWAY: dict[str, tuple[Callable[[StripeServer], None], bool]] = {  # what breaks, and whether Stripe has acted
    "503 without acting": (lambda s: s.fail("status", status=503, headers=NO_RETRY), False),
    "500 after acting": (lambda s: s.fail("broken", status=500, headers=NO_RETRY), True),
    "429": (lambda s: s.fail("status", status=429), False),
    "409, a call with this key runs": (lambda s: s.fail("status", status=409, headers=NO_RETRY), False),
    "401, our key was revoked": (lambda s: s.fail("status", status=401), False),
    "late after acting": (lambda s: s.fail("late", seconds=0.5, times=3), True),
    "answer lost after acting": (lambda s: s.fail("lost", times=3), True),
    "stuck without acting": (lambda s: s.fail("stuck", seconds=0.5, times=3), False),
    "HTML": (lambda s: s.fail("rubbish"), False),
    "an empty object": (lambda s: s.fail("rubbish", body=b"{}"), False),
    "a refund without a name": (lambda s: s.fail("rubbish", body=b'{"object": "refund", "id": null}'), False),
    "a refund in an unknown state": (
        lambda s: s.fail("rubbish", body=b'{"object": "refund", "id": "re_1", "charge": "ch_1", "status": "odd"}'),
        False,
    ),
}


@pytest.mark.parametrize("fault", AWAY)
def test_no_answer_is_asked_about_and_the_money_leaves_once(
    stripe_server: StripeServer, stopped_clock: clock.Hands, fault: str
) -> None:
    placed = paid(stripe_server)
    break_it, has_acted = AWAY[fault]
    break_it(stripe_server)
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    refund = refund_of(refund_id)
    assert refund.status is RefundStatus.REQUESTED
    assert refund.error
    assert len(stripe_server.refunds) == has_acted
    assert booked(f"refund:{refund_id}") == {"buyer_funds USD": 1_000, "refunds_due USD": -1_000}
    assert booked(f"refund-sent:{refund_id}") == {}
    assert mail_keys("refund_sent") == []

    stripe_server.faults.clear()
    assert payments.send_refunds() == 0  # an answer may still be on its way
    stopped_clock.forward(minutes=11)
    assert payments.send_refunds() == 1
    assert payments.send_refunds() == 0
    assert refund_of(refund_id).status is RefundStatus.SUCCEEDED
    assert made(stripe_server) == [{"amount": 1_000, "status": "succeeded"}]
    assert mail_keys("refund_sent") == [f"refund_sent:{refund_id}"]
    assert_counted(placed.parts[0])


def test_a_day_later_the_key_is_new_to_stripe_and_still_nothing_is_paid_twice(
    stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    placed = paid(stripe_server)
    stripe_server.fail("lost", times=3)
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    stripe_server.kept.clear()
    stopped_clock.forward(hours=30)
    sweep()
    assert refund_of(refund_id).status is RefundStatus.SUCCEEDED
    assert len(stripe_server.refunds) == 1


def test_ours_is_found_among_many_pages_of_refunds(stripe_server: StripeServer, stopped_clock: clock.Hands) -> None:
    placed = paid(stripe_server)
    stripe_server.fail("lost", times=3)
    lost = ask(wish(placed.parts[0], amount=700))
    for _ in range(5):
        ask(wish(placed.parts[0], amount=10))
    stripe_server.page_limit = 2
    stopped_clock.forward(minutes=11)
    assert payments.send_refunds() == 1
    assert refund_of(lost).status is RefundStatus.SUCCEEDED
    assert sum(1 for refund in stripe_server.refunds.values() if refund["amount"] == 700) == 1


def test_a_lost_queue_costs_time_and_no_refund(stripe_server: StripeServer, stopped_clock: clock.Hands) -> None:
    """The process died between the commit and the call."""
    placed = paid(stripe_server)
    stripe_server.fail("status", status=503, headers=NO_RETRY)
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    db.session.execute(sa.update(Refund).values(called_at=None, request_json={}, error="", tries=0))
    db.session.commit()
    stopped_clock.forward(minutes=11)
    assert payments.send_refunds() == 1
    assert refund_of(refund_id).status is RefundStatus.SUCCEEDED
    assert len(stripe_server.refunds) == 1


def test_sending_twice_is_sending_once(stripe_server: StripeServer) -> None:
    placed = paid(stripe_server)
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    assert not payments.send_refund(refund_id)
    assert stripe_server.count("POST", "/v1/refunds") == 1


def test_other_parameters_under_the_same_key_are_no_proof_of_failure(
    stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    """A release changed what is sent while an answer was lost: Stripe says no, and has acted."""
    placed = paid(stripe_server)
    stripe_server.fail("lost", times=3)
    refund_id = ask(wish(placed.parts[0], amount=1_000))
    refund = refund_of(refund_id)
    with db.session.begin_nested():
        refund.request_json = {**refund.request_json, "reason": "requested_by_customer"}
        refund.called_at = None
    db.session.commit()
    stopped_clock.forward(minutes=11)
    payments.send_refunds()
    assert refund_of(refund_id).status is RefundStatus.SUCCEEDED
    assert len(stripe_server.refunds) == 1

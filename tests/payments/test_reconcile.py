"""Comparing with the processor's own list: nothing is missed, nothing is mended silently, nothing is booked twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.money import Money
from marketplace.core.tasks import sweep
from marketplace.ledger import accounts
from marketplace.ledger.models import Kind
from marketplace.ledger.services import credit, debit, post, reverse
from marketplace.orders.models import OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.errors import NotAFee, NoteNeeded
from marketplace.payments.models import (
    AttemptStatus,
    DemoMovement,
    DemoSession,
    Difference,
    DisputeStatus,
    PaymentAttempt,
    Reconciliation,
    RefundOrigin,
)
from marketplace.payments.processors.demo import balance as demo_balance
from marketplace.payments.queries import differences as queries
from marketplace.payments.services import RefundWish
from marketplace.payments.services.reconcile import steps
from tests.conftest import _empty
from tests.factories.accounts import UserFactory
from tests.fakes import stripe_balance, stripe_disputes, stripe_refunds
from tests.fakes.stripe_server import StripeServer

from .delivering import balances, keys
from .disputing import Court, charge_of, court, demo_court, dispute_of
from .placing import place

__all__ = ["court"]

LATER = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _one_clock(request: pytest.FixtureRequest, stopped_clock: Hands) -> Iterator[None]:
    """The stand-in's time is the shop's, so that lines stand where the test moves the hands."""
    if "stripe" not in str(request.node.name) and "stripe_app" not in request.fixturenames:
        yield
        return
    server: StripeServer = request.getfixturevalue("stripe_server")
    before, server._clock = server._clock, lambda: clock.now().timestamp()
    yield
    server._clock = before


@pytest.fixture
def admin(court: Court) -> int:
    return int(UserFactory(full_name="Made Sutami").id)


def later(hands: Hands, **amount: float) -> None:
    hands.forward(**(amount or {"hours": 1}))


def kinds() -> list[str]:
    db.session.rollback()
    query = sa.select(Difference.kind).where(Difference.settled_at.is_(None)).order_by(Difference.id)
    return list(db.session.scalars(query))


def comparison() -> int:
    """Reconcile; how much differs. No step may fail."""
    done = payments.reconcile()
    assert min(done.values()) >= 0, done
    return done["comparison"]


def forget(court: Court, charge: str) -> None:
    """The processor's list loses a charge."""
    if court.processor.name == "stripe":
        server = server_of(court)
        stripe_balance.forget(server, charge)
    else:
        db.session.execute(sa.update(DemoSession).where(DemoSession.charge_id == charge).values(status="failed"))
        db.session.commit()


def server_of(court: Court) -> StripeServer:
    server: StripeServer = court.bank.approve.__self__  # type: ignore[attr-defined]
    return server


def pay_our_bank(court: Court, amount: int) -> str:
    if court.processor.name == "stripe":
        return stripe_balance.pay_our_bank(server_of(court), amount, "usd")
    return demo_balance.pay_our_bank(amount, "USD")


def test_everything_that_happens_in_a_good_day_fits(court: Court, admin: int, stopped_clock: Hands) -> None:
    placed = court.buys()
    other = court.buys()
    wish = RefundWish(placed.parts[0].id, "some", amount=Money(1000, "USD"))
    payments.send_refund(payments.request_refund(wish, origin=RefundOrigin.ADMIN, by=admin))
    name = court.sues(charge_of(other))
    court.learns(name)
    later(stopped_clock)
    assert comparison() == 0
    court.shop_wins(name)
    court.learns(name)
    pay_our_bank(court, 5000)
    later(stopped_clock)
    assert comparison() == 0
    assert kinds() == []
    assert balances()["bank USD"] == 5000
    later(stopped_clock)
    assert comparison() == 0
    assert len(keys("settle:")) == 1
    newest, *_older = queries.last_comparisons()
    assert newest.is_clean
    assert newest.row_count == 6


def test_a_payment_of_which_nobody_told(court: Court, stopped_clock: Hands) -> None:
    placed = place()
    placed.start()
    court.bank.approve(placed.page)
    later(stopped_clock)
    done = payments.reconcile()
    assert done["attempts"] == 1
    assert placed.order.status is OrderStatus.PAID
    assert done["comparison"] == 0
    assert kinds() == []


def test_a_dispute_whose_news_was_lost(court: Court, stopped_clock: Hands) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed))
    later(stopped_clock)
    done = payments.reconcile()
    assert done["comparison"] == 0, kinds()
    assert dispute_of(name).status is DisputeStatus.NEEDS_RESPONSE
    court.shop_loses(name)
    later(stopped_clock)
    payments.reconcile()
    assert dispute_of(name).status is DisputeStatus.LOST


def test_the_list_has_what_the_books_lack(court: Court, admin: int, stopped_clock: Hands) -> None:
    """A payment of another shop on the same account: shown once, not booked, explained once."""
    court.buys()
    stray = stray_charge(court)
    later(stopped_clock)
    before = balances()
    assert comparison() == 1
    assert comparison() == 1
    assert balances() == before
    (row,) = queries.open_differences()
    assert (row.kind, row.subject) == ("missing_charge", stray)
    assert row.amount is not None
    with pytest.raises(NoteNeeded):
        payments.settle_difference(row.id, " ", admin)
    with pytest.raises(NotAFee):
        payments.settle_difference(row.id, "no fee", admin, as_fee=True)
    payments.settle_difference(row.id, "The cooperative's other shop.", admin)
    later(stopped_clock)
    payments.reconcile()
    assert kinds() == ["balance"]  # the person explained the line; the books are still short of it
    (settled,) = queries.settled_differences().rows
    assert (settled.settled_by, settled.note) == ("Made Sutami", "The cooperative's other shop.")


def stray_charge(court: Court) -> str:
    if court.processor.name == "stripe":
        server = server_of(court)
        return str(stripe_balance.add_line(server, "charge", 9900, "usd", "ch_stray", fee=300)["source"])
    now = clock.now()
    page = DemoSession(
        external_id="demo_stray",
        key="stray",
        amount=9900,
        currency="USD",
        status="paid",
        fee_amount=300,
        charge_id="ch_stray",
        paid_at=now,
        return_url="",
        cancel_url="",
        expires_at=now,
        created_at=now,
    )
    db.session.add(page)
    db.session.commit()
    return "ch_stray"


def test_the_books_have_what_the_list_lacks(court: Court, stopped_clock: Hands) -> None:
    placed = court.buys()
    charge = charge_of(placed)
    later(stopped_clock)
    assert comparison() == 0
    forget(court, charge)
    assert comparison() == 1
    (row,) = queries.open_differences()
    assert (row.kind, row.subject) == ("unlisted", f"charge:{placed.attempt_id}")
    later(stopped_clock, days=5)
    assert comparison() == 1  # older than what is looked at, and still there


def test_a_difference_that_goes_is_settled_by_itself_and_comes_back_as_news(court: Court, stopped_clock: Hands) -> None:
    placed = court.buys()
    charge = charge_of(placed)
    later(stopped_clock)
    restore = hide(court, charge)
    assert comparison() == 1
    found_at = queries.open_differences()[0].found_at
    restore()
    later(stopped_clock, days=3)
    assert comparison() == 0
    (row,) = queries.settled_differences().rows
    assert row.settled_by == ""
    restore = hide(court, charge)
    stopped_clock.forward(hours=-2, days=-2)
    assert comparison() == 1
    assert queries.open_differences()[0].found_at > found_at
    restore()


def hide(court: Court, charge: str) -> Callable[[], Any]:
    """Take a charge off the processor's list; calling the answer puts it back."""
    if court.processor.name == "stripe":
        server = server_of(court)
        kept = dict(server.balance)
        stripe_balance.forget(server, charge)
        return lambda: server.balance.update(kept)

    def show() -> None:
        db.session.execute(sa.update(DemoSession).where(DemoSession.charge_id == charge).values(status="paid"))
        db.session.commit()

    forget(court, charge)
    return show


def test_an_amount_that_differs(court: Court, stopped_clock: Hands) -> None:
    placed = court.buys()
    charge = charge_of(placed)
    _book(court, Kind.FEE, placed.attempt_id)
    later(stopped_clock)
    assert comparison() == 1
    (row,) = queries.open_differences()
    assert (row.kind, row.subject) == ("amount", charge)
    assert row.facts["listed"]["USD"] - row.facts["booked"]["USD"] == 5


def test_a_balance_that_differs_although_every_line_fits(court: Court, admin: int, stopped_clock: Hands) -> None:
    court.buys()
    with transaction():
        sides = [debit(court.clearing, Money(777, "USD")), credit(accounts.FX, Money(777, "USD"))]
        post(Kind.CORRECTION, "by hand", sides, livemode=False)
    later(stopped_clock)
    assert comparison() == 1
    (row,) = queries.open_differences()
    assert (row.kind, row.amount) == ("balance", Money(-777, "USD"))
    payments.settle_difference(row.id, "Asked the bank.", admin)
    assert comparison() == 0
    assert kinds() == []  # the same sum is explained
    with transaction():
        sides = [debit(court.clearing, Money(3, "USD")), credit(accounts.FX, Money(3, "USD"))]
        post(Kind.CORRECTION, "by hand again", sides, livemode=False)
    assert comparison() == 1
    assert kinds() == ["balance"]  # another sum is news


def test_a_young_line_may_still_have_its_message_on_the_way(court: Court, stopped_clock: Hands) -> None:
    stray_charge(court)
    stopped_clock.forward(minutes=1)
    assert comparison() == 0
    later(stopped_clock)
    assert comparison() == 1


def test_the_other_mode_is_not_compared(court: Court, stopped_clock: Hands) -> None:
    """Real money on the same account name is none of a test processor's business."""
    court.buys()
    with transaction():
        sides = [debit(court.clearing, Money(50, "USD")), credit(accounts.FX, Money(50, "USD"))]
        post(Kind.CORRECTION, "live", sides, livemode=True)
    later(stopped_clock)
    assert comparison() == 0


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


def test_it_runs_once_an_hour_and_over_all_of_yesterday_at_night(app: Flask, stopped_clock: Hands) -> None:
    stopped_clock.moment = clock.local(stopped_clock.moment).replace(hour=23, minute=30)
    midnight = stopped_clock.moment.replace(hour=0, minute=0, second=0, microsecond=0)
    assert sweep()["reconciliation"] == 1
    assert sweep()["reconciliation"] == 0
    stopped_clock.forward(minutes=59)
    assert sweep()["reconciliation"] == 0
    stopped_clock.forward(minutes=1)  # 00:30
    assert sweep()["reconciliation"] == 1
    newest, _first = queries.last_comparisons()
    assert newest.since > midnight + timedelta(hours=12)
    stopped_clock.forward(hours=2)  # 02:30
    assert sweep()["reconciliation"] == 1
    newest, *_older = queries.last_comparisons()
    assert newest.since == midnight
    stopped_clock.forward(hours=1)
    assert sweep()["reconciliation"] == 1
    newest, *_older = queries.last_comparisons()
    assert newest.since > midnight + timedelta(days=1)
    assert len(queries.last_comparisons()) == 4


def test_after_a_standstill_it_looks_back_to_where_it_ended_but_no_farther_than_thirty_days(
    app: Flask, stopped_clock: Hands
) -> None:
    payments.reconcile_when_due()
    ended = clock.now()
    stopped_clock.forward(days=9)
    payments.reconcile_when_due()
    newest, *_older = queries.last_comparisons()
    assert newest.since == ended - timedelta(hours=2)
    stopped_clock.forward(days=90)
    payments.reconcile_when_due()
    newest, *_older = queries.last_comparisons()
    assert newest.since == clock.now() - timedelta(days=30)


def test_other_areas_add_their_steps(app: Flask) -> None:
    try:
        steps.reconciler("a test")(lambda: 7)
        done = payments.reconcile()
    finally:
        steps._steps.pop("a test")
    assert done["a test"] == 7
    assert list(done)[-1] == "comparison"


def test_by_hand_from_a_day_on(app: Flask) -> None:
    day = clock.today() - timedelta(days=3)
    result = app.test_cli_runner().invoke(args=["payments", "reconcile", "--since", day.isoformat()])
    assert result.exit_code == 0, result.output
    assert re.search(r"comparison +0", result.output)
    (row,) = queries.last_comparisons()
    assert clock.local(row.since).date() == day
    result = app.test_cli_runner().invoke(args=["payments", "reconcile", "--since", "yesterday"])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("option", "status"),
    [
        (None, DisputeStatus.NEEDS_RESPONSE),
        ("--inquiry", DisputeStatus.INQUIRY),
        ("--won", DisputeStatus.WON),
        ("--lost", DisputeStatus.LOST),
    ],
)
def test_a_dispute_by_command_in_the_demo_shop(app: Flask, option: str | None, status: DisputeStatus) -> None:
    placed = demo_court(app).buys()
    options = [option] if option else []
    result = app.test_cli_runner().invoke(args=["payments", "demo-dispute", placed.order.public_no, *options])
    assert result.exit_code == 0, result.output
    assert dispute_of(result.output.strip()).status is status
    result = app.test_cli_runner().invoke(args=["payments", "demo-dispute", "PC-0000"])
    assert result.exit_code == 1


def test_the_demo_command_exists_only_with_the_demo_processor(stripe_app: Flask) -> None:
    result = stripe_app.test_cli_runner().invoke(args=["payments", "demo-dispute", "PC-0000"])
    assert result.exit_code == 2
    assert "No such command" in result.output


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


def test_runs_are_kept_for_each_processor(court: Court) -> None:
    payments.reconcile()
    db.session.rollback()
    names = list(db.session.scalars(sa.select(Reconciliation.processor)))
    assert names == [court.processor.name]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DemoMovement)) == 0


PLANTS = ("nothing", "stray", "lost", "amount", "balance")
EXPECTED = {"stray": "missing_charge", "lost": "unlisted", "amount": "amount", "balance": "balance"}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plants=st.lists(st.sampled_from(PLANTS), min_size=1, max_size=5, unique=True))
def test_whatever_is_planted_is_found_and_nothing_else(app: Flask, plants: list[str]) -> None:
    """In both directions, together with honest sales, twice over; and the books stay as they are."""
    db.session.remove()
    _empty(app)
    with clock.stopped() as hands:
        court = demo_court(app)
        for plant in plants:
            _plant(court, plant)
        hands.forward(hours=1)
        before = balances()
        expected = sorted(EXPECTED[plant] for plant in plants if plant in EXPECTED)
        for _again in range(2):
            assert comparison() == len(expected)
            assert sorted(kinds()) == expected
        assert balances() == before


def _plant(court: Court, plant: str) -> None:
    placed = court.buys()
    if plant == "stray":
        stray_charge(court)
    elif plant == "lost":
        forget(court, charge_of(placed))
    elif plant == "amount":
        _book(court, Kind.FEE, placed.attempt_id)
    elif plant == "balance":
        _book(court, Kind.CORRECTION, "by hand")


def _book(court: Court, kind: Kind, subject: int | str) -> None:
    with transaction():
        sides = [debit(accounts.PROCESSOR_FEES, Money(5, "USD")), credit(court.clearing, Money(5, "USD"))]
        post(kind, subject, sides, livemode=False)

"""Comparing with the processor's own list: nothing is missed, nothing mended silently, nothing booked twice."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.money import Money
from marketplace.ledger import accounts
from marketplace.ledger.models import Kind
from marketplace.ledger.services import credit, debit, post
from marketplace.orders.models import OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.errors import NotAFee, NoteNeeded
from marketplace.payments.models import (
    DisputeStatus,
    RefundOrigin,
)
from marketplace.payments.queries import differences as queries
from marketplace.payments.services import RefundWish
from tests.conftest import _empty

from .delivering import balances, keys
from .disputing import Court, charge_of, court, demo_court, dispute_of
from .placing import place
from .reconciling import admin, book, comparison, forget, hide, kinds, later, one_clock, pay_our_bank, stray_charge

__all__ = ["admin", "court", "one_clock"]


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


def test_an_amount_that_differs(court: Court, stopped_clock: Hands) -> None:
    placed = court.buys()
    charge = charge_of(placed)
    book(court, Kind.FEE, placed.attempt_id)
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
        book(court, Kind.FEE, placed.attempt_id)
    elif plant == "balance":
        book(court, Kind.CORRECTION, "by hand")

"""The books: a transaction balances or is not written, its key is written once, and nobody can change it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.money import Money
from marketplace.ledger import accounts, queries
from marketplace.ledger.models import Kind, LedgerEntry, LedgerTxn
from marketplace.ledger.services import Unbalanced, credit, debit, post, reverse

pytestmark = pytest.mark.usefixtures("app")


def rupiah(amount: int) -> Money:
    return Money(amount, "IDR")


def earn(subject: int, amount: int, *, workshop: int = 0, at: datetime | None = None) -> bool:
    sides = [debit(accounts.BUYER_FUNDS, rupiah(amount)), credit(accounts.seller(workshop), rupiah(amount))]
    return post(Kind.EARN, subject, sides, livemode=False, at=at)


def rows(model: type[LedgerTxn] | type[LedgerEntry]) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_balanced_movement_is_written_with_both_sides() -> None:
    assert earn(1, 865_400)
    assert {(line.account, line.amount.amount) for line in queries.balances()} == {
        ("buyer_funds", 865_400),
        ("seller:0", -865_400),
    }
    assert queries.owed_to(0) == rupiah(865_400)


def test_what_does_not_balance_in_every_currency_is_not_written() -> None:
    sides = [debit(accounts.BUYER_FUNDS, Money(100, "USD")), credit(accounts.FX, rupiah(100))]
    with pytest.raises(Unbalanced):
        post(Kind.EARN, 1, sides, livemode=False)
    assert rows(LedgerTxn) == 0


def test_a_key_is_booked_once() -> None:
    assert earn(1, 500)
    assert not earn(1, 700)
    assert queries.balance(accounts.BUYER_FUNDS, "IDR") == rupiah(500)


def test_eight_that_book_the_same_at_once_book_it_once(app: Flask) -> None:
    start, answers = threading.Barrier(8), list[bool]()

    def run() -> None:
        with app.app_context():
            start.wait()
            answers.append(earn(1, 500))
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [False] * 7 + [True]
    assert (rows(LedgerTxn), rows(LedgerEntry)) == (1, 2)


def test_sides_of_one_account_are_joined_and_empty_ones_left_out() -> None:
    sides = [
        debit(accounts.clearing("demo"), rupiah(60)),
        debit(accounts.clearing("demo"), rupiah(40)),
        debit(accounts.PROCESSOR_FEES, rupiah(0)),
        credit(accounts.BUYER_FUNDS, rupiah(100)),
    ]
    assert post(Kind.CHARGE, 1, sides, livemode=False)
    assert rows(LedgerEntry) == 2


def test_a_movement_of_nothing_writes_nothing() -> None:
    assert post(Kind.EARN, 1, [debit(accounts.BUYER_FUNDS, rupiah(0))], livemode=False)
    assert rows(LedgerTxn) == 0


def test_a_movement_is_undone_by_its_opposite_once() -> None:
    earn(1, 500)
    assert reverse(Kind.CORRECTION, 1, "earn:1")
    assert not reverse(Kind.CORRECTION, 1, "earn:1")
    assert not reverse(Kind.CORRECTION, 2, "earn:99")
    assert queries.balances() == []
    assert rows(LedgerTxn) == 2


def test_a_failure_after_booking_takes_the_booking_with_it() -> None:
    with pytest.raises(RuntimeError), transaction():
        earn(1, 500)
        raise RuntimeError("the power went")
    assert rows(LedgerTxn) == 0


@pytest.mark.parametrize("table", ["ledger_txns", "ledger_entries"])
@pytest.mark.parametrize("act", ["delete from {}", "update {} set id = id + 1000"])
def test_the_database_refuses_to_change_what_was_booked(table: str, act: str) -> None:
    earn(1, 500)
    with pytest.raises(sa.exc.DBAPIError, match="written once"), transaction() as session:
        session.execute(sa.text(act.format(table)))
    assert rows(LedgerEntry) == 2


def test_the_running_account_shows_the_balance_after_each_line_and_goes_on() -> None:
    for number in range(1, 8):
        earn(number, number * 1000)
    first = queries.running_account(0, limit=5)
    rest = queries.running_account(0, first.after, limit=5)
    lines = [*first.rows, *rest.rows]
    assert [line.amount.amount for line in lines] == [7000, 6000, 5000, 4000, 3000, 2000, 1000]
    assert [line.balance.amount for line in lines] == [28_000, 21_000, 15_000, 10_000, 6000, 3000, 1000]
    assert rest.after is None


def test_a_month_begins_with_what_was_owed_before() -> None:
    now = clock.now()
    earn(1, 1000, at=now - timedelta(days=40))
    earn(2, 250, at=now - timedelta(days=2))
    earn(3, 9, at=now + timedelta(days=1))
    opening, lines = queries.movements_between(0, now - timedelta(days=5), now)
    assert opening == rupiah(1000)
    assert [(line.amount.amount, line.balance.amount) for line in lines] == [(250, 1250)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["IDR", "USD"]), st.integers(-(10**12), 10**12)), max_size=6))
def test_only_what_sums_to_zero_per_currency_is_ever_written(amounts: list[tuple[str, int]]) -> None:
    before = rows(LedgerTxn)
    sums: dict[str, int] = {}
    sides = []
    for place, (currency, amount) in enumerate(amounts):
        sums[currency] = sums.get(currency, 0) + amount
        sides.append(debit(f"account {place}", Money(amount, currency)))
    try:
        post(Kind.CORRECTION, f"walk {before} {amounts}"[:120], sides, livemode=False)
    except Unbalanced:
        assert any(sums.values())
        assert rows(LedgerTxn) == before
    else:
        assert not any(sums.values())
    totals: dict[str, int] = {}
    for line in queries.balances():
        totals[line.amount.currency] = totals.get(line.amount.currency, 0) + line.amount.amount
    assert not any(totals.values())

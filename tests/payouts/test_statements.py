"""A month in Bali: opening, movements, closing; every order line told, and equal to the books to the rupiah."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.ledger import queries as books
from marketplace.orders.models import Line
from marketplace.payments import services as payments
from marketplace.payments.models import RefundOrigin
from marketplace.payments.services import LineWish, RefundWish
from marketplace.payouts import queries, services
from marketplace.payouts.queries.statements import Statement
from marketplace.workshops.services import clear_bank_problem
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import JAKARTA, open_shop, paid_order, parts_of
from tests.factories.payouts import Admins, earned, workshop
from tests.payments.delivering import deliver

from .conftest import fresh, owed, paid

NOVEMBER = datetime(2026, 11, 3, 2, tzinfo=UTC)


def assert_adds_up(found: Statement | None) -> Statement:
    """Columns make rows, rows make the month, sums make both."""
    assert found is not None
    balance = found.opening
    for row in found.rows:
        parts = (row.price, row.commission, row.shipping, row.refund, row.payout, row.other)
        assert sum(part.amount for part in parts) == row.amount.amount
        balance = balance + row.amount
        assert row.balance == balance
    assert balance == found.closing
    sums = found.sums
    columns = (sums.price, sums.commission, sums.shipping, sums.refund, sums.payout, sums.other)
    assert found.opening.amount + sum(column.amount for column in columns) == found.closing.amount
    return found


def month(workshop_id: int, year: int = 2026, number: int = 11) -> Statement:
    db.session.rollback()
    return assert_adds_up(queries.statement(workshop_id, year, number))


def test_an_order_with_two_lines_and_its_payout(people: Admins, stopped_clock: Hands) -> None:
    stopped_clock.moment = NOVEMBER
    open_shop()
    selaka = workshop("Luh Selaka")
    rings = [variants_of(ListingFactory(workshop=selaka, price=price))[0].id for price in (745_000, 310_000)]
    order = paid_order((rings[0], 1), (rings[1], 2), address=JAKARTA, market="id")
    deliver(order)
    stopped_clock.forward(days=3)
    payments.earn_due()
    (part,) = parts_of(order)
    payout_id = paid(people, selaka.id)

    found = month(selaka.id)
    earning, payout = found.rows
    assert [(item.quantity, item.price.amount) for item in earning.items] == [(1, 745_000), (2, 620_000)]
    assert earning.price == Money(1_365_000, "IDR")
    assert sum(item.commission.amount for item in earning.items) == earning.commission.amount == -part.commission_idr
    assert earning.shipping == Money(part.shipping_idr, "IDR")
    assert (earning.refund.amount, earning.other.amount) == (0, 0)
    assert earning.amount == Money(part.payable_idr, "IDR")
    assert (earning.order_no, earning.seller_order_id) == (order.public_no, part.id)
    assert (payout.payout, payout.payout_id) == (Money(-part.payable_idr, "IDR"), payout_id)
    assert (found.opening.amount, found.closing.amount) == (0, 0)
    assert found.workshop_name == "Luh Selaka"


def give_back(part_id: int, line_id: int, key: str) -> None:
    wish = RefundWish(seller_order_id=part_id, request_key=key, lines=(LineWish(line_id, 1),))
    payments.request_refund(wish, origin=RefundOrigin.WORKSHOP, by=UserFactory().id)


def test_refunds_before_and_after_it_was_earned(people: Admins, stopped_clock: Hands) -> None:
    stopped_clock.moment = NOVEMBER
    open_shop()
    selaka = workshop("Luh Selaka")
    ring = variants_of(ListingFactory(workshop=selaka, price=500_000))[0].id
    order = paid_order((ring, 3), address=JAKARTA, market="id")
    (part,) = deliver(order)
    line_id = db.session.scalars(sa.select(Line.id).filter_by(seller_order_id=part.id)).one()
    give_back(part.id, line_id, "before")
    stopped_clock.forward(days=3)
    payments.earn_due()
    give_back(part.id, line_id, "after")

    earning, refund = month(selaka.id).rows
    one = 500_000 - part.commission_idr // 3
    assert earning.price == Money(1_500_000, "IDR")
    assert earning.refund == Money(-one, "IDR")
    assert earning.amount == Money(part.payable_idr - one, "IDR")
    assert (refund.refund, refund.amount) == (Money(-one, "IDR"), Money(-one, "IDR"))
    assert refund.order_no == order.public_no
    assert month(selaka.id).closing.amount == owed(selaka.id) == part.payable_idr - 2 * one


def test_months_begin_at_midnight_in_bali(people: Admins, stopped_clock: Hands) -> None:
    selaka = workshop()
    earned(selaka.id, 1, at=datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC))
    earned(selaka.id, 20, at=datetime(2026, 10, 31, 16, 0, tzinfo=UTC))
    earned(selaka.id, 300, at=datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC))
    earned(selaka.id, 4000, at=datetime(2026, 11, 30, 16, 0, tzinfo=UTC))
    stopped_clock.moment = datetime(2026, 12, 5, tzinfo=UTC)
    november = month(selaka.id)
    assert (november.opening.amount, november.closing.amount) == (1, 321)
    assert month(selaka.id, number=10).closing == november.opening
    assert month(selaka.id, number=12).opening == november.closing
    assert queries.months_of(selaka.id) == [(2026, 12), (2026, 11), (2026, 10)]


def test_a_month_without_movement_still_says_where_it_stands(people: Admins, stopped_clock: Hands) -> None:
    selaka = workshop()
    earned(selaka.id, 900, at=datetime(2025, 12, 30, tzinfo=UTC))
    stopped_clock.moment = datetime(2026, 2, 1, tzinfo=UTC)
    january = month(selaka.id, 2026, 1)
    assert (january.opening.amount, january.rows, january.closing.amount) == (900, (), 900)
    assert queries.months_of(selaka.id) == [(2026, 2), (2026, 1), (2025, 12)]
    assert queries.months_of(workshop().id) == []


def test_nobody_has_a_thirteenth_month(people: Admins) -> None:
    for year, number in ((2026, 13), (2026, 0), (0, 1), (10_000, 1)):
        with pytest.raises(ValueError, match=r"month|year"):
            queries.statement(workshop().id, year, number)
    assert queries.statement(10**9, 2026, 11) is None


def test_a_returned_payout_stands_in_its_column(people: Admins, stopped_clock: Hands) -> None:
    stopped_clock.moment = NOVEMBER
    selaka = workshop()
    earned(selaka.id, 900)
    payout_id = paid(people, selaka.id)
    services.mark_returned(payout_id, "closed", people.made)
    found = month(selaka.id)
    assert [row.payout.amount for row in found.rows] == [0, -900, 900]
    assert {row.payout_id for row in found.rows} == {None, payout_id}
    assert found.closing.amount == owed(selaka.id) == 900


def test_the_statements_of_a_month_do_not_grow_with_it(people: Admins, stopped_clock: Hands, statements: type) -> None:
    stopped_clock.moment = NOVEMBER
    open_shop()
    counts = []
    for size in (1, 4):
        selaka = workshop()
        for _ in range(size):
            variant = variants_of(ListingFactory(workshop=selaka))[0].id
            deliver(paid_order((variant, 1), address=JAKARTA, market="id"))
        stopped_clock.forward(days=3)
        payments.earn_due()
        ident = selaka.id
        db.session.rollback()
        with statements() as seen:
            queries.statement(ident, 2026, 11)
        counts.append(len(seen))
    assert counts == [counts[0]] * 2
    assert counts[0] == 6


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), st.integers(1, 5_000_000)),
        st.tuples(st.just("refund"), st.integers(1, 3_000_000)),
        st.tuples(st.just("payout"), st.just(0)),
        st.tuples(st.just("return"), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 40)),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_every_month_joins_the_next_and_the_last_is_the_books(
    app: Flask, people: Admins, stopped_clock: Hands, acts: list[tuple[str, int]]
) -> None:
    stopped_clock.moment = NOVEMBER
    selaka = workshop()
    last = 0
    for act, number in acts:
        if act in ("earn", "refund"):
            earned(selaka.id, number if act == "earn" else -number)
        elif act == "wait":
            stopped_clock.forward(days=number)
        elif act == "payout" and any(row.is_ready for row in services.due(False, workshop_ids=[selaka.id])):
            last = paid(people, selaka.id)
        elif act == "return" and last and fresh(last).status == "paid":
            services.mark_returned(last, "closed", people.made)
            clear_bank_problem(selaka.id, people.sari, "right after all")
    db.session.rollback()
    months = queries.months_of(selaka.id)
    before = 0
    for year, number in reversed(months):
        found = month(selaka.id, year, number)
        assert found.opening.amount == before
        before = found.closing.amount
    assert before == books.owed_to(selaka.id).amount

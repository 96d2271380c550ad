"""Payments at one instant, on both engines: one outcome, and order, attempt, page and stock agree with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import Client

from marketplace.catalog.models import Variant
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import DomainError
from marketplace.ledger.queries import txns_of_order
from marketplace.notifications.models import Mail
from marketplace.orders.models import CancelReason, Order, OrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import AttemptStatus, DemoSession, PaymentAttempt
from marketplace.payments.processors import demo
from marketplace.payments.processors.demo import Outcome
from tests.conftest import SITE
from tests.factories.orders import open_shop, order_of, piece, place_order
from tests.races.test_checkout_races import at_once

pytestmark = pytest.mark.races


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def started(variant_id: int) -> Order:
    order = place_order((variant_id, 1))
    assert payments.start(attempts_of(order.id)[0].id)
    return order_of(order.id)


def attempts_of(order_id: int) -> list[PaymentAttempt]:
    db.session.rollback()
    query = sa.select(PaymentAttempt).filter_by(order_id=order_id).order_by(PaymentAttempt.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def page_of(order_id: int) -> str:
    return attempts_of(order_id)[-1].external_id or ""


def assert_agreed(order_id: int, variant_id: int) -> bool:
    """Everything tells one story; whether it is 'paid'."""
    order, (attempt,) = order_of(order_id), attempts_of(order_id)
    page = db.session.scalars(sa.select(DemoSession).filter_by(key=attempt.key)).one()
    stock = db.session.scalars(sa.select(Variant.stock).filter_by(id=variant_id)).one()
    told = sorted(db.session.scalars(sa.select(Mail.template)))
    story = (order.status, attempt.status, page.status, stock, attempt.problem, told)
    assert story in (
        (OrderStatus.PAID, AttemptStatus.PAID, "paid", 0, "", ["order_new", "order_paid"]),
        (OrderStatus.CANCELED, AttemptStatus.EXPIRED, "expired", 1, "", ["order_canceled"]),
    )
    is_paid = order.status is OrderStatus.PAID
    assert booked(order_id) == ([f"charge:{attempt.id}"] if is_paid else [])
    return is_paid


def booked(order_id: int) -> list[str]:
    return [txn.key for txn in txns_of_order(order_id)]


@pytest.mark.parametrize("round_", range(6))
def test_expire_against_approve(app: Flask, stopped_clock: clock.Hands, round_: int) -> None:
    """The hold runs out in the second in which the bank says yes."""
    ring = piece(stock=1)
    order = started(ring)
    page = page_of(order.id)
    db.session.rollback()
    with db.engine.begin() as connection:  # the page is open a moment longer than the hold: clocks differ
        connection.execute(sa.update(DemoSession).values(expires_at=clock.now() + (order.hold_until - clock.now()) * 2))
    stopped_clock.forward(minutes=36)
    sweeping: Callable[[], object] = payments.expire_unpaid
    acts: list[Callable[[], object]] = [sweeping, lambda: demo.choose(page, Outcome.APPROVE), sweeping]
    at_once(app, acts if round_ % 2 else list(reversed(acts)))
    payments.expire_unpaid()
    demo.play()
    assert_agreed(order.id, ring)


@pytest.mark.parametrize("round_", range(6))
def test_cancel_against_approve(app: Flask, round_: int) -> None:
    ring = piece(stock=1)
    order = started(ring)
    page = page_of(order.id)

    def cancel() -> str:
        try:
            payments.cancel_order(order.id, CancelReason.BUYER)
        except DomainError as error:
            return type(error).__name__
        return "canceled"

    acts: list[Callable[[], object]] = [cancel, lambda: demo.choose(page, Outcome.APPROVE)]
    outcome = at_once(app, acts)
    demo.play()
    assert ("canceled" in outcome) is not assert_agreed(order.id, ring)


def test_eight_messages_four_returns_and_two_sweeps(app: Flask) -> None:
    ring = piece(stock=1)
    order = started(ring)
    page, token = page_of(order.id), order.token
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(demo.news, "post", lambda _app, _body: 503)  # the news is on its way
        demo.choose(page, Outcome.APPROVE)

    def come_back() -> int:
        return Client(app).get(f"/orders/{token}/return", base_url=SITE).status_code

    acts: list[Callable[[], object]] = [lambda: demo.deliver(page)] * 8 + [come_back] * 4
    acts += [payments.reconcile_attempts] * 2
    assert at_once(app, acts)[8:12] == [303] * 4
    assert assert_agreed(order.id, ring)


def test_six_orders_expire_under_four_sweeps_once_each(app: Flask, stopped_clock: clock.Hands) -> None:
    ring = piece(stock=6)
    for _ in range(6):
        started(ring)
    stopped_clock.forward(minutes=36)
    at_once(app, [payments.expire_unpaid] * 4)
    db.session.rollback()
    assert db.session.scalars(sa.select(Variant.stock).filter_by(id=ring)).one() == 6
    assert set(db.session.scalars(sa.select(Order.status))) == {OrderStatus.CANCELED}
    assert len(db.session.scalars(sa.select(Mail)).all()) == 6


def test_paying_again_against_expiry(app: Flask, stopped_clock: clock.Hands) -> None:
    """The buyer presses 'Pay' in the second in which the hold ends: never a page without its pieces."""
    ring = piece(stock=1)
    order = started(ring)
    demo.choose(page_of(order.id), Outcome.DECLINE)
    token = order.token
    stopped_clock.moment = order.hold_until

    def pay_again() -> str:
        try:
            return payments.pay_again(token)
        except DomainError as error:
            return type(error).__name__

    at_once(app, [payments.expire_unpaid, pay_again, pay_again])
    payments.expire_unpaid()
    db.session.rollback()
    running = [attempt for attempt in attempts_of(order.id) if attempt.status is AttemptStatus.OPEN]
    assert (order_of(order.id).status, running) == (OrderStatus.CANCELED, [])
    assert db.session.scalars(sa.select(Variant.stock).filter_by(id=ring)).one() == 1

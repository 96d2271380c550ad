"""Many buyers at one instant, through the real pages; on SQLite and on PostgreSQL (security.md 1, features.md C4).

Every thread has its own application context, and so its own connection.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.cart import services as carts
from marketplace.cart.models import Cart, CartLine
from marketplace.cart.services import LineRequest
from marketplace.catalog.models import Variant
from marketplace.checkout import services as checkout
from marketplace.checkout.errors import NotPlaced
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.notifications.models import Mail
from marketplace.orders import services as orders
from marketplace.orders.errors import AlreadyPaid, StockGone
from marketplace.orders.models import CancelReason, Order, OrderStatus, SellerOrder, SellerOrderStatus
from marketplace.payments.models import PaymentAttempt
from tests.checkout.browser import MAYA, open_checkout, press_pay
from tests.factories.orders import fill, open_shop, piece, place_order, request_of, visitor

pytestmark = pytest.mark.races
Result = TypeVar("Result")


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def at_once(app: Flask, acts: list[Callable[[], Result]]) -> list[Result]:
    """Run every act in a thread of its own, all let go at the same moment."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Result]) -> Result:
        gate.wait(timeout=60)
        with app.app_context():
            return act()

    db.session.rollback()
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def stock_of(variant_id: int) -> int:
    db.session.rollback()
    return int(db.session.scalars(sa.select(Variant.stock).where(Variant.id == variant_id)).one())


def count(table: Any) -> int:
    db.session.rollback()
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_forty_buyers_for_the_last_three_pieces(app: Flask, new_client: Any) -> None:
    ring = piece(stock=3, title_en="Dome Ring")

    def ready() -> tuple[Any, dict[str, str]]:
        client = new_client()
        assert client.post("/cart/lines", data={"variant_id": ring, "quantity": 1}).status_code == 303
        return client, open_checkout(client) | MAYA

    buyers = [ready() for _number in range(40)]

    def buy(client: Any, sent: dict[str, str]) -> Callable[[], Any]:
        return lambda: press_pay(client, sent)

    answers = at_once(app, [buy(client, sent) for client, sent in buyers])
    assert Counter(answer.status_code for answer in answers) == {303: 3, 409: 37}
    for answer in answers:
        if answer.status_code == 409:
            assert "“Dome Ring” was sold while you were looking. Nothing was charged." in answer.get_data(as_text=True)
        else:
            assert "/demo-payment/" in answer.headers["Location"]
    assert stock_of(ring) == 0
    assert (count(Order), count(SellerOrder), count(PaymentAttempt)) == (3, 3, 3)


def test_ten_clicks_at_once_make_one_order(app: Flask, new_client: Any) -> None:
    ring, first = piece(stock=20), new_client()
    first.post("/cart/lines", data={"variant_id": ring, "quantity": 1})
    sent = open_checkout(first) | MAYA
    cookie = first.get_cookie("session", domain="127.0.0.1")

    def click() -> Any:
        client = new_client()
        client.set_cookie("session", cookie.value, domain="127.0.0.1")
        return press_pay(client, sent)

    answers = at_once(app, [click] * 10)
    assert {answer.status_code for answer in answers} == {303}
    token = db.session.scalars(sa.select(Order.token)).one()
    to_pay = [answer for answer in answers if "/demo-payment/" in answer.headers["Location"]]
    others = {answer.headers["Location"] for answer in answers if answer not in to_pay}
    assert len(to_pay) == 1
    assert others == {f"/orders/{token}"}
    assert (count(Order), count(PaymentAttempt), stock_of(ring)) == (1, 1, 19)


def test_two_lines_of_one_piece_cannot_take_more_than_there_is(app: Flask) -> None:
    """Eight buyers, each with the same piece in two lines; three pieces: one of them gets two, the last one stays."""
    ring = piece(stock=3, engraving_limit=10)
    owners = [visitor() for _number in range(8)]
    for owner in owners:
        carts.add_line(owner, LineRequest(ring, 1, "Ayu"))
        carts.add_line(owner, LineRequest(ring, 1, "Maya"))

    def buy(owner: carts.Owner) -> Callable[[], bool]:

        wish = request_of(owner)

        def act() -> bool:
            try:
                checkout.place(wish)
            except NotPlaced:
                return False
            return True

        return act

    assert Counter(at_once(app, [buy(owner) for owner in owners])) == {True: 1, False: 7}
    assert stock_of(ring) == 1


def test_opposite_orders_of_two_pieces_do_not_lock_each_other(app: Flask) -> None:
    """A takes ring then chain, B chain then ring: stock is always taken in the order of variant id."""

    ring, chain = piece(stock=50), piece(stock=50)

    def buy(number: int) -> Callable[[], int]:
        owner = visitor()
        fill(owner, *([(ring, 1), (chain, 1)] if number % 2 else [(chain, 1), (ring, 1)]))
        wish = request_of(owner)
        return lambda: checkout.place(wish).order_id

    assert len(set(at_once(app, [buy(number) for number in range(12)]))) == 12
    assert (stock_of(ring), stock_of(chain)) == (38, 38)


def test_ten_adds_at_once_make_one_cart_and_one_line(app: Flask) -> None:
    ring, owner = piece(stock=50), visitor()
    at_once(app, [lambda: carts.add_line(owner, LineRequest(ring, 1))] * 10)
    assert (count(Cart), count(CartLine)) == (1, 1)
    assert db.session.scalars(sa.select(CartLine.quantity)).one() == 10


def test_canceling_at_once_gives_the_pieces_back_once(app: Flask) -> None:
    ring = piece(stock=5)
    order = place_order((ring, 2)).id
    assert stock_of(ring) == 3
    done = at_once(app, [lambda: orders.cancel_unpaid(order, CancelReason.EXPIRED)] * 8)
    assert Counter(done) == {True: 1, False: 7}
    assert stock_of(ring) == 5
    assert count(Mail) == 1


@pytest.mark.parametrize("_round", range(5))
def test_expiry_against_payment_at_one_instant(app: Flask, _round: int) -> None:
    """Whoever is second finds what the first one did: one outcome, and stock agrees with it."""
    ring = piece(stock=1)
    order = place_order((ring, 1)).id

    def expire() -> str:
        try:
            return "canceled" if orders.cancel_unpaid(order, CancelReason.EXPIRED) else "late"
        except AlreadyPaid:
            return "late"

    def pay() -> str:
        try:
            return "paid" if orders.mark_paid(order, clock.now()) else "late"
        except StockGone:
            return "late"

    outcome = at_once(app, [expire, pay])
    row = db.session.get(Order, order, populate_existing=True)
    assert row is not None
    assert sorted(outcome) in (["canceled", "late"], ["late", "paid"])
    paid = "paid" in outcome
    assert row.status is (OrderStatus.PAID if paid else OrderStatus.CANCELED)
    assert stock_of(ring) == (0 if paid else 1)
    part = db.session.scalars(sa.select(SellerOrder)).one()
    assert part.status is (SellerOrderStatus.PAID if paid else SellerOrderStatus.CANCELED)


@pytest.mark.parametrize("_round", range(5))
def test_late_money_against_a_new_buyer_for_the_last_piece(app: Flask, _round: int) -> None:
    """The order was canceled, its only piece is on the shelf: it goes to the late money or to the new buyer."""

    ring = piece(stock=1)
    old = place_order((ring, 1)).id
    orders.cancel_unpaid(old, CancelReason.EXPIRED)
    owner = visitor()
    fill(owner, (ring, 1))
    wish = request_of(owner)

    def late_money() -> bool:
        with transaction():
            try:
                orders.revive(old)
            except StockGone:
                return False
            return orders.mark_paid(old, clock.now())

    def buy() -> bool:
        try:
            return checkout.place(wish).attempt_id is not None
        except NotPlaced:
            return False

    assert sorted(at_once(app, [late_money, buy])) == [False, True]
    assert stock_of(ring) == 0

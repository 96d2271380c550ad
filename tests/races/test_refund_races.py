"""Refunds at one instant, on both engines: never more than was paid, never twice, and no deadlock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import DomainError
from marketplace.core.money import Money
from marketplace.ledger.models import LedgerEntry, LedgerTxn
from marketplace.notifications.models import Mail
from marketplace.orders import services as orders
from marketplace.orders.models import Order, SellerOrder, SellerOrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import DemoMovement, PaymentAttempt, Refund, RefundOrigin, RefundStatus
from tests.factories.accounts import UserFactory
from tests.factories.orders import open_shop, order_of, paid_order, parts_of, piece
from tests.factories.workshops import WorkshopFactory
from tests.payments.delivering import deliver
from tests.payments.refunding import assert_counted, lines_of, part_again, refunds, wish
from tests.races.test_checkout_races import at_once, stock_of

pytestmark = pytest.mark.races


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def worth(amount: int) -> SellerOrder:
    """A paid parcel of which exactly this is left."""
    order = paid_order((piece(stock=9), 3))
    (part,) = parts_of(order)
    by = UserFactory().id
    spare = part.total_amount - amount
    payments.request_refund(wish(part, amount=spare), origin=RefundOrigin.ADMIN, by=by)
    assert part_again(part).left == Money(amount, part.currency)
    return part


def asking(part: SellerOrder, amount: int, by: int) -> Callable[[], object]:
    asked = wish(part, amount=amount)

    def act() -> object:
        try:
            return payments.request_refund(asked, origin=RefundOrigin.ADMIN, by=by)
        except DomainError as error:
            return type(error).__name__

    return act


def sums() -> set[int]:
    db.session.rollback()
    query = sa.select(sa.func.sum(LedgerEntry.amount)).group_by(LedgerEntry.txn_id, LedgerEntry.currency)
    return {int(total) for total in db.session.scalars(query)}


def test_six_refunds_of_3000_against_10000(app: Flask) -> None:
    part, by = worth(10_000), UserFactory().id
    outcome = at_once(app, [asking(part, 3_000, by) for _ in range(6)])
    assert Counter(type(answer).__name__ for answer in outcome) == {"int": 3, "str": 3}
    assert set(outcome) > {"AboveWhatIsLeft"}
    assert part_again(part).left == Money(1_000, "USD")
    made = [refund for refund in refunds() if refund.amount == 3_000]
    assert [refund.status for refund in made] == [RefundStatus.SUCCEEDED] * 3
    assert db.session.scalar(sa.select(sa.func.count()).where(DemoMovement.amount == 3_000)) == 3
    assert_counted(part)
    assert sums() == {0}


def test_six_clicks_on_one_refund(app: Flask) -> None:
    part, by = worth(10_000), UserFactory().id
    asked = wish(part, amount=3_000)
    outcome = at_once(app, [lambda: payments.request_refund(asked, origin=RefundOrigin.ADMIN, by=by) for _ in range(6)])
    assert len(set(outcome)) == 1
    assert len(refunds()) == 2
    assert db.session.scalar(sa.select(sa.func.count()).where(DemoMovement.amount == 3_000)) == 1
    assert part_again(part).left == Money(7_000, "USD")
    assert_counted(part)


def test_one_piece_is_given_back_and_onto_the_shelf_once(app: Flask) -> None:
    ring, by = piece(stock=9), UserFactory().id
    (part,) = parts_of(paid_order((ring, 3)))
    (line,) = lines_of(part)
    acts, workshop_id = [wish(part, (line.id, 2), restock=True) for _ in range(4)], part.workshop_id

    def act(asked: payments.RefundWish) -> Callable[[], object]:
        def ask() -> object:
            try:
                return payments.request_refund(asked, origin=RefundOrigin.WORKSHOP, by=by, workshop_id=workshop_id)
            except DomainError as error:
                return type(error).__name__

        return ask

    outcome = at_once(app, [act(asked) for asked in acts])
    assert Counter(str(answer) for answer in outcome)["WrongQuantity"] == 3
    assert stock_of(ring) == 8
    assert_counted(part)


def test_six_workers_send_one_refund(app: Flask) -> None:
    part, by = worth(10_000), UserFactory().id
    (refund_id,) = _unsent(part, by)
    at_once(app, [lambda: payments.send_refund(refund_id)] * 6 + [payments.send_refunds] * 2)
    db.session.rollback()
    assert db.session.get_one(Refund, refund_id, populate_existing=True).status is RefundStatus.SUCCEEDED
    assert db.session.scalar(sa.select(sa.func.count()).where(DemoMovement.amount == 4_000)) == 1
    keys = list(db.session.scalars(sa.select(LedgerTxn.key).where(LedgerTxn.key.endswith(f":{refund_id}"))))
    assert sorted(key for key in keys if key.startswith("refund")) == [
        f"refund-sent:{refund_id}",
        f"refund:{refund_id}",
    ]
    told = sa.select(sa.func.count()).where(Mail.key == f"refund_sent:{refund_id}")
    assert db.session.scalar(told) == 1


def _unsent(part: SellerOrder, by: int) -> list[int]:
    """A refund whose job was lost with the queue."""
    kept = current_app.extensions["run_job"]
    current_app.extensions["run_job"] = lambda *_args: None
    try:
        return [payments.request_refund(wish(part, amount=4_000), origin=RefundOrigin.ADMIN, by=by)]
    finally:
        current_app.extensions["run_job"] = kept


@pytest.mark.parametrize("round_", range(4))
def test_a_refund_against_a_cancellation_and_a_refusal(app: Flask, round_: int) -> None:
    """Whoever comes first: the parcel ends once, and all of it goes back, none of it twice."""
    ring, by = piece(stock=9), UserFactory().id
    order = paid_order((ring, 3))
    (part,) = parts_of(order)
    part_id, workshop_id, token = part.id, part.workshop_id, order.token  # rows are read by one thread only

    def guarded(act: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            try:
                return act() or "done"
            except DomainError as error:
                return type(error).__name__

        return run

    acts = [
        asking(part, 3_000, by),
        guarded(lambda: orders.refuse(part_id, "flaw", workshop_id=workshop_id, by=by)),
        guarded(lambda: orders.withdraw(token, part_id)),
        asking(part, 2_000, by),
        guarded(lambda: payments.cancel_part(part_id, "flaw", "", by=by)),
    ]
    at_once(app, acts[round_:] + acts[:round_])
    after = part_again(part)
    assert after.status is SellerOrderStatus.CANCELED
    assert after.left.amount == 0
    assert stock_of(ring) == 9
    assert sum(refund.amount for refund in refunds()) == part.total_amount
    assert_counted(part)
    assert sums() == {0}


@pytest.mark.parametrize("round_", range(3))
def test_a_refund_against_the_end_of_the_hold(app: Flask, stopped_clock: clock.Hands, round_: int) -> None:
    """Booked from the buyer's funds or from the workshop's: either way everything closes."""
    by = UserFactory().id
    order = paid_order((piece(stock=9), 3))
    (part,) = deliver(order)
    stopped_clock.forward(days=4)
    acts: list[Callable[[], object]] = [asking(part, 1_000, by), payments.earn_due, asking(part, 500, by)]
    at_once(app, acts[round_:] + acts[:round_])
    after = part_again(part)
    assert after.status is SellerOrderStatus.EARNED
    assert after.refunded_amount == 1_500
    query = sa.select(LedgerEntry.account, sa.func.sum(LedgerEntry.amount)).group_by(LedgerEntry.account)
    said = {account: int(total) for account, total in db.session.execute(query)}
    assert said.get("buyer_funds", 0) == 0
    assert said[f"seller:{part.workshop_id}"] == -(part.payable_idr - after.payable_returned_idr)
    assert said["commission"] == -(part.commission_idr - after.commission_returned_idr)


def test_two_parcels_of_one_order_at_once(app: Flask) -> None:
    order = paid_order((piece(workshop=WorkshopFactory()), 1), (piece(workshop=WorkshopFactory()), 1))
    by = UserFactory().id
    acts = [asking(part, part.total_amount, by) for part in parts_of(order) for _ in range(3)]
    outcome = at_once(app, acts)
    assert Counter(type(answer).__name__ for answer in outcome) == {"int": 2, "str": 4}
    db.session.rollback()
    attempt = db.session.scalars(sa.select(PaymentAttempt).execution_options(populate_existing=True)).one()
    assert attempt.refunded_amount == attempt.amount == order_of(order.id).total_amount
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 1

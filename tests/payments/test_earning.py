"""Earned: delivered, three days over, and no bank asking. Booked once, whoever asks and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.core.ids import new_key
from marketplace.core.tasks import sweep
from marketplace.ledger import queries as books
from marketplace.orders import services as orders
from marketplace.orders.models import Order, OrderStatus, SellerOrder
from marketplace.orders.models import SellerOrderStatus as Part
from marketplace.payments import services as payments
from marketplace.payments.models import Bearer, Dispute, DisputeStatus, PaymentAttempt
from marketplace.payments.queries.holding import HoldCode, why_held
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import JAKARTA, open_shop, order_of, paid_order, parts_of, piece, place_order
from tests.factories.workshops import WorkshopFactory
from tests.races.test_checkout_races import at_once

from .delivering import balances, deliver, keys, post_parcels


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def bought(count: int = 1, **facts: object) -> Order:
    """A paid order with a part for each of `count` workshops."""
    return paid_order(*[(piece(workshop=WorkshopFactory()), 1) for _ in range(count)], **facts)


def dispute(order: Order, status: DisputeStatus, **facts: object) -> Dispute:
    """A bank's case as the processor's messages leave it."""
    attempt = db.session.scalars(sa.select(PaymentAttempt).filter_by(order_id=order.id)).one()
    row = Dispute(
        attempt_id=attempt.id,
        processor="demo",
        external_id=f"dp_{new_key()}",
        livemode=False,
        status=status,
        currency=attempt.currency,
        amount=attempt.amount,
        opened_at=clock.now(),
        **facts,
    )
    db.session.add(row)
    db.session.commit()
    return row


def change(row: Dispute, **values: object) -> None:
    db.session.execute(sa.update(Dispute).where(Dispute.id == row.id).values(**values))
    db.session.commit()


def test_a_delivered_part_is_earned_three_days_later_and_not_a_day_before(stopped_clock: Hands) -> None:
    order = bought(address=JAKARTA, market="id")
    (part,) = deliver(order)
    assert part.payable_on == clock.today() + timedelta(days=3)
    stopped_clock.forward(days=2)
    assert not payments.earn(part.id)
    assert payments.earn_due() == 0
    stopped_clock.forward(days=1)
    assert payments.earn_due() == 1

    (part,) = parts_of(order)
    assert part.status is Part.EARNED
    assert part.earned_at == clock.now()
    assert order_of(order.id).status is OrderStatus.CLOSED
    assert books.owed_to(part.workshop_id).amount == part.payable_idr
    said = balances()
    assert said["commission IDR"] == -part.commission_idr
    assert "buyer_funds IDR" not in said


def test_what_was_paid_in_dollars_is_owed_in_rupiah(stopped_clock: Hands) -> None:
    order = bought()
    (part,) = deliver(order)
    assert order.currency != "IDR"
    stopped_clock.forward(days=3)
    payments.earn_due()
    said = balances()
    assert said[f"seller:{part.workshop_id} IDR"] == -part.payable_idr
    assert said[f"fx {order.currency}"] == -part.total_amount
    assert said["fx IDR"] == part.payable_idr + part.commission_idr
    assert f"buyer_funds {order.currency}" not in said


def test_the_day_is_that_of_bali(stopped_clock: Hands) -> None:
    """23:30 in Celuk and half an hour later are two days; in London it is the same afternoon."""
    stopped_clock.moment = clock.local(stopped_clock.moment).replace(hour=23, minute=30)
    (_part,) = deliver(bought())
    stopped_clock.forward(days=2, minutes=29)
    assert payments.earn_due() == 0
    stopped_clock.forward(minutes=2)
    assert payments.earn_due() == 1


def test_the_sweep_earns_and_a_second_sweep_changes_nothing(stopped_clock: Hands) -> None:
    (part,) = deliver(bought())
    stopped_clock.forward(days=3)
    assert sweep()["earnings"] == 1
    assert sweep()["earnings"] == 0
    assert not payments.earn(part.id)
    assert keys("earn:") == [f"earn:{part.id}"]


def test_an_order_is_closed_with_its_last_part(stopped_clock: Hands) -> None:
    order = bought(3)
    first, second, third = parts_of(order)
    post_parcels([first, second])
    orders.mark_delivered(first.id)
    stopped_clock.forward(days=3)
    assert payments.earn_due() == 1
    assert order_of(order.id).status is OrderStatus.PAID
    orders.mark_delivered(second.id)
    orders.refuse(third.id, "other", "no silver", workshop_id=third.workshop_id, by=UserFactory().id)
    stopped_clock.forward(days=3)
    assert payments.earn_due() == 1
    assert order_of(order.id).status is OrderStatus.CLOSED
    assert [part.status for part in parts_of(order)] == [Part.EARNED, Part.EARNED, Part.CANCELED]


@pytest.mark.parametrize("status", [DisputeStatus.INQUIRY, DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW])
def test_while_a_bank_asks_nothing_of_the_order_is_earned(stopped_clock: Hands, status: DisputeStatus) -> None:
    order = bought(2)
    parts = deliver(order)
    case = dispute(order, status, seller_order_id=parts[0].id)
    stopped_clock.forward(days=30)
    assert payments.earn_due() == 0
    assert not payments.earn(parts[1].id)
    assert {held.code for held in why_held([part.id for part in parts]).values()} == {HoldCode.DISPUTE}
    change(case, status=DisputeStatus.WON)
    assert payments.earn_due() == 2


def test_a_lost_dispute_waits_for_a_person_and_only_where_it_belongs(stopped_clock: Hands) -> None:
    order = bought(2)
    about, other = deliver(order)
    case = dispute(order, DisputeStatus.LOST)
    stopped_clock.forward(days=3)
    assert payments.earn_due() == 0  # nobody has said which parcel
    change(case, seller_order_id=about.id)
    assert payments.earn_due() == 1
    assert [part.status for part in parts_of(order)] == [Part.DELIVERED, Part.EARNED]
    change(case, borne_by=Bearer.COLLECTIVE)
    assert payments.earn_due() == 1
    assert parts_of(order)[0].status is Part.EARNED
    assert other.id in why_held([other.id])


def test_somebody_elses_dispute_stops_nothing(stopped_clock: Hands) -> None:
    dispute(bought(), DisputeStatus.NEEDS_RESPONSE)
    deliver(bought())
    stopped_clock.forward(days=3)
    assert payments.earn_due() == 1


def test_a_part_without_a_payment_is_left_alone_and_stops_no_other(stopped_clock: Hands) -> None:
    order = bought()
    (odd,) = deliver(order)
    deliver(bought())
    db.session.execute(sa.update(PaymentAttempt).where(PaymentAttempt.order_id == order.id).values(is_applied=False))
    db.session.commit()
    stopped_clock.forward(days=3)
    assert payments.earn_due() == 1
    assert parts_of(order)[0].status is Part.DELIVERED
    with pytest.raises(NotFound):
        payments.earn(odd.id + 1000)


def test_every_reason_why_money_waits(stopped_clock: Hands) -> None:
    variant = variants_of(ListingFactory(stock=20))[0].id
    unpaid = parts_of(place_order((variant, 1)))[0]
    paid, accepted, started, shipped, delivered, canceled = (parts_of(paid_order((variant, 1)))[0] for _ in range(6))
    orders.accept(accepted.id, workshop_id=accepted.workshop_id)
    orders.accept(started.id, workshop_id=started.workshop_id)
    orders.start(started.id, workshop_id=started.workshop_id)
    post_parcels([shipped, delivered])
    orders.mark_delivered(delivered.id)
    orders.refuse(canceled.id, "other", "no", workshop_id=canceled.workshop_id, by=UserFactory().id)
    asked = [unpaid, paid, accepted, started, shipped, delivered, canceled]
    found = why_held([part.id for part in asked])
    assert [found[part.id].code for part in asked] == [
        HoldCode.UNPAID,
        HoldCode.WAITING_ANSWER,
        HoldCode.NOT_POSTED,
        HoldCode.NOT_POSTED,
        HoldCode.ON_THE_WAY,
        HoldCode.HOLD,
        HoldCode.CANCELED,
    ]
    assert found[delivered.id].on == clock.today() + timedelta(days=3)
    assert found[shipped.id].on is None
    stopped_clock.forward(days=3)
    payments.earn_due()
    assert why_held([delivered.id])[delivered.id].code is HoldCode.EARNED
    db.session.execute(
        sa.update(SellerOrder).where(SellerOrder.id == shipped.id).values(refunded_amount=shipped.total_amount)
    )
    db.session.commit()
    assert why_held([shipped.id])[shipped.id].code is HoldCode.REFUNDED
    assert why_held([]) == {}


@pytest.mark.races
def test_eight_that_earn_at_once_earn_once(app: Flask, stopped_clock: Hands) -> None:
    order = bought(2)
    first, second = (part.id for part in deliver(order))
    stopped_clock.forward(days=3)
    done = at_once(app, [payments.earn_due] * 4 + [lambda: int(payments.earn(first))] * 4)
    assert sum(done) == 2
    assert sorted(keys("earn:")) == sorted([f"earn:{first}", f"earn:{second}"])
    assert order_of(order.id).status is OrderStatus.CLOSED


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(0, 3), min_size=1, max_size=4), canceled=st.booleans())
def test_in_whatever_order_the_days_pass_each_part_is_earned_once_and_nothing_stays(
    app: Flask, days: list[int], canceled: bool
) -> None:
    with clock.stopped() as hands:
        order = bought(2)
        parts = parts_of(order)
        if canceled:
            orders.refuse(parts[1].id, "other", "no", workshop_id=parts[1].workshop_id, by=UserFactory().id)
        alive = parts[:1] if canceled else parts
        post_parcels(alive)
        for part in alive:
            orders.mark_delivered(part.id)
        earned = 0
        for count in days:
            hands.forward(days=count)
            earned += payments.earn_due()
        assert earned == (len(alive) if sum(days) >= 3 else 0)
        is_closed = order_of(order.id).status is OrderStatus.CLOSED
        assert is_closed == (sum(days) >= 3)
        hands.forward(days=3)
        payments.earn_due()
        for part in alive:
            assert books.owed_to(part.workshop_id).amount == part.payable_idr

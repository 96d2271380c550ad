"""Who bears a dispute that was lost, what that does to the workshop's money, and what an appeal undoes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.core.money import Money, allocate
from marketplace.ledger import queries as books
from marketplace.orders import services as orders
from marketplace.orders.queries import refunds_owed
from marketplace.payments import services as payments
from marketplace.payments.errors import (
    DisputeOpen,
    NoteNeeded,
    NothingTaken,
    NothingToGiveBack,
    NotLost,
    NotOfThisOrder,
)
from marketplace.payments.models import Bearer, DisputeStatus, Refund, RefundOrigin, RefundStatus
from marketplace.payments.queries import disputes as views
from marketplace.payments.services import RefundWish
from marketplace.payments.services.disputes.settling import write_dispute

from .delivering import balances, keys, mark_delivered
from .disputing import (
    Court,
    acts,
    admin,
    assert_same_as_the_processor,
    books_fit,
    charge_of,
    court,
    differences,
    dispute_of,
    held,
    refunds,
    two_workshops,
)

__all__ = ["admin", "books_fit", "court"]


def test_the_workshop_bears_a_lost_dispute_before_it_earned(court: Court, admin: int, stopped_clock: Hands) -> None:
    placed = court.buys()
    mark_delivered(placed.parts)
    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    row = court.learns(name)
    stopped_clock.forward(days=4)
    assert payments.earn_due() == 0
    payments.decide_lost(row.id, Bearer.WORKSHOP, admin, "The ring was plated, not silver.")
    (refund,) = refunds()
    assert (refund.status, refund.amount, refund.reason_code, refund.reason) == (
        RefundStatus.SUCCEEDED,
        7100,
        "dispute",
        "",
    )
    said = balances()
    assert held(court) == 0
    assert "buyer_funds USD" not in said
    assert "refunds_due USD" not in said
    assert "losses USD" not in said
    assert payments.earn_due() == 1  # nothing is left of it, so nothing is owed
    assert books.owed_to(placed.parts[0].workshop_id) == Money(0, "IDR")
    assert dispute_of(name).decided_by == admin
    assert_same_as_the_processor(court)


def test_the_workshop_bears_it_after_it_earned(court: Court, admin: int, stopped_clock: Hands) -> None:
    placed = court.buys()
    mark_delivered(placed.parts)
    stopped_clock.forward(days=4)
    assert payments.earn_due() == 1
    (part,) = placed.parts
    assert books.owed_to(part.workshop_id).amount == part.payable_idr
    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    payments.decide_lost(court.learns(name).id, Bearer.WORKSHOP, admin, "Never posted.")
    assert books.owed_to(part.workshop_id) == Money(0, "IDR")
    said = balances()
    assert not [key for key in said if key.startswith(("dispute_hold", "fx", "refunds_due", "losses", "commission"))]


def test_the_collective_bears_it_and_the_workshop_earns(court: Court, admin: int, stopped_clock: Hands) -> None:
    placed = court.buys()
    mark_delivered(placed.parts)
    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    row = court.learns(name)
    payments.decide_lost(row.id, Bearer.COLLECTIVE, admin, "The courier lost it.")
    payments.decide_lost(row.id, Bearer.COLLECTIVE, admin, "The courier lost it.")
    said = balances()
    assert said["losses USD"] == 7100
    assert held(court) == 0
    assert refunds() == []
    stopped_clock.forward(days=4)
    assert payments.earn_due() == 1
    (part,) = placed.parts
    assert books.owed_to(part.workshop_id).amount == part.payable_idr
    with pytest.raises(DisputeOpen):  # the buyer has the money, from the bank
        payments.request_refund(
            RefundWish(part.id, "twice", amount=Money(100, "USD")), origin=RefundOrigin.ADMIN, by=admin
        )
    assert keys("dispute-lost") == [f"dispute-lost:{row.id}"]


def test_money_of_a_canceled_parcel_is_no_loss_of_the_collective(court: Court, admin: int) -> None:
    """The workshop could not send it while the bank was asking: what the bank took was the buyer's anyway."""
    placed = court.buys()
    name = court.sues(charge_of(placed))
    court.learns(name)
    (part,) = placed.parts
    orders.refuse(part.id, "flaw", workshop_id=part.workshop_id, by=admin)
    assert refunds() == []
    court.shop_loses(name)
    payments.decide_lost(court.learns(name).id, Bearer.COLLECTIVE, admin, "It was never sent.")
    (refund,) = refunds()
    assert (refund.origin, refund.status, refund.amount) == (RefundOrigin.DISPUTE, RefundStatus.SUCCEEDED, 7100)
    assert "losses USD" not in balances()
    assert "buyer_funds USD" not in balances()
    assert held(court) == 0
    assert refunds_owed() == []


def test_two_workshops_bear_by_what_is_left_of_each(court: Court, admin: int) -> None:
    placed = two_workshops(court)
    first = placed.parts[0]
    payments.request_refund(
        RefundWish(first.id, "half", amount=Money(3000, "USD")), origin=RefundOrigin.ADMIN, by=admin
    )
    payments.send_refund(db.session.scalars(sa.select(Refund.id)).one())
    name = court.sues(charge_of(placed), amount=5000)
    court.shop_loses(name)
    payments.decide_lost(court.learns(name).id, Bearer.WORKSHOP, admin, "Both came broken.")
    lefts = [7100 - 3000, 7100]
    assert [refund.amount for refund in refunds()] == allocate(5000, lefts)
    assert held(court) == 0
    assert [part.left.amount for part in placed.parts] == [
        left - refund.amount for left, refund in zip(lefts, refunds(), strict=True)
    ]


def test_only_the_parcel_that_is_meant_bears(court: Court, admin: int, stopped_clock: Hands) -> None:
    placed = two_workshops(court)
    mark_delivered(placed.parts)
    first, second = (part.id for part in placed.parts)
    name = court.sues(charge_of(placed), amount=7100)
    row = court.learns(name)
    payments.name_parcel(row.id, second, admin)
    court.shop_loses(name)
    court.learns(name)
    stopped_clock.forward(days=4)
    assert payments.earn_due() == 1  # the other one waits no longer
    payments.decide_lost(row.id, Bearer.WORKSHOP, admin, "The second parcel.")
    assert [refund.seller_order_id for refund in refunds()] == [second]
    assert first != second
    assert held(court) == 0
    with pytest.raises(NotOfThisOrder):
        payments.name_parcel(court.learns(court.sues(charge_of(placed))).id, 10_000, admin)


def test_what_went_back_before_is_a_loss_of_the_collective(court: Court, admin: int) -> None:
    """A refund and a dispute of the same money met: the workshop gave it back once, the bank took it again."""
    placed = court.buys()
    (part,) = placed.parts
    payments.request_refund(RefundWish(part.id, "most", amount=Money(7000, "USD")), origin=RefundOrigin.ADMIN, by=admin)
    payments.send_refund(db.session.scalars(sa.select(Refund.id)).one())
    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    row = court.learns(name)
    payments.decide_lost(row.id, Bearer.WORKSHOP, admin, "Refunded and disputed.")
    assert [refund.amount for refund in refunds()] == [100]
    assert balances()["losses USD"] == 7000
    assert held(court) == 0
    assert placed.parts[0].left.amount == 0


def test_a_workshop_cannot_bear_what_it_has_not(court: Court, admin: int) -> None:
    placed = court.buys()
    (part,) = placed.parts
    payments.request_refund(RefundWish(part.id, "all", amount=Money(7100, "USD")), origin=RefundOrigin.ADMIN, by=admin)
    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    row = court.learns(name)
    with pytest.raises(NothingTaken):
        payments.decide_lost(row.id, Bearer.WORKSHOP, admin, "Nothing is left.")
    assert dispute_of(name).borne_by is None
    payments.decide_lost(row.id, Bearer.COLLECTIVE, admin, "Refunded before.")
    assert balances()["losses USD"] == 7100


def test_who_bears_it_is_decided_once_with_a_reason_and_only_when_it_is_lost(court: Court, admin: int) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed))
    row = court.learns(name)
    with pytest.raises(NotLost):
        payments.decide_lost(row.id, Bearer.COLLECTIVE, admin, "too early")
    court.shop_loses(name)
    court.learns(name)
    with pytest.raises(NoteNeeded):
        payments.decide_lost(row.id, Bearer.COLLECTIVE, admin, "  ")
    payments.decide_lost(row.id, Bearer.COLLECTIVE, admin, "ours")
    with pytest.raises(NotLost):
        payments.decide_lost(row.id, Bearer.WORKSHOP, admin, "changed my mind")
    with pytest.raises(NotFound):
        payments.decide_lost(row.id + 1, Bearer.WORKSHOP, admin, "nothing")
    assert acts() == ["dispute.move", "dispute.move", "dispute.decide"]


def test_an_appeal_gives_the_collective_its_loss_back(court: Court, admin: int) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    payments.decide_lost(court.learns(name).id, Bearer.COLLECTIVE, admin, "ours")
    court.shop_wins(name)
    row = court.learns(name)
    assert row.status is DisputeStatus.WON
    said = balances()
    assert "losses USD" not in said
    assert "dispute_hold USD" not in said
    assert differences() == []
    assert_same_as_the_processor(court)


def test_an_appeal_that_the_workshop_paid_for_is_shown_to_a_person_who_gives_it_back(
    court: Court, admin: int, stopped_clock: Hands
) -> None:
    placed = court.buys()
    mark_delivered(placed.parts)
    stopped_clock.forward(days=4)
    payments.earn_due()
    (part,) = placed.parts
    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    row = court.learns(name)
    payments.decide_lost(row.id, Bearer.WORKSHOP, admin, "theirs")
    with pytest.raises(NothingToGiveBack):
        payments.give_back(row.id, admin, "too early")
    court.shop_wins(name)
    court.learns(name)
    assert differences() == ["dispute_won_late"]
    assert held(court) == -7100
    view = views.dispute(row.id)
    assert view is not None
    assert view.can_give_back

    payments.give_back(row.id, admin, "Won on appeal.")
    payments.give_back(row.id, admin, "Won on appeal.")
    assert differences() == []
    assert held(court) == 0
    assert [refund.status for refund in refunds()] == [RefundStatus.FAILED]
    assert books.owed_to(part.workshop_id).amount == part.payable_idr
    assert placed.parts[0].refunded_amount == 0
    assert not [key for key in balances() if key.startswith(("losses", "refunds_due", "dispute_hold"))]
    assert_same_as_the_processor(court)


def test_more_that_is_taken_after_the_decision(court: Court, admin: int) -> None:
    name = court.sues(charge_of(court.buys()), amount=5000)
    court.shop_loses(name)
    row = court.learns(name)
    payments.decide_lost(row.id, Bearer.COLLECTIVE, admin, "ours")
    state = court.processor.fetch_dispute(name)
    write_dispute(court.processor.name, replace(state, withdrawn_amount=6000))
    assert balances()["losses USD"] == 6000
    assert held(court) == 0

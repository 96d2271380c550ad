"""A buyer's bank asks for the money back: every way in which that can begin, go on and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from marketplace.audit.models import AuditRow
from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.core.money import Money, allocate
from marketplace.ledger import queries as books
from marketplace.payments import services as payments
from marketplace.payments.errors import (
    DisputeOpen,
    DisputeOver,
    EvidenceTooLate,
    EvidenceTooLong,
    NoteNeeded,
    NothingTaken,
    NothingToGiveBack,
    NotLost,
    NotOfThisOrder,
)
from marketplace.payments.models import Bearer, Difference, DisputeStatus, Refund, RefundOrigin, RefundStatus
from marketplace.payments.processors import DisputeSaid, ProcessorDown
from marketplace.payments.queries import differences as found_differences
from marketplace.payments.queries import disputes as views
from marketplace.payments.services import RefundWish
from marketplace.payments.services.disputes.settling import write_dispute
from marketplace.payments.services.facts import facts_of
from marketplace.payouts.check import check
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of

from .delivering import balances, keys, mark_delivered
from .disputing import Court, charge_of, court, dispute_of
from .placing import Placed, place

__all__ = ["court"]


@pytest.fixture(autouse=True)
def _books_fit(court: Court) -> Iterator[None]:
    """After every story the books say what the rows say."""
    yield
    db.session.rollback()
    assert check() == []


@pytest.fixture
def admin(court: Court) -> int:
    return int(UserFactory(full_name="Made Sutami").id)


def two_workshops(court: Court, **facts: object) -> Placed:
    variants = [variants_of(ListingFactory(stock=6))[0] for _ in range(2)]
    return court.buys(*variants, **facts)


def held(court: Court) -> int:
    return balances().get("dispute_hold USD", 0)


def differences() -> list[str]:
    db.session.rollback()
    query = sa.select(Difference.kind).where(Difference.settled_at.is_(None)).order_by(Difference.kind)
    return list(db.session.scalars(query))


def acts() -> list[str]:
    db.session.rollback()
    query = sa.select(AuditRow.action).where(AuditRow.subject_kind == "dispute").order_by(AuditRow.id)
    return list(db.session.scalars(query))


def refunds() -> list[Refund]:
    db.session.rollback()
    query = sa.select(Refund).where(Refund.origin == RefundOrigin.DISPUTE).order_by(Refund.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def assert_same_as_the_processor(court: Court) -> None:
    """What the books say that the processor keeps is what it says itself."""
    said = court.processor.balances()
    prefix = f"{court.clearing} "
    ours = {key.removeprefix(prefix): sum_ for key, sum_ in balances().items() if key.startswith(prefix)}
    assert ours == said


def test_a_dispute_holds_what_the_bank_took(court: Court) -> None:
    placed = court.buys()
    row = court.learns(court.sues(charge_of(placed)))
    assert row.status is DisputeStatus.NEEDS_RESPONSE
    assert (row.withdrawn_amount, row.fee_amount, row.settle_currency) == (7100, 1500, "USD")
    assert row.due_by is not None
    assert row.reason == "product_not_received"
    assert keys("dispute") == [f"dispute-withdrawn:{row.id}", f"dispute-fee:{row.id}"]
    assert held(court) == 7100
    assert balances()["buyer_funds USD"] == -7100
    assert_same_as_the_processor(court)


def test_an_inquiry_moves_no_money_and_may_end_so(court: Court, stopped_clock: Hands) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed), inquiry=True)
    assert court.learns(name).status is DisputeStatus.INQUIRY
    mark_delivered(placed.parts)
    stopped_clock.forward(days=4)
    assert payments.earn_due() == 0
    court.gives_up(name)
    row = court.learns(name)
    assert row.status is DisputeStatus.WON
    assert row.closed_at is not None
    assert keys("dispute") == []
    assert payments.earn_due() == 1
    assert_same_as_the_processor(court)


def test_an_inquiry_may_become_a_dispute(court: Court) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed), inquiry=True)
    court.learns(name)
    court.escalates(name)
    assert court.learns(name).status is DisputeStatus.NEEDS_RESPONSE
    assert held(court) == 7100


def test_won_gives_everything_back_but_the_fee(court: Court, stopped_clock: Hands) -> None:
    placed = court.buys()
    mark_delivered(placed.parts)
    stopped_clock.forward(days=4)
    name = court.sues(charge_of(placed))
    court.learns(name)
    assert payments.earn_due() == 0
    court.shop_wins(name)
    row = court.learns(name)
    assert row.status is DisputeStatus.WON
    assert held(court) == 0
    assert row.reinstated_amount == 7100
    assert payments.earn_due() == 1
    assert_same_as_the_processor(court)


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


def test_messages_twenty_times_and_in_any_order_book_once(court: Court) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed))
    for _ in range(20):
        court.learns(name)
    court.shop_wins(name)
    for _ in range(20):
        court.learns(name)
    row = dispute_of(name)
    assert keys("dispute") == [
        f"dispute-withdrawn:{row.id}",
        f"dispute-fee:{row.id}",
        f"dispute-won:{row.id}",
    ]
    assert acts() == ["dispute.move", "dispute.move"]


@pytest.mark.parametrize("end", ["won", "lost"])
def test_only_the_last_message_came(court: Court, end: str) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed))
    (court.shop_wins if end == "won" else court.shop_loses)(name)
    row = court.learns(name)
    assert row.status.value == end
    assert row.closed_at is not None
    assert held(court) == (0 if end == "won" else 7100)
    assert_same_as_the_processor(court)


def test_a_truth_that_was_fetched_earlier_changes_nothing(court: Court) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed))
    old = court.processor.fetch_dispute(name)
    court.shop_wins(name)
    court.learns(name)
    assert write_dispute(court.processor.name, old) is DisputeStatus.WON
    assert held(court) == 0
    assert differences() == []


def test_a_dispute_before_its_payment_waits_for_it(court: Court) -> None:
    placed = place()
    placed.start()
    court.bank.approve(placed.page)
    state = court.processor.fetch(facts_of(placed.attempt))
    assert state.charge_id
    name = court.sues(state.charge_id)
    with pytest.raises(ProcessorDown):
        payments.settle_dispute(court.processor.name, name)
    assert keys() == []
    payments.settle(placed.attempt.key)
    assert court.learns(name).status is DisputeStatus.NEEDS_RESPONSE


def test_a_dispute_that_the_processor_does_not_know(court: Court) -> None:
    with pytest.raises(NotFound):
        payments.settle_dispute(court.processor.name, "dp_nothing")


def test_the_evidence_is_filled_from_the_order_and_sent_once(court: Court, admin: int) -> None:
    placed = court.buys()
    mark_delivered(placed.parts)
    name = court.sues(charge_of(placed))
    row = court.learns(name)
    view = views.dispute(row.id)
    assert view is not None
    texts = {point.code.value: point.text for point in view.evidence}
    assert placed.order.public_no in texts["order"]
    assert "Granulated Dome Ring" in texts["description"]
    assert "EE123456789ID" in texts["delivery"]
    assert texts["messages"] == ""
    assert [point.is_done for point in view.evidence if point.code.value == "messages"] == [False]

    payments.note_evidence(row.id, "messages", "24 November: “It is here, thank you!”", admin)
    payments.note_evidence(row.id, "photos", True, admin)
    with pytest.raises(NotFound):
        payments.note_evidence(row.id, "_sent", "x", admin)
    with pytest.raises(EvidenceTooLong):
        payments.note_evidence(row.id, "order", "x" * 20_001, admin)
    status = payments.submit_evidence(row.id, admin)
    assert status is DisputeStatus.UNDER_REVIEW
    assert dispute_of(name).submitted_at is not None
    with pytest.raises(DisputeOver):
        payments.submit_evidence(row.id, admin)
    with pytest.raises(DisputeOver):
        payments.note_evidence(row.id, "order", "late", admin)
    assert acts() == [
        "dispute.move",
        "dispute.evidence",
        "dispute.evidence",
        "dispute.move",
        "dispute.submit",
    ]
    view = views.dispute(row.id)
    assert view is not None
    assert not view.can_answer
    assert {point.code.value: point.text for point in view.evidence}["messages"].startswith("24 November")


def test_an_inquiry_is_answered_and_stays_one(court: Court, admin: int) -> None:
    name = court.sues(charge_of(court.buys()), inquiry=True)
    row = court.learns(name)
    assert payments.submit_evidence(row.id, admin) is DisputeStatus.INQUIRY
    court.gives_up(name)
    assert court.learns(name).status is DisputeStatus.WON


def test_an_inquiry_that_was_answered_and_becomes_a_dispute_is_answered_again(court: Court, admin: int) -> None:
    name = court.sues(charge_of(court.buys()), inquiry=True)
    row = court.learns(name)
    payments.submit_evidence(row.id, admin)
    with pytest.raises(DisputeOver):
        payments.submit_evidence(row.id, admin)
    court.escalates(name)
    assert court.learns(name).submitted_at is None
    payments.note_evidence(row.id, "messages", "and more", admin)
    assert payments.submit_evidence(row.id, admin) is DisputeStatus.UNDER_REVIEW
    assert dispute_of(name).submitted_at is not None


def test_nothing_is_sent_after_the_deadline(court: Court, admin: int, stopped_clock: Hands) -> None:
    row = court.learns(court.sues(charge_of(court.buys())))
    stopped_clock.forward(days=11)
    with pytest.raises(EvidenceTooLate):
        payments.submit_evidence(row.id, admin)
    (shown,) = views.disputes(open_only=True).rows
    assert shown.is_late
    assert shown.task == ""


def test_the_list_says_what_is_to_be_done(court: Court, admin: int) -> None:
    first = court.sues(charge_of(court.buys()))
    court.learns(first)
    other = court.buys()
    second = court.sues(charge_of(other))
    court.shop_loses(second)
    court.learns(second)
    assert views.open_dispute_count() == (2, 2)
    assert [(row.external_id, row.task) for row in views.disputes(open_only=True).rows] == [
        (second, "decide"),
        (first, "answer"),
    ]
    (newest,) = views.disputes(limit=1).rows
    assert newest.external_id == second
    page = views.disputes(limit=1)
    assert [row.external_id for row in views.disputes(after=page.after, limit=1).rows] == [first]
    payments.decide_lost(dispute_of(second).id, Bearer.COLLECTIVE, admin, "ours")
    court.shop_wins(first)
    court.learns(first)
    assert views.disputes(open_only=True).rows == []
    assert views.open_dispute_count() == (0, 0)
    assert [row.borne_by for row in views.disputes_of(other.order_id)] == [Bearer.COLLECTIVE]
    assert views.dispute(10_000) is None


def test_a_deadline_near_by_is_urgent(court: Court, stopped_clock: Hands) -> None:
    row = court.learns(court.sues(charge_of(court.buys())))
    assert row.due_by is not None
    for days, is_urgent in ((6, False), (2, True)):
        stopped_clock.forward(days=days)
        (shown,) = views.disputes(open_only=True).rows
        assert shown.is_urgent is is_urgent


def test_an_open_dispute_blocks_refunds(court: Court, admin: int) -> None:
    placed = court.buys()
    court.learns(court.sues(charge_of(placed), inquiry=True))
    wish = RefundWish(placed.parts[0].id, "no", amount=Money(100, "USD"))
    with pytest.raises(DisputeOpen):
        payments.request_refund(wish, origin=RefundOrigin.ADMIN, by=admin)
    assert payments.open_dispute_of(placed.order_id) is not None
    assert payments.is_disputed(placed.order_id)


def test_money_that_moves_after_the_end_is_shown_to_a_person(court: Court, admin: int) -> None:
    """Banks are not bound to our states: what they take is booked, and somebody looks at it."""
    name = court.sues(charge_of(court.buys()))
    court.shop_wins(name)
    court.learns(name)
    state = court.processor.fetch_dispute(name)
    again = replace(state, status=DisputeSaid.LOST, withdrawn_amount=state.withdrawn_amount + 7100)
    assert write_dispute(court.processor.name, again) is DisputeStatus.WON
    assert differences() == ["dispute_reopened"]
    assert held(court) == 7100
    other = replace(again, settle_currency="AUD", withdrawn_amount=again.withdrawn_amount + 5)
    write_dispute(court.processor.name, other)
    assert differences() == ["dispute_currency", "dispute_reopened"]
    assert held(court) == 7100
    for row in found_differences.open_differences():
        payments.settle_difference(row.id, "Asked the processor.", admin)
    assert found_differences.open_differences() == []


def test_more_that_is_taken_after_the_decision(court: Court, admin: int) -> None:
    name = court.sues(charge_of(court.buys()), amount=5000)
    court.shop_loses(name)
    row = court.learns(name)
    payments.decide_lost(row.id, Bearer.COLLECTIVE, admin, "ours")
    state = court.processor.fetch_dispute(name)
    write_dispute(court.processor.name, replace(state, withdrawn_amount=6000))
    assert balances()["losses USD"] == 6000
    assert held(court) == 0


def test_refusals_are_sentences() -> None:
    for error in (NotLost, NothingTaken, NoteNeeded, DisputeOver, EvidenceTooLate, NotOfThisOrder, NothingToGiveBack):
        assert str(error().sentence)
    assert "20000" in EvidenceTooLong(limit=20_000).sentence

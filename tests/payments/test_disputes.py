"""A buyer's bank asks for the money back: every way in which that can begin and go on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from marketplace.core.clock import Hands
from marketplace.core.db import locked, transaction
from marketplace.core.errors import NotFound
from marketplace.core.money import Money
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
from marketplace.payments.models import Dispute, DisputeStatus, RefundOrigin
from marketplace.payments.processors import DisputeSaid, ProcessorDown
from marketplace.payments.queries import differences as found_differences
from marketplace.payments.services import RefundWish, posting
from marketplace.payments.services.disputes.settling import write_dispute
from marketplace.payments.services.facts import facts_of

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
)
from .placing import place

__all__ = ["admin", "books_fit", "court"]


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


def test_a_fee_that_comes_back_to_an_earlier_sum_is_booked_again(court: Court) -> None:
    placed = court.buys()
    row = court.learns(court.sues(charge_of(placed)))
    booked = balances()["processor_fees USD"]
    with pytest.raises(NotFound), transaction():
        case = locked(Dispute, row.id)
        for step in (500, -500, 500):
            posting.book_dispute_fee(case, Money(step, "USD"), order_id=placed.order_id)
            case.fee_amount += step
        now = {f"{line.account} {line.amount.currency}": line.amount.amount for line in books.balances()}
        assert now["processor_fees USD"] == booked + 500
        raise NotFound("Fee", 0)  # nothing of it stays: the processor knows of no such fee


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


def test_an_open_dispute_blocks_refunds(court: Court, admin: int) -> None:
    placed = court.buys()
    court.learns(court.sues(charge_of(placed), inquiry=True))
    wish = RefundWish(placed.parts[0].id, "no", amount=Money(100, "USD"))
    with pytest.raises(DisputeOpen):
        payments.request_refund(wish, origin=RefundOrigin.ADMIN, by=admin)


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


def test_refusals_are_sentences() -> None:
    for error in (NotLost, NothingTaken, NoteNeeded, DisputeOver, EvidenceTooLate, NotOfThisOrder, NothingToGiveBack):
        assert str(error().sentence)
    assert "20000" in EvidenceTooLong(limit=20_000).sentence

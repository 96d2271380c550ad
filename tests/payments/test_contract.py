"""What every processor must do, whichever it is (payments.md 5). A new one joins through conftest.bank."""

from __future__ import annotations

import pytest

from marketplace.core import clock
from marketplace.core.db import end_read
from marketplace.core.money import Money
from marketplace.payments.processors import AttemptFacts, BadNotice, PageStatus, Refused
from marketplace.payments.services.facts import read_facts
from tests.payments.conftest import Bank
from tests.payments.placing import place


def opened(bank: Bank, **order: str) -> AttemptFacts:
    """An attempt whose page is open at the processor."""
    placed = place(**order)
    assert placed.start()
    facts, _status, name = read_facts(id=placed.attempt_id)
    assert name == bank.processor.name
    return facts


def takes(bank: Bank, currency: str) -> None:
    if currency not in bank.currencies:
        pytest.skip(f"{bank.processor.name} does not take {currency}")


class TestEveryProcessor:
    def test_the_same_attempt_gives_the_same_page(self, bank: Bank) -> None:
        facts, _status, _name = read_facts(id=place().attempt_id)
        first, second = bank.processor.start(facts), bank.processor.start(facts)
        assert (first.external_id, first.expires_at) == (second.external_id, second.expires_at)
        assert (first.redirect_url == second.redirect_url) is bank.is_same_address
        assert first.redirect_url.startswith("http://127.0.0.1")
        assert first.external_id
        assert abs((first.expires_at - facts.expires_at).total_seconds()) < 1
        assert bank.page_count() == 1

    def test_two_attempts_have_two_pages(self, bank: Bank) -> None:
        assert opened(bank).external_id != opened(bank).external_id

    @pytest.mark.parametrize(("currency", "total"), [("USD", 7_100), ("AUD", 7_100), ("IDR", 925_000)])
    def test_an_open_page_says_what_the_order_costs(self, bank: Bank, currency: str, total: int) -> None:
        takes(bank, currency)
        facts = opened(bank, currency=currency)
        state = bank.processor.fetch(facts)
        assert state.status is PageStatus.OPEN
        assert state.amount == Money(total, currency)
        assert (state.key, state.external_id) == (facts.key, facts.external_id)
        assert state.charge_id is None

    @pytest.mark.parametrize("currency", ["USD", "IDR"])
    def test_a_paid_page_has_a_charge_and_its_fee(self, bank: Bank, currency: str) -> None:
        takes(bank, currency)
        facts = opened(bank, currency=currency)
        bank.approve(facts.external_id or "")
        state = bank.processor.fetch(facts)
        assert state.status is PageStatus.PAID
        assert state.amount == facts.total
        assert state.charge_id
        assert state.settle_currency == (currency if bank.tells_fee else "")
        assert (state.fee_amount is not None) is bank.tells_fee
        assert (state.net_amount is not None) is bank.tells_fee
        assert bank.processor.fetch(facts) == state

    def test_a_delayed_method_is_processing_then_paid(self, bank: Bank) -> None:
        facts = opened(bank)
        bank.approve_later(facts.external_id or "")
        assert bank.processor.fetch(facts).status is PageStatus.PROCESSING
        bank.money_arrives(facts.external_id or "")
        assert bank.processor.fetch(facts).status is PageStatus.PAID

    def test_a_delayed_method_is_processing_then_failed(self, bank: Bank) -> None:
        facts = opened(bank)
        bank.approve_later(facts.external_id or "")
        bank.money_fails(facts.external_id or "")
        assert bank.processor.fetch(facts).status is PageStatus.FAILED

    def test_a_page_runs_out(self, bank: Bank) -> None:
        facts = opened(bank)
        bank.run_out(facts.external_id or "")
        assert bank.processor.fetch(facts).status is PageStatus.EXPIRED

    def test_a_closed_page_stays_closed(self, bank: Bank) -> None:
        facts = opened(bank)
        assert bank.processor.cancel(facts).status is PageStatus.EXPIRED
        assert bank.processor.cancel(facts).status is PageStatus.EXPIRED
        is_shut = bank.is_shut(facts.external_id or "")
        assert bank.processor.fetch(facts).status is (PageStatus.OPEN if is_shut else PageStatus.EXPIRED)

    def test_closing_a_page_that_was_paid_in_that_second_answers_paid(self, bank: Bank) -> None:
        facts = opened(bank)
        bank.approve(facts.external_id or "")
        state = bank.processor.cancel(facts)
        assert state.status is PageStatus.PAID
        assert state.charge_id

    def test_closing_while_the_bank_decides_answers_processing(self, bank: Bank) -> None:
        facts = opened(bank)
        bank.approve_later(facts.external_id or "")
        assert bank.processor.cancel(facts).status is PageStatus.PROCESSING

    def test_a_page_that_does_not_exist_is_a_definite_no(self, bank: Bank) -> None:
        facts = AttemptFacts(1, "key", 1, "cs_nowhere", Money(100, "USD"), {}, clock.now())
        with pytest.raises(Refused):
            bank.processor.fetch(facts)
        end_read()

    def test_a_page_that_would_be_closed_before_it_opens_is_refused(self, bank: Bank) -> None:
        placed = place()
        facts, _status, _name = read_facts(id=placed.attempt_id)
        request = {**facts.request, "expires_at": int(clock.now().timestamp()) - 60}
        late = AttemptFacts(facts.id, facts.key, facts.order_id, None, facts.total, request, facts.expires_at)
        with pytest.raises(Refused):
            bank.processor.start(late)
        assert bank.page_count() == 0

    def test_an_unsigned_message_proves_nothing(self, bank: Bank) -> None:
        with pytest.raises(BadNotice):
            bank.processor.read_webhook({}, b'{"object": "event"}')

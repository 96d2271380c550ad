"""What every processor must do about refunds, whichever it is (payments.md 5)."""

from __future__ import annotations

import dataclasses

import pytest

from marketplace.core import clock
from marketplace.core.ids import new_key
from marketplace.core.money import Money
from marketplace.payments import services as payments
from marketplace.payments.processors import AttemptFacts, RefundFacts, RefundSaid, Refused
from marketplace.payments.services.facts import read_facts
from tests.payments.conftest import Bank
from tests.payments.placing import place
from tests.payments.test_contract import takes

WHOLE = {"USD": 7_100, "IDR": 925_000}  # what placing.place costs


def whole(bank: Bank) -> int:
    return WHOLE[bank.currencies[0]]


def asked(bank: Bank, amount: int, *, currency: str = "", of: RefundFacts | None = None) -> RefundFacts:
    """A refund of a payment that is paid (a new one, or that of another refund), ready to be sent."""
    attempt, charge_id = (of.attempt, of.charge_id) if of else _paid(bank, currency or bank.currencies[0])
    facts = RefundFacts(
        id=1,
        key=new_key(),
        attempt=attempt,
        charge_id=charge_id,
        amount=Money(amount, attempt.total.currency),
        external_id=None,
        request={},
    )
    return dataclasses.replace(facts, request=bank.processor.prepare_refund(facts, "PC-TEST234"))


def _paid(bank: Bank, currency: str) -> tuple[AttemptFacts, str]:
    placed = place(currency=currency)
    assert placed.start()
    bank.approve(placed.page)
    payments.settle(placed.attempt.key)
    charge_id = placed.attempt.charge_id
    attempt, _status, _name = read_facts(id=placed.attempt_id)
    return attempt, charge_id or ""


class TestEveryProcessor:
    @pytest.mark.parametrize(("currency", "amount"), [("USD", 1_234), ("AUD", 1), ("IDR", 150_000)])
    def test_money_goes_back_under_our_key(self, bank: Bank, currency: str, amount: int) -> None:
        takes(bank, currency)
        facts = asked(bank, amount, currency=currency)
        state = bank.processor.refund(facts)
        assert state.status is RefundSaid.SUCCEEDED
        assert (state.refund_key, state.charge_id, state.amount) == (facts.key, facts.charge_id, facts.amount)
        assert state.external_id
        assert state.settled in (None, facts.amount)

    def test_one_key_acts_once(self, bank: Bank) -> None:
        facts = asked(bank, whole(bank))  # all of it: a second one would be refused
        assert bank.processor.refund(facts).external_id == bank.processor.refund(facts).external_id

    def test_two_keys_act_twice(self, bank: Bank) -> None:
        first = asked(bank, 100)
        second = asked(bank, 100, of=first)
        assert bank.processor.refund(first).external_id != bank.processor.refund(second).external_id

    def test_never_more_than_was_paid(self, bank: Bank) -> None:
        first = asked(bank, whole(bank) - 100)
        bank.processor.refund(first)
        with pytest.raises(Refused):
            bank.processor.refund(asked(bank, 101, of=first))
        assert bank.processor.refund(asked(bank, 100, of=first)).status is RefundSaid.SUCCEEDED
        with pytest.raises(Refused):
            bank.processor.refund(asked(bank, 1, of=first))

    def test_a_refund_is_found_by_our_key(self, bank: Bank) -> None:
        facts = asked(bank, 100)
        assert bank.processor.find_refund(facts) is None
        bank.processor.refund(asked(bank, 200, of=facts))
        assert bank.processor.find_refund(facts) is None
        made = bank.processor.refund(facts)
        assert bank.processor.find_refund(facts) == made

    def test_a_refund_is_fetched_by_its_name(self, bank: Bank) -> None:
        made = bank.processor.refund(asked(bank, 100))
        assert bank.processor.fetch_refund(made.external_id) == made
        with pytest.raises(Refused):
            bank.processor.fetch_refund("re_nowhere")

    def test_a_charge_that_does_not_exist_is_a_definite_no(self, bank: Bank) -> None:
        facts = dataclasses.replace(asked(bank, 100), charge_id="ch_nowhere", request={})
        request = bank.processor.prepare_refund(facts, "PC-TEST234")
        with pytest.raises(Refused):
            bank.processor.refund(dataclasses.replace(facts, request=request))

    def test_what_will_be_sent_is_the_same_each_time_and_can_be_kept(self, bank: Bank) -> None:
        facts = asked(bank, 100)
        assert bank.processor.prepare_refund(facts, "PC-TEST234") == facts.request

    def test_a_payment_can_go_back_the_way_it_came(self, bank: Bank) -> None:
        assert bank.processor.can_refund(asked(bank, 100).attempt, clock.now())

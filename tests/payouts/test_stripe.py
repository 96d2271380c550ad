"""Transfers at Stripe through its real library: paid once, whatever the line between us does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.errors import DomainError, IllegalTransition, NotFound
from marketplace.core.money import Money
from marketplace.ledger import accounts
from marketplace.ledger import queries as books
from marketplace.ledger.models import Kind, LedgerTxn
from marketplace.payments.processors import ProcessorDown, Refused
from marketplace.payouts import queries, services
from marketplace.payouts.errors import (
    CountryNotPaid,
    NotByHand,
    NothingToPay,
    NotSentYet,
    PaidAfterAll,
    ProviderAway,
    ProviderRefused,
    StillUnderWay,
)
from marketplace.payouts.models import Payout, PayoutAccount, PayoutStatus
from marketplace.payouts.providers import PayoutFacts, PayoutSaid
from marketplace.payouts.providers.stripe import StripeProvider
from marketplace.workshops.models import Workshop
from tests.factories.payouts import Admins, earned
from tests.factories.workshops import WorkshopFactory
from tests.fakes import stripe_connect
from tests.fakes.stripe_server import StripeServer
from tests.races.test_checkout_races import at_once

from .conftest import acts, breaches, fresh, owed, payouts_of_run

AMOUNT = 3_180_000


@pytest.fixture(scope="module")
def live_process() -> Iterator[StripeServer]:
    with StripeServer(livemode=True) as server:
        yield server


@pytest.fixture
def server(live_process: StripeServer, app: Flask) -> Iterator[StripeServer]:
    """The stand-in in live mode, with a provider that gives up after 0.4 s."""
    live_process.reset()
    provider = StripeProvider("sk_live_of_the_stand_in", live_process.url, timeout=(1, 0.4), retries=1)
    app.extensions["payout_providers"]["stripe"] = provider
    yield live_process
    del app.extensions["payout_providers"]["stripe"]
    assert live_process.findings == []


@pytest.fixture
def berlin(server: StripeServer, people: Admins) -> Workshop:
    """A workshop with an account that can be paid, and something to be paid."""
    row: Workshop = WorkshopFactory(name="Luh Selaka Berlin")
    services.open_account(row.id, "DE", people.sari)
    stripe_connect.prove(server, account_of(row.id).external_id)
    assert services.refresh_account(row.id)
    stripe_connect.fund(server, AMOUNT * 100)
    earned(row.id, AMOUNT, livemode=True)
    return row


def account_of(workshop_id: int) -> PayoutAccount:
    db.session.rollback()
    query = sa.select(PayoutAccount).filter_by(workshop_id=workshop_id).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def sent(people: Admins, berlin: Workshop) -> Payout:
    run_id = services.prepare_run([berlin.id], people.sari, livemode=True, provider="stripe")
    services.approve_run(run_id, people.made)
    services.send_run(run_id, people.sari)
    (payout,) = payouts_of_run(run_id)
    return payout


def later(hands: Hands, minutes: float = 11) -> int:
    hands.forward(minutes=minutes)
    return services.find_stuck()


def transfers(server: StripeServer) -> list[dict[str, Any]]:
    return [row for row in server.transfers.values() if row["metadata"]]


def booked() -> list[str]:
    db.session.rollback()
    kinds = (Kind.PAYOUT, Kind.PAYOUT_RETURNED)
    return [txn.kind.value for txn in db.session.scalars(sa.select(LedgerTxn).where(LedgerTxn.kind.in_(kinds)))]


def clearing() -> int:
    db.session.rollback()
    return books.balance(accounts.clearing("stripe"), "IDR").amount


def assert_paid_once(server: StripeServer, payout_id: int) -> None:
    payout = fresh(payout_id)
    assert (payout.status, len(transfers(server)), booked()) == (PayoutStatus.PAID, 1, ["payout"])
    assert payout.external_id == transfers(server)[0]["id"]
    assert (owed(payout.workshop_id), clearing()) == (0, -AMOUNT)
    assert breaches() == []


class TestAccounts:
    def test_opened_proved_payable(self, server: StripeServer, people: Admins) -> None:
        shop = WorkshopFactory(email="berlin@example.test")
        with pytest.raises(NotFound):
            services.onboarding_link(shop.id, return_url="http://x/a", refresh_url="http://x/b")
        first = services.open_account(shop.id, "DE", people.sari)
        assert services.open_account(shop.id, "DE", people.sari) == first
        (account,) = server.accounts.values()
        assert account["controller"]["stripe_dashboard"] == {"type": "express"}
        assert account["email"] == "berlin@example.test"
        links = [
            services.onboarding_link(shop.id, return_url="http://x/a", refresh_url="http://x/b") for _click in range(2)
        ]
        assert len(set(links)) == 2  # one for each click
        assert not services.refresh_account(shop.id)
        assert account_of(shop.id).reason == "requirements.past_due"
        stripe_connect.prove(server, account["id"], transfers="pending")
        assert not services.refresh_account(shop.id)
        stripe_connect.prove(server, account["id"])
        assert services.refresh_account(shop.id)
        assert (account_of(shop.id).payable, account_of(shop.id).reason) == (True, "")
        assert len(acts("payout_account.open")) == 1

    def test_a_lost_answer_opens_no_second_account(self, server: StripeServer, people: Admins) -> None:
        shop = WorkshopFactory()
        server.fail("lost", path="/v1/accounts", times=2)
        with pytest.raises(ProviderAway):
            services.open_account(shop.id, "DE", people.sari)
        services.open_account(shop.id, "DE", people.sari)
        assert len(server.accounts) == 1

    def test_only_where_stripe_pays(self, server: StripeServer, people: Admins) -> None:
        for country in ("ID", "AU", "de", ""):
            with pytest.raises(CountryNotPaid):
                services.open_account(WorkshopFactory().id, country, people.sari)

    def test_a_workshop_without_a_payable_account_is_in_no_run(self, server: StripeServer, people: Admins) -> None:
        shop = WorkshopFactory(name="Berlin")
        earned(shop.id, 5, livemode=True)
        (row,) = services.due(True, provider="stripe")
        assert row.state == "no_account"
        services.open_account(shop.id, "DE", people.sari)
        (row,) = services.due(True, provider="stripe")
        assert row.state == "account_problem"
        with pytest.raises(NothingToPay):
            services.prepare_run([shop.id], people.sari, livemode=True, provider="stripe")


def test_a_transfer_is_paid_at_once_and_booked(server: StripeServer, berlin: Workshop, people: Admins) -> None:
    payout = sent(people, berlin)
    assert_paid_once(server, payout.id)
    (transfer,) = transfers(server)
    assert (transfer["amount"], transfer["currency"]) == (AMOUNT * 100, "idr")
    assert transfer["metadata"] == {"payout_key": payout.key, "attempt_no": "1"}
    assert transfer["transfer_group"] == f"payout-{payout.key}"
    view = queries.payout(payout.id, berlin.id)
    assert view is not None
    assert (view.bank_name, view.masked) == ("Stripe", "")
    with pytest.raises(NotSentYet):
        services.bank_file(payout.run_id, people.sari)


FAULTS: dict[str, dict[str, Any]] = {
    "409": {"kind": "status", "status": 409, "times": 4},
    "429": {"kind": "status", "status": 429, "times": 1},
    "500": {"kind": "status", "status": 500, "times": 4},
    "503 once": {"kind": "status", "status": 503, "times": 1},
    "500 after acting": {"kind": "broken", "status": 500, "times": 4},
    "timeout after acting": {"kind": "late", "seconds": 0.7, "times": 2},
    "timeout": {"kind": "stuck", "seconds": 0.7, "times": 2},
    "lost answer": {"kind": "lost", "times": 4},
    "rubbish": {"kind": "rubbish", "times": 2},
}


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_the_line_does_it_is_paid_once(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands, name: str
) -> None:
    server.fail(path="/v1/transfers", method="POST", **FAULTS[name])
    payout = sent(people, berlin)
    server.faults.clear()
    for _hour in range(3):
        later(stopped_clock)
    assert_paid_once(server, payout.id)
    assert fresh(payout.id).attempt_no == 1  # no definite no: the key was kept


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_looked_up_through_a_bad_line_is_left_to_a_person_and_found(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands, name: str
) -> None:
    server.fail("lost", path="/v1/transfers", method="POST", times=4)
    payout = sent(people, berlin)
    server.faults.clear()
    server.fail(path="/v1/transfers", method="GET", **FAULTS[name])
    later(stopped_clock)
    server.faults.clear()
    assert fresh(payout.id).status in (PayoutStatus.UNKNOWN, PayoutStatus.PAID)
    later(stopped_clock)
    assert_paid_once(server, payout.id)


def test_too_low_a_balance_is_a_definite_no_of_another_day(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
) -> None:
    server.balance.clear()
    payout = sent(people, berlin)
    assert (payout.status, payout.attempt_no) == (PayoutStatus.SENDING, 2)
    assert "insufficient" in payout.reason
    later(stopped_clock)
    assert fresh(payout.id).attempt_no == 3
    stripe_connect.fund(server, AMOUNT * 100)
    later(stopped_clock)
    assert_paid_once(server, payout.id)
    assert transfers(server)[0]["metadata"]["attempt_no"] == "3"
    assert fresh(payout.id).reason == ""


def test_after_five_times_it_is_open_again(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
) -> None:
    server.balance.clear()
    payout = sent(people, berlin)
    for _ in range(6):
        later(stopped_clock)
    assert fresh(payout.id).status is PayoutStatus.FAILED
    (row,) = services.due(True, provider="stripe")
    assert (row.state, row.amount) == ("ready", Money(AMOUNT, "IDR"))
    stripe_connect.fund(server, AMOUNT * 100)
    assert_paid_once(server, sent(people, berlin).id)


def test_a_definite_no_ends_it(server: StripeServer, berlin: Workshop, people: Admins) -> None:
    stripe_connect.prove(server, account_of(berlin.id).external_id, transfers="inactive")
    payout = sent(people, berlin)
    assert (payout.status, payout.attempt_no) == (PayoutStatus.FAILED, 2)
    assert "transfers capability" in payout.reason
    assert (owed(berlin.id), booked(), transfers(server)) == (AMOUNT, [], [])


def unknown(server: StripeServer, people: Admins, berlin: Workshop, hands: Hands, *, acted: bool) -> Payout:
    """Nobody can say what became of it."""
    server.fail("lost" if acted else "status", path="/v1/transfers", method="POST", times=2)
    payout = sent(people, berlin)
    assert payout.status is PayoutStatus.SENDING
    server.faults.clear()
    server.fail("status", path="/v1/transfers", times=10)
    later(hands)
    server.faults.clear()
    assert fresh(payout.id).status is PayoutStatus.UNKNOWN
    assert [row.action for row in acts("payout.unknown")] == ["payout.unknown"]
    return fresh(payout.id)


def test_unknown_is_found_by_itself(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
) -> None:
    payout = unknown(server, people, berlin, stopped_clock, acted=True)
    assert later(stopped_clock) == 1
    assert_paid_once(server, payout.id)


@pytest.mark.parametrize("acted", [True, False])
def test_a_person_sends_again_and_it_is_looked_up_first(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands, acted: bool
) -> None:
    payout = unknown(server, people, berlin, stopped_clock, acted=acted)
    with pytest.raises(StillUnderWay):
        services.send_again(payout.id, people.made)
    stopped_clock.forward(days=2)  # the key is forgotten at Stripe
    server.kept.clear()
    assert later(stopped_clock) == (1 if acted else 0)
    if not acted:
        assert transfers(server) == []  # not by itself: a person decides
        stopped_clock.forward(minutes=3)
        assert services.send_again(payout.id, people.made) is PayoutStatus.PAID
    assert_paid_once(server, payout.id)
    with pytest.raises(IllegalTransition):
        services.send_again(payout.id, people.made)


def test_a_day_later_sending_is_looked_up_and_not_sent_by_itself(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
) -> None:
    server.fail("status", path="/v1/transfers", method="POST", times=2)
    payout = sent(people, berlin)
    stopped_clock.forward(hours=25)
    services.find_stuck()
    assert fresh(payout.id).status is PayoutStatus.UNKNOWN
    assert server.count("POST", "/v1/transfers") == 2


def test_a_person_says_failed_and_the_provider_knows_better(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
) -> None:
    payout = unknown(server, people, berlin, stopped_clock, acted=True)
    stopped_clock.forward(minutes=3)
    with pytest.raises(PaidAfterAll):
        services.mark_failed(payout.id, "surely not", people.made)
    assert_paid_once(server, payout.id)


def test_a_person_says_failed_and_it_never_was(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
) -> None:
    payout = unknown(server, people, berlin, stopped_clock, acted=False)
    with pytest.raises(StillUnderWay):
        services.mark_failed(payout.id, "never made", people.made)
    stopped_clock.forward(minutes=3)
    server.fail("status", path="/v1/transfers", times=2)
    with pytest.raises(ProviderAway):
        services.mark_failed(payout.id, "never made", people.made)
    services.mark_failed(payout.id, "never made", people.made)
    assert (fresh(payout.id).status, owed(berlin.id)) == (PayoutStatus.FAILED, AMOUNT)
    assert_paid_once(server, sent(people, berlin).id)


def test_people_do_not_speak_for_a_provider_that_can(
    server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
) -> None:
    server.fail("status", path="/v1/transfers", method="POST", times=2)
    payout = sent(people, berlin)
    with pytest.raises(NotByHand):
        services.mark_paid(payout.id, "ref", people.made)
    with pytest.raises(NotByHand):
        services.mark_failed(payout.id, "no", people.made)


class TestTakenBack:
    def test_by_reversal(self, server: StripeServer, berlin: Workshop, people: Admins) -> None:
        payout = sent(people, berlin)
        services.mark_returned(payout.id, "Paid to the wrong bench", people.made)
        assert fresh(payout.id).status is PayoutStatus.RETURNED
        assert (owed(berlin.id), clearing(), booked()) == (AMOUNT, 0, ["payout", "payout-returned"])
        assert transfers(server)[0]["reversed"]
        with pytest.raises(IllegalTransition):
            services.mark_returned(payout.id, "again", people.made)
        assert breaches() == []

    @pytest.mark.parametrize("kind", ["lost", "status"])
    def test_through_a_bad_line(
        self, server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands, kind: str
    ) -> None:
        payout = sent(people, berlin)
        stopped_clock.forward(minutes=1)
        server.fail(kind, path="/v1/transfers/", method="POST", times=2)
        with pytest.raises(ProviderAway):
            services.mark_returned(payout.id, "Paid to the wrong bench", people.made)
        assert fresh(payout.id).status is PayoutStatus.PAID
        server.kept.clear()  # even when the key is forgotten
        assert later(stopped_clock) == 1
        assert (fresh(payout.id).status, booked()) == (PayoutStatus.RETURNED, ["payout", "payout-returned"])
        assert transfers(server)[0]["amount_reversed"] == AMOUNT * 100
        assert fresh(payout.id).reason == "Paid to the wrong bench"

    def test_what_was_spent_stays_paid(self, server: StripeServer, berlin: Workshop, people: Admins) -> None:
        payout = sent(people, berlin)
        server.accounts[account_of(berlin.id).external_id]["spent"] = True
        with pytest.raises(ProviderRefused):
            services.mark_returned(payout.id, "Paid to the wrong bench", people.made)
        payout = fresh(payout.id)
        assert (payout.status, payout.returning_at, booked()) == (PayoutStatus.PAID, None, ["payout"])

    def test_somebody_reversed_it_in_the_dashboard_before_we_knew_that_it_was_paid(
        self, server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
    ) -> None:
        server.fail("lost", path="/v1/transfers", method="POST", times=2)
        payout = sent(people, berlin)
        (transfer,) = transfers(server)
        transfer.update(reversed=True, amount_reversed=transfer["amount"])
        later(stopped_clock)
        assert fresh(payout.id).status is PayoutStatus.RETURNED
        assert (owed(berlin.id), booked()) == (AMOUNT, ["payout", "payout-returned"])


class TestTheProviderItself:
    @pytest.fixture
    def facts(self, server: StripeServer, berlin: Workshop) -> PayoutFacts:
        name = account_of(berlin.id).external_id
        return PayoutFacts(7, "a-random-key", 1, 41, Money(AMOUNT, "IDR"), name, None)

    @pytest.fixture
    def provider(self, server: StripeServer, app: Flask) -> StripeProvider:
        found: StripeProvider = app.extensions["payout_providers"]["stripe"]
        return found

    def test_the_same_facts_act_once(self, server: StripeServer, provider: StripeProvider, facts: PayoutFacts) -> None:
        assert provider.find(facts) is None
        first, second = provider.send(facts), provider.send(facts)
        assert first == second == provider.find(facts)
        assert first.said is PayoutSaid.PAID
        assert len(server.transfers) == 1

    def test_a_label_that_others_use_too(
        self, server: StripeServer, provider: StripeProvider, facts: PayoutFacts
    ) -> None:
        server.page_limit = 1
        for _ in range(2):
            stripe_connect.transfer_of_another(server, facts.group, facts.account)
        assert provider.find(facts) is None
        sent = provider.send(facts)
        stripe_connect.transfer_of_another(server, facts.group, facts.account)
        assert provider.find(facts) == sent

    def test_an_answer_of_another_sum_or_account_is_none(
        self, server: StripeServer, provider: StripeProvider, facts: PayoutFacts
    ) -> None:
        provider.send(facts)
        (transfer,) = server.transfers.values()
        for change in ({"amount": 100}, {"amount": AMOUNT * 100 + 1}, {"destination": "acct_of_another"}):
            before = dict(transfer)
            transfer.update(change)
            with pytest.raises(ProcessorDown):
                provider.find(facts)
            transfer.update(before)

    def test_nothing_to_reverse(self, provider: StripeProvider, facts: PayoutFacts) -> None:
        with pytest.raises(Refused):
            provider.reverse(facts, facts.amount, "key")

    def test_its_mode_is_that_of_its_key(self) -> None:
        assert StripeProvider("sk_live_x").livemode
        assert StripeProvider("rk_live_x").livemode
        assert not StripeProvider("sk_test_x").livemode


def test_nothing_slow_inside_a_transaction(berlin: Workshop) -> None:
    with pytest.raises(RuntimeError, match="nothing slow"), transaction():
        services.refresh_account(berlin.id)


@pytest.mark.races
def test_eight_workers_send_one_transfer(
    app: Flask, server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
) -> None:
    server.fail("status", path="/v1/transfers", method="POST", times=2)
    payout_id = sent(people, berlin).id
    server.faults.clear()
    stopped_clock.forward(minutes=11)
    workers: list[Callable[[], object]] = [lambda: services.send_payout(payout_id), services.find_stuck]
    at_once(app, workers * 4)
    assert_paid_once(server, payout_id)
    assert len(acts("payout.paid")) == 1


@pytest.mark.races
def test_sent_again_against_said_to_have_failed(
    app: Flask, server: StripeServer, berlin: Workshop, people: Admins, stopped_clock: Hands
) -> None:
    """One of the two wins: either it is paid and booked, or it is open again and was never made."""
    payout_id = unknown(server, people, berlin, stopped_clock, acted=False).id
    stopped_clock.forward(minutes=3)

    def told(act: Callable[[], object]) -> str:
        try:
            act()
        except DomainError as error:
            return type(error).__name__
        return "done"

    again = partial(told, lambda: services.send_again(payout_id, people.made))
    failed = partial(told, lambda: services.mark_failed(payout_id, "never made", people.wayan))
    at_once(app, [again, failed] * 3)
    if fresh(payout_id).status is PayoutStatus.PAID:
        assert_paid_once(server, payout_id)
    else:
        assert (fresh(payout_id).status, transfers(server), booked()) == (PayoutStatus.FAILED, [], [])
        assert owed(berlin.id) == AMOUNT

"""The process is aborted before and after every commit and every call outside: nothing is paid twice or lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.ledger import accounts
from marketplace.ledger import queries as books
from marketplace.notifications import services as outbox
from marketplace.notifications.models import Mail
from marketplace.payouts import services
from marketplace.payouts.models import Payout, PayoutAccount, PayoutRun, PayoutStatus
from marketplace.payouts.providers import MANUAL, STRIPE
from marketplace.payouts.providers.stripe import StripeProvider
from tests.conftest import _empty
from tests.factories.payouts import Admins, admins, earned, workshop
from tests.factories.workshops import WorkshopFactory
from tests.fakes import stripe_connect
from tests.fakes.stripe_server import StripeServer
from tests.payments.dying import Killed, dying, start_again

from .conftest import breaches, owed

AMOUNT = 3_180_000
LONGEST = 60  # more boundaries than any story has
CALLS = ("send", "find", "reverse")


class Friday:
    """One workshop, one run: what people press, in order, and what is left to press after a crash."""

    def __init__(self, app: Flask, provider: str, server: StripeServer | None = None) -> None:
        db.session.remove()
        _empty(app)
        self.provider, self.server = provider, server
        self.people: Admins = admins()
        self.ident = int((workshop() if server is None else self._berlin(server)).id)
        earned(self.ident, AMOUNT, livemode=True)

    def _berlin(self, server: StripeServer) -> Any:
        server.reset()
        row = WorkshopFactory()
        services.open_account(row.id, "DE", self.people.sari)
        (account,) = server.accounts
        stripe_connect.prove(server, account)
        services.refresh_account(row.id)
        stripe_connect.fund(server, AMOUNT * 1_000)
        return row

    def run(self) -> PayoutRun | None:
        db.session.rollback()
        query = sa.select(PayoutRun).order_by(PayoutRun.id.desc()).execution_options(populate_existing=True)
        return db.session.scalar(query.limit(1))

    def payout(self) -> Payout:
        db.session.rollback()
        query = sa.select(Payout).order_by(Payout.id.desc()).execution_options(populate_existing=True)
        return db.session.scalars(query.limit(1)).one()

    def press_on(self) -> bool:
        """Whatever is next by the rows; False when the money has left."""
        run = self.run()
        if run is None:
            services.prepare_run([self.ident], self.people.sari, livemode=True, provider=self.provider)
        elif run.approved_at is None:
            services.approve_run(run.id, self.people.made)
        elif run.sent_at is None:
            services.send_run(run.id, self.people.sari)
        elif self.payout().status is PayoutStatus.PAID:
            return False
        elif self.provider == MANUAL:
            services.bank_file(run.id, self.people.sari)
            services.mark_paid(self.payout().id, "FT1", self.people.sari)
        else:
            return False
        return True

    def live(self) -> None:
        while self.press_on():
            pass

    def take_back(self) -> None:
        if self.payout().status is PayoutStatus.PAID:
            services.mark_returned(self.payout().id, "closed", self.people.made)


@pytest.fixture(autouse=True)
def _mails_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "enqueue", lambda *_args: None)


@pytest.fixture(scope="module")
def live_process() -> Iterator[StripeServer]:
    with StripeServer(livemode=True) as server:
        yield server


@pytest.fixture
def provider(live_process: StripeServer, app: Flask) -> Iterator[StripeProvider]:
    found = StripeProvider("sk_live_of_the_stand_in", live_process.url, timeout=(1, 2), retries=0)
    app.extensions["payout_providers"][STRIPE] = found
    yield found
    del app.extensions["payout_providers"][STRIPE]


def each_death(
    make: Callable[[], Friday], story: Callable[[Friday], None], provider: StripeProvider | None
) -> Iterator[tuple[Friday, str]]:
    """The story, killed at its first boundary, its second … until it lives; what is left each time."""
    for fatal in range(1, LONGEST):
        friday = make()
        with dying(fatal, provider, CALLS if provider is not None else ()) as boundaries:
            try:
                story(friday)
            except Killed:
                start_again()
        yield friday, f"{fatal}: {boundaries.names[-1]}"
        if len(boundaries.names) < fatal:
            assert fatal > 8
            return
    raise AssertionError("the story never lived to its end")


def assert_paid_once(friday: Friday, where: str) -> None:
    db.session.rollback()
    assert owed(friday.ident) == 0, where
    paid_from = accounts.BANK if friday.server is None else accounts.clearing(STRIPE)
    assert books.balance(paid_from, "IDR").amount == -AMOUNT, where
    assert friday.payout().status is PayoutStatus.PAID, where
    assert len(db.session.scalars(sa.select(Payout.id)).all()) == 1, where
    assert db.session.scalars(sa.select(Mail.template)).all() == ["payout_paid"], where
    assert breaches() == [], where
    if friday.server is not None:
        assert len(friday.server.transfers) == 1, where
        assert friday.server.findings == [], where


def test_dying_at_every_step_of_a_bank_run(app: Flask) -> None:
    for friday, where in each_death(lambda: Friday(app, MANUAL), Friday.live, None):
        friday.live()
        assert_paid_once(friday, where)


def test_dying_at_every_step_of_a_transfer(
    app: Flask, provider: StripeProvider, live_process: StripeServer, stopped_clock: Hands
) -> None:
    names = set()
    for friday, where in each_death(lambda: Friday(app, STRIPE, live_process), Friday.live, provider):
        names.add(where.partition(": ")[2])
        for _ in range(2):
            friday.live()
            stopped_clock.forward(minutes=11)
            services.find_stuck()
        assert_paid_once(friday, where)
    assert {"before send", "after send", "before commit", "after commit"} <= names


def test_dying_at_every_step_of_the_search_for_what_is_stuck(
    app: Flask, provider: StripeProvider, live_process: StripeServer, stopped_clock: Hands
) -> None:
    """The answer was lost; the sweep that looks it up dies too, and the next one finishes."""
    for acted in (True, False):

        def stuck(acted: bool = acted) -> Friday:
            friday = Friday(app, STRIPE, live_process)
            live_process.fail("lost" if acted else "status", path="/v1/transfers", method="POST")
            friday.live()
            live_process.faults.clear()
            assert friday.payout().status is PayoutStatus.SENDING
            stopped_clock.forward(minutes=11)
            return friday

        for fatal in range(1, LONGEST):
            friday = stuck()
            with dying(fatal, provider, CALLS if provider is not None else ()) as boundaries:
                try:
                    services.find_stuck()
                except Killed:
                    start_again()
            for _ in range(2):
                stopped_clock.forward(minutes=11)
                services.find_stuck()
            assert_paid_once(friday, f"{fatal}: {boundaries.names[-1]}")
            if len(boundaries.names) < fatal:
                break


def test_dying_at_every_step_of_taking_back(
    app: Flask, provider: StripeProvider, live_process: StripeServer, stopped_clock: Hands
) -> None:
    def paid() -> Friday:
        friday = Friday(app, STRIPE, live_process)
        friday.live()
        stopped_clock.forward(minutes=11)
        return friday

    for fatal in range(1, LONGEST):
        friday = paid()
        with dying(fatal, provider, CALLS if provider is not None else ()) as boundaries:
            try:
                friday.take_back()
            except Killed:
                start_again()
        stopped_clock.forward(minutes=11)
        services.find_stuck()
        friday.take_back()  # a person whose press was lost presses again
        where = f"{fatal}: {boundaries.names[-1]}"
        (transfer,) = live_process.transfers.values()
        assert transfer["amount_reversed"] == AMOUNT * 100, where
        assert friday.payout().status is PayoutStatus.RETURNED, where
        assert owed(friday.ident) == AMOUNT, where
        assert books.balance(accounts.clearing(STRIPE), "IDR").amount == 0, where
        assert breaches() == [], where
        if len(boundaries.names) < fatal:
            break
    assert fatal > 5


def test_dying_while_an_account_is_opened_opens_one(
    app: Flask, provider: StripeProvider, live_process: StripeServer
) -> None:
    for fatal in range(1, LONGEST):
        db.session.remove()
        _empty(app)
        live_process.reset()
        people, ident = admins(), WorkshopFactory().id
        with dying(fatal, provider, ["open_account"]) as boundaries:
            try:
                services.open_account(ident, "DE", people.sari)
            except Killed:
                start_again()
        services.open_account(ident, "DE", people.sari)
        account = db.session.scalars(sa.select(PayoutAccount)).one()
        assert list(live_process.accounts) == [account.external_id]
        if len(boundaries.names) < fatal:
            break
    assert fatal == 7

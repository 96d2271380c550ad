"""Any sequence of earnings, debts and payouts: the balance is the books', no payout is negative or above it."""

from __future__ import annotations

from contextlib import suppress

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.core.db import db
from marketplace.core.errors import DomainError
from marketplace.payouts import services
from marketplace.payouts.models import RUNNING_PAYOUTS, Payout, PayoutRun, PayoutStatus
from marketplace.workshops.services import clear_bank_problem
from tests.factories.payouts import Admins, earned, workshop

from .conftest import breaches, owed

AMOUNTS = st.integers(1, 3_000_000)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["earn", "earn test", "debt"]), AMOUNTS),
    st.tuples(
        st.sampled_from(["prepare", "approve", "send", "paid", "failed", "returned", "cancel", "hold", "release"]),
        st.just(0),
    ),
)


class Walk:
    """What a workshop should be owed, kept in one number beside the shop."""

    def __init__(self, people: Admins) -> None:
        self.people, self.ident = people, workshop().id
        self.expected = 0

    def step(self, act: str, amount: int) -> None:
        with suppress(DomainError):  # refused: then nothing may have changed
            getattr(self, act.replace(" ", "_"))(amount)

    def earn(self, amount: int) -> None:
        earned(self.ident, amount, livemode=True)
        self.expected += amount

    def earn_test(self, amount: int) -> None:
        earned(self.ident, amount)
        self.expected += amount

    def debt(self, amount: int) -> None:
        earned(self.ident, -amount, livemode=True)
        self.expected -= amount

    def prepare(self, _amount: int) -> None:
        services.prepare_run([self.ident], self.people.sari, livemode=True)

    def approve(self, _amount: int) -> None:
        services.approve_run(self.newest_run(), self.people.made)

    def send(self, _amount: int) -> None:
        run_id = self.newest_run()
        services.send_run(run_id, self.people.sari)
        for payout in self.payouts(PayoutStatus.SENDING):
            if payout.run_id == run_id:
                assert payout.amount <= self.live_balance()

    def paid(self, _amount: int) -> None:
        for payout in self.payouts(PayoutStatus.SENDING):
            services.mark_paid(payout.id, "ref", self.people.sari)
            self.expected -= payout.amount

    def failed(self, _amount: int) -> None:
        for payout in self.payouts(PayoutStatus.SENDING):
            services.mark_failed(payout.id, "closed", self.people.made)
            clear_bank_problem(self.ident, self.people.made, "right after all")

    def returned(self, _amount: int) -> None:
        for payout in self.payouts(PayoutStatus.PAID):
            services.mark_returned(payout.id, "closed", self.people.made)
            clear_bank_problem(self.ident, self.people.made, "right after all")
            self.expected += payout.amount

    def cancel(self, _amount: int) -> None:
        services.cancel_run(self.newest_run(), "not today", self.people.made)

    def hold(self, _amount: int) -> None:
        services.hold_payouts(self.ident, "a complaint", self.people.made)

    def release(self, _amount: int) -> None:
        services.release_payouts(self.ident, "settled", self.people.made)

    def newest_run(self) -> int:
        query = sa.select(PayoutRun.id).join(Payout, Payout.run_id == PayoutRun.id)
        found = db.session.scalar(query.where(Payout.workshop_id == self.ident).order_by(PayoutRun.id.desc()).limit(1))
        if found is None:
            raise DomainError
        return found

    def payouts(self, *statuses: PayoutStatus) -> list[Payout]:
        db.session.rollback()
        query = sa.select(Payout).where(Payout.workshop_id == self.ident).order_by(Payout.id)
        rows = db.session.scalars(query.execution_options(populate_existing=True)).all()
        return [row for row in rows if not statuses or row.status in statuses]

    def live_balance(self) -> int:
        query = """select coalesce(-sum(e.amount), 0) from ledger_entries e join ledger_txns t on t.id = e.txn_id
            where e.account = :account and t.livemode"""
        db.session.rollback()
        return int(db.session.scalar(sa.text(query), {"account": f"seller:{self.ident}"}))

    def check(self) -> None:
        assert owed(self.ident) == self.expected
        running = self.payouts(*RUNNING_PAYOUTS)
        assert len(running) <= 1
        assert all(payout.amount > 0 and payout.livemode for payout in self.payouts())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=25))
def test_any_walk(app: Flask, people: Admins, steps: list[tuple[str, int]]) -> None:
    walk = Walk(people)
    for act, amount in steps:
        walk.step(act, amount)
        walk.check()
    assert breaches() == []

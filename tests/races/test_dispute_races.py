"""Disputes, earning and reconciliation at one instant, on both engines: one outcome, booked once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.errors import DomainError
from marketplace.core.money import Money
from marketplace.orders.models import SellerOrderStatus as Part
from marketplace.payments import services as payments
from marketplace.payments.models import Bearer, DemoMovement, Difference, Refund, RefundOrigin
from marketplace.payments.processors.demo import balance as demo_balance
from marketplace.payments.processors.demo import disputes as demo_disputes
from marketplace.payments.services import RefundWish
from marketplace.payouts.check import check
from tests.factories.accounts import UserFactory
from tests.payments.delivering import balances, keys, mark_delivered
from tests.payments.disputing import Court, charge_of, demo_court, dispute_of
from tests.races.test_checkout_races import at_once

pytestmark = pytest.mark.races


@pytest.fixture
def court(app: Flask) -> Court:
    return demo_court(app)


def untold(charge: str) -> str:
    """A dispute of which the shop has heard nothing yet."""
    name = demo_disputes.open_dispute(charge)
    db.session.rollback()
    return name


def tried(act: Callable[[], object]) -> Callable[[], bool]:
    """Whether it was done; a refusal is an answer."""

    def run() -> bool:
        try:
            act()
        except DomainError:
            return False
        return True

    return run


def test_eight_messages_and_four_sweeps_at_once(app: Flask, court: Court, stopped_clock: Hands) -> None:
    """Earned before the dispute or held by it: never both, never twice."""
    placed = court.buys()
    mark_delivered(placed.parts)
    stopped_clock.forward(days=4)
    name = untold(charge_of(placed))
    at_once(app, [lambda: payments.settle_dispute("demo", name)] * 8 + [payments.earn_due] * 4)
    row = dispute_of(name)
    assert keys("dispute") == [f"dispute-withdrawn:{row.id}", f"dispute-fee:{row.id}"]
    (part,) = placed.parts
    assert keys("earn:") == ([f"earn:{part.id}"] if part.status is Part.EARNED else [])
    assert check() == []


def test_two_admins_decide_differently(app: Flask, court: Court) -> None:
    placed = court.buys()
    name = court.sues(charge_of(placed))
    court.shop_loses(name)
    dispute_id, by = court.learns(name).id, UserFactory().id

    def decide(bearer: Bearer) -> Callable[[], bool]:
        return tried(lambda: payments.decide_lost(dispute_id, bearer, by, "because"))

    done = at_once(app, [decide(Bearer.WORKSHOP), decide(Bearer.COLLECTIVE)] * 3)
    assert sum(done) == 3  # one word, said three times
    assert "dispute_hold USD" not in balances()
    assert check() == []


def test_a_refund_and_a_dispute_at_once(app: Flask, court: Court) -> None:
    placed = court.buys()
    name, by, part_id = untold(charge_of(placed)), UserFactory().id, placed.parts[0].id

    def refund() -> int:
        wish = RefundWish(part_id, "at once", amount=Money(7100, "USD"))
        return payments.request_refund(wish, origin=RefundOrigin.ADMIN, by=by)

    at_once(app, [tried(refund), lambda: bool(payments.settle_dispute("demo", name))] * 3)
    assert balances()["dispute_hold USD"] == 7100
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Refund)) in (0, 1)
    assert check() == []


def test_evidence_goes_out_once(app: Flask, court: Court) -> None:
    placed = court.buys()
    name, by = court.sues(charge_of(placed)), UserFactory().id
    dispute_id = court.learns(name).id
    done = at_once(app, [tried(lambda: payments.submit_evidence(dispute_id, by))] * 4)
    assert any(done)
    facts = db.session.scalars(sa.select(DemoMovement.facts).filter_by(external_id=name)).one()
    assert facts["evidence_key"] == f"evidence-{name}-0"
    assert dispute_of(name).submitted_at is not None


def test_four_reconciliations_at_once(app: Flask, court: Court, stopped_clock: Hands) -> None:
    placed = court.buys()
    untold(charge_of(placed))
    demo_balance.pay_our_bank(2000, "USD")
    stopped_clock.forward(hours=1)
    done = at_once(app, [payments.reconcile] * 4)
    assert all(min(steps.values()) >= 0 for steps in done), done
    assert len(keys("settle:")) == 1
    assert balances()["bank USD"] == 2000
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Difference)) == 0
    assert check() == []

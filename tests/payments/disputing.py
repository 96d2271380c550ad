"""Buyers' banks at each processor, behind one set of words; and orders that were paid there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.audit.models import AuditRow
from marketplace.core.db import db
from marketplace.payments import services as payments
from marketplace.payments.models import (
    Difference,
    Dispute,
    PaymentAttempt,
    Refund,
    RefundOrigin,
)
from marketplace.payments.processors import PaymentProcessor
from marketplace.payments.processors.demo import disputes as demo_disputes
from marketplace.payouts.check import check
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.fakes import stripe_disputes
from tests.fakes.stripe_server import StripeServer

from .conftest import Bank, demo_bank, stripe_bank
from .delivering import balances
from .placing import Placed, place


@dataclass
class Court:
    """What banks do in a dispute. `sues` answers with the dispute's name at the processor."""

    bank: Bank
    sues: Callable[..., str]
    escalates: Callable[[str], Any]
    gives_up: Callable[[str], Any]  # an inquiry ends without money
    shop_wins: Callable[[str], Any]
    shop_loses: Callable[[str], Any]

    @property
    def processor(self) -> PaymentProcessor:
        return self.bank.processor

    @property
    def clearing(self) -> str:
        return f"clearing:{self.processor.name}"

    def buys(self, *variants: Any, **facts: Any) -> Placed:
        """An order that was paid here, and settled."""
        placed = place(*variants, **facts)
        placed.start()
        self.bank.approve(placed.page)
        payments.settle(placed.attempt.key)
        return placed

    def learns(self, name: str) -> Dispute:
        """The shop asks about a dispute; our row of it."""
        payments.settle_dispute(self.processor.name, name)
        return dispute_of(name)


def demo_court(app: Flask) -> Court:
    return Court(
        demo_bank(app),
        sues=demo_disputes.open_dispute,
        escalates=demo_disputes.escalate,
        gives_up=lambda name: demo_disputes.decide(name, won=True),
        shop_wins=lambda name: demo_disputes.decide(name, won=True),
        shop_loses=lambda name: demo_disputes.decide(name, won=False),
    )


def stripe_court(app: Flask, server: StripeServer) -> Court:
    return Court(
        stripe_bank(app, server),
        sues=lambda charge, **how: stripe_disputes.open_dispute(server, charge, **how),
        escalates=lambda name: stripe_disputes.escalate(server, name),
        gives_up=lambda name: stripe_disputes.close_inquiry(server, name),
        shop_wins=lambda name: stripe_disputes.win(server, name),
        shop_loses=lambda name: stripe_disputes.lose(server, name),
    )


@pytest.fixture(params=["demo", "stripe"])
def court(request: pytest.FixtureRequest) -> Court:
    if request.param == "demo":
        return demo_court(request.getfixturevalue("app"))
    return stripe_court(request.getfixturevalue("stripe_app"), request.getfixturevalue("stripe_server"))


def dispute_of(name: str) -> Dispute:
    db.session.rollback()
    query = sa.select(Dispute).filter_by(external_id=name).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def charge_of(placed: Placed) -> str:
    """The processor's name of the first payment of this order."""
    query = sa.select(PaymentAttempt.charge_id).filter_by(order_id=placed.order_id).order_by(PaymentAttempt.id)
    charge = db.session.scalars(query).first()
    db.session.rollback()
    assert charge
    return charge


@pytest.fixture(autouse=True)
def books_fit(court: Court) -> Iterator[None]:
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

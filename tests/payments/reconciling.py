"""What tests of the reconciliation share: the hands of one clock, what is planted, and what is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.money import Money
from marketplace.ledger import accounts
from marketplace.ledger.models import Kind
from marketplace.ledger.services import credit, debit, post
from marketplace.payments import services as payments
from marketplace.payments.models import (
    DemoSession,
    Difference,
)
from marketplace.payments.processors.demo import balance as demo_balance
from tests.factories.accounts import UserFactory
from tests.fakes import stripe_balance
from tests.fakes.stripe_server import StripeServer

from .disputing import Court


@pytest.fixture(autouse=True)
def one_clock(request: pytest.FixtureRequest, stopped_clock: Hands) -> Iterator[None]:
    """The stand-in's time is the shop's, so that lines stand where the test moves the hands."""
    if "stripe" not in str(request.node.name) and "stripe_app" not in request.fixturenames:
        yield
        return
    server: StripeServer = request.getfixturevalue("stripe_server")
    before, server._clock = server._clock, lambda: clock.now().timestamp()
    yield
    server._clock = before


@pytest.fixture
def admin(court: Court) -> int:
    return int(UserFactory(full_name="Made Sutami").id)


def later(hands: Hands, **amount: float) -> None:
    hands.forward(**(amount or {"hours": 1}))


def kinds() -> list[str]:
    db.session.rollback()
    query = sa.select(Difference.kind).where(Difference.settled_at.is_(None)).order_by(Difference.id)
    return list(db.session.scalars(query))


def comparison() -> int:
    """Reconcile; how much differs. No step may fail."""
    done = payments.reconcile()
    assert min(done.values()) >= 0, done
    return done["comparison"]


def forget(court: Court, charge: str) -> None:
    """The processor's list loses a charge."""
    if court.processor.name == "stripe":
        server = server_of(court)
        stripe_balance.forget(server, charge)
    else:
        db.session.execute(sa.update(DemoSession).where(DemoSession.charge_id == charge).values(status="failed"))
        db.session.commit()


def server_of(court: Court) -> StripeServer:
    server: StripeServer = court.bank.approve.__self__  # type: ignore[attr-defined]
    return server


def pay_our_bank(court: Court, amount: int) -> str:
    if court.processor.name == "stripe":
        return stripe_balance.pay_our_bank(server_of(court), amount, "usd")
    return demo_balance.pay_our_bank(amount, "USD")


def stray_charge(court: Court) -> str:
    if court.processor.name == "stripe":
        server = server_of(court)
        return str(stripe_balance.add_line(server, "charge", 9900, "usd", "ch_stray", fee=300)["source"])
    now = clock.now()
    page = DemoSession(
        external_id="demo_stray",
        key="stray",
        amount=9900,
        currency="USD",
        status="paid",
        fee_amount=300,
        charge_id="ch_stray",
        paid_at=now,
        return_url="",
        cancel_url="",
        expires_at=now,
        created_at=now,
    )
    db.session.add(page)
    db.session.commit()
    return "ch_stray"


def hide(court: Court, charge: str) -> Callable[[], Any]:
    """Take a charge off the processor's list; calling the answer puts it back."""
    if court.processor.name == "stripe":
        server = server_of(court)
        kept = dict(server.balance)
        stripe_balance.forget(server, charge)
        return lambda: server.balance.update(kept)

    def show() -> None:
        db.session.execute(sa.update(DemoSession).where(DemoSession.charge_id == charge).values(status="paid"))
        db.session.commit()

    forget(court, charge)
    return show


def book(court: Court, kind: Kind, subject: int | str) -> None:
    with transaction():
        sides = [debit(accounts.PROCESSOR_FEES, Money(5, "USD")), credit(court.clearing, Money(5, "USD"))]
        post(kind, subject, sides, livemode=False)

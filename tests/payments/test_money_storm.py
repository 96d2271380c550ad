"""All messages of an order's money, twenty times each and in any order: the rows and the books end the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.tasks import sweep
from marketplace.payments.models import Dispute, DisputeStatus, Refund, RefundStatus
from marketplace.payments.queries.differences import open_differences
from marketplace.payouts.check import check
from tests.fakes import stripe_disputes
from tests.fakes.stripe_refunds import refund_fails, refund_in_dashboard
from tests.fakes.stripe_server import StripeServer

from .delivering import balances
from .placing import place
from .refunding import ask, wish
from .test_webhooks import post

Event = dict[str, Any]
ORDERS: dict[str, Callable[[list[Event]], list[Event]]] = {
    "as they came": lambda events: [event for event in events for _ in range(20)],
    "round after round": lambda events: events * 20,
    "backwards": lambda events: events[::-1] * 20,
    "shuffled": lambda events: random.Random(8).sample(events * 20, len(events) * 20),
    "each once, backwards": lambda events: events[::-1],
}


def live(server: StripeServer) -> None:
    """Paid; a refund that arrives, one that comes back, one from the dashboard; then the bank takes the rest."""
    placed = place(currency="USD", quantity=2)
    placed.start()
    server.pay(placed.page)
    charge = str(server.intents[server.sessions[placed.page]["payment_intent"]]["latest_charge"])
    sweep()
    part = placed.parts[0]
    ask(wish(part, amount=1_000))
    ask(wish(part, amount=700))
    refund_fails(server, list(server.refunds)[-1])
    refund_in_dashboard(server, charge, 500)
    stripe_disputes.lose(server, stripe_disputes.open_dispute(server, charge, amount=3_000))


@pytest.mark.parametrize("order", ORDERS)
def test_a_storm_of_messages(order: str, stripe_app: Flask, stripe_server: StripeServer, stopped_clock: Hands) -> None:
    live(stripe_server)
    stopped_clock.forward(hours=7)  # all of it is late
    stripe_server.deliver = lambda body, headers: post(stripe_app, body, headers)
    for event in ORDERS[order](list(stripe_server.events)):
        assert stripe_server.send(event) < 300
    sweep()
    db.session.rollback()
    refunds = db.session.scalars(sa.select(Refund).order_by(Refund.amount)).all()
    assert [(refund.amount, refund.status) for refund in refunds] == [
        (500, RefundStatus.SUCCEEDED),
        (700, RefundStatus.FAILED),
        (1_000, RefundStatus.SUCCEEDED),
    ]
    (dispute,) = db.session.scalars(sa.select(Dispute)).all()
    assert (dispute.status, dispute.withdrawn_amount) == (DisputeStatus.LOST, 3_000)
    assert check() == []
    assert open_differences() == []
    assert balances()["clearing:stripe USD"] == sum(line["net"] for line in stripe_server.balance.values())

"""The process dies between any two steps of what money does after it was paid: refunds, earning, disputes.

People try again what they could not finish, the shop sweeps and compares itself with the processor; then nothing was
paid or given back twice, nothing was lost, and the books balance. Sales: tests/payments/test_crashes.py; payouts:
tests/payouts/test_crashes.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Variant
from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.errors import IllegalTransition
from marketplace.core.tasks import sweep
from marketplace.ledger import queries as ledger
from marketplace.notifications import services as outbox
from marketplace.orders import services as orders
from marketplace.orders.models import SellerOrder
from marketplace.orders.models import SellerOrderStatus as Part
from marketplace.payments import services as payments
from marketplace.payments import sweepers
from marketplace.payments.models import (
    Bearer,
    DemoMovement,
    Dispute,
    DisputeStatus,
    Refund,
    RefundOrigin,
    RefundStatus,
)
from marketplace.payments.processors import Meaning, Notice
from marketplace.payments.queries.differences import open_differences
from marketplace.payments.services.events import store
from marketplace.payouts.check import check
from tests.books.profiles import IS_LONG
from tests.factories.accounts import AdminFactory
from tests.factories.catalog import VariantFactory
from tests.fakes.stripe_server import StripeServer

from .delivering import post_parcels
from .disputing import Court, charge_of, court
from .dying import Killed, dying, elsewhere, start_again
from .placing import Placed, stock_of
from .refunding import wish

__all__ = ["court"]

# What a processor sees of these was killed in the stories before: in `make test` the demo's few calls are enough.
COURTS = pytest.mark.parametrize("court", ["demo", "stripe"] if IS_LONG else ["demo"], indirect=True)

LONGEST = 80  # more boundaries than any story has
CALLS = ("start", "fetch", "cancel", "refund", "find_refund", "fetch_refund", "fetch_dispute")
KINDS = {
    ("demo", Meaning.REFUND): "refund.created",
    ("demo", Meaning.DISPUTE): "dispute.updated",
    ("stripe", Meaning.REFUND): "refund.updated",
    ("stripe", Meaning.DISPUTE): "charge.dispute.updated",
}


@pytest.fixture(autouse=True)
def _worker_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails are sent by another process, which does not die."""
    monkeypatch.setattr(outbox, "enqueue", lambda *_args: None)


@pytest.fixture(autouse=True)
def _one_clock(request: pytest.FixtureRequest, stopped_clock: Hands) -> Iterator[None]:
    """The stand-in's time is the shop's: both move by hand."""
    if "stripe" not in str(request.node.name):
        yield
        return
    server: StripeServer = request.getfixturevalue("stripe_server")
    before, server._clock = server._clock, lambda: stopped_clock.moment.timestamp()
    yield
    server._clock = before


class Story:
    """One order of two workshops, paid; `press` is what people and messages do, repeated until it is done."""

    def __init__(self, court: Court, hands: Hands) -> None:
        self.court, self.hands = court, hands
        self.admin = int(AdminFactory().id)
        rings = [VariantFactory(stock=6).id for _ in range(2)]
        self.placed: Placed = court.buys(*[db.session.get_one(Variant, ring) for ring in rings], quantity=2)
        self.lawsuit, self.was_paid_on_top = "", False

    @property
    def parts(self) -> list[SellerOrder]:
        return self.placed.parts

    def stock(self) -> list[int]:
        """What is left of the ring of each part; six were there, two were sold."""
        query = sa.text("select variant_id from lines where seller_order_id = :part")
        return [stock_of(db.session.scalars(query, {"part": part.id}).one()) for part in self.parts]

    def made_there(self) -> list[int]:
        """The refunds that the processor has made for this order, in its own words."""
        charge = charge_of(self.placed)
        if self.court.processor.name == "stripe":
            server: StripeServer = self.court.bank.approve.__self__  # type: ignore[attr-defined]
            return [r["amount"] for r in server.refunds.values() if r["charge"] == charge and r["status"] != "failed"]
        query = sa.text(
            "select m.amount from demo_movements m join demo_sessions s on s.id = m.session_id "
            "where m.kind = 'refund' and m.status <> 'failed' and s.charge_id = :charge"
        )
        amounts = list(db.session.scalars(query, {"charge": charge}))
        db.session.rollback()
        return amounts

    def refunds(self) -> list[Refund]:
        db.session.rollback()
        query = sa.select(Refund).where(Refund.attempt_id == self.placed.attempt_id).order_by(Refund.id)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    def message(self, meaning: Meaning, external_id: str) -> None:
        """The processor's message of it, stored once and acted on."""
        kind = KINDS[self.court.processor.name, meaning]
        notice = Notice(f"evt_{external_id}_{self.placed.order_id}", kind, False, "", external_id, meaning)
        payments.handle_event(store(self.court.processor, notice, b"{}"))


Press = Callable[[Story], None]
Assertion = Callable[[Story, str], None]


def die_everywhere(court: Court, hands: Hands, press: Press, expected: Assertion) -> set[str]:
    """Tell the story once for each place where it can die; the names of these places."""
    names = set[str]()
    for fatal in range(1, LONGEST):
        story = Story(court, hands)
        with dying(fatal, type(court.processor), CALLS) as boundaries:
            try:
                press(story)
            except Killed:
                start_again()
        where = f"{fatal}: {boundaries.names[-1]}"
        names.update(boundaries.names)
        press(story)  # people try again
        for _minute in range(2):
            hands.forward(minutes=15)
            sweep_money()
        expected(story, where)
        assert check() == [], where
        if len(boundaries.names) < fatal:
            break
    assert fatal < LONGEST - 1
    done = {**sweep(), **payments.reconcile()}
    assert min(done.values()) >= 0, done
    assert open_differences() == []
    return names


def sweep_money() -> None:
    """What `sweep` does for payments; all of it is done once at the end of a story."""
    sweepers.demo_payments()
    sweepers.payment_messages()
    sweepers.payment_attempts()
    sweepers.refunds()
    sweepers.earnings()


def give_a_piece_back(story: Story) -> None:
    """A click on the seller's form, and the processor's message of it."""
    part = story.parts[0]
    line = db.session.scalars(sa.text(f"select id from lines where seller_order_id = {part.id}")).one()
    asked = wish(part, (line, 1), shipping=600, restock=True, request_key=f"form-{story.placed.order_id}")
    refund_id = payments.request_refund(
        asked, origin=RefundOrigin.WORKSHOP, by=story.admin, workshop_id=part.workshop_id
    )
    name = db.session.scalars(sa.select(Refund.external_id).where(Refund.id == refund_id)).one()
    if name is not None:
        story.message(Meaning.REFUND, name)


def test_dying_at_every_step_of_a_refund(court: Court, stopped_clock: Hands) -> None:
    def expected(story: Story, where: str) -> None:
        part, amount = story.parts[0], story.parts[0].items_amount // 2 + 600
        assert_went_back(story, part, amount, where)
        assert story.stock() == [5, 4], where

    names = die_everywhere(court, stopped_clock, give_a_piece_back, expected)
    assert {"before refund", "after refund", "before fetch_refund", "after commit"} <= names


def assert_went_back(story: Story, part: SellerOrder, amount: int, where: str) -> None:
    (refund,) = story.refunds()
    assert (refund.amount, refund.status) == (amount, RefundStatus.SUCCEEDED), where
    assert story.made_there() == [amount], where
    assert part.refunded_amount == amount, where


def refuse_a_parcel(story: Story) -> None:
    part = story.parts[1]
    if part.status is not Part.CANCELED:
        orders.refuse(part.id, "sold_in_shop", workshop_id=part.workshop_id, by=story.admin)


def test_dying_at_every_step_of_a_refused_parcel(court: Court, stopped_clock: Hands) -> None:
    def expected(story: Story, where: str) -> None:
        part = story.parts[1]
        assert_went_back(story, part, part.total_amount, where)
        assert story.stock() == [4, 6], where

    die_everywhere(court, stopped_clock, refuse_a_parcel, expected)


def pay_on_top(story: Story) -> None:
    """The buyer pays a second time, on a page that was still open."""
    attempts = story.placed.attempts
    if len(attempts) == 1:
        with transaction():
            payments.new_attempt(story.placed.order_id)
    second = story.placed.attempts[-1]
    if second.external_id is None:
        payments.start(second.id)
    second = story.placed.attempts[-1]
    assert second.external_id is not None
    if not story.was_paid_on_top:
        with elsewhere():
            story.court.bank.approve(second.external_id)
        story.was_paid_on_top = True
    payments.settle(second.key)


@COURTS
def test_dying_at_every_step_of_a_second_payment(court: Court, stopped_clock: Hands) -> None:
    def expected(story: Story, where: str) -> None:
        first, second = story.placed.attempts
        assert (first.is_applied, second.is_applied) == (True, False), where
        assert (first.refunded_amount, second.refunded_amount) == (0, second.amount), where
        query = sa.select(Refund).where(Refund.attempt_id == second.id).execution_options(populate_existing=True)
        (refund,) = db.session.scalars(query).all()
        assert (refund.origin, refund.status) == (RefundOrigin.UNAPPLIED, RefundStatus.SUCCEEDED), where
        assert refund.amount == second.amount, where

    die_everywhere(court, stopped_clock, pay_on_top, expected)


def deliver_and_earn(story: Story) -> None:
    waiting = [part for part in story.parts if part.status is Part.PAID]
    with elsewhere():
        post_parcels(waiting)
    for part in story.parts:
        with suppress(IllegalTransition):  # it was delivered before the crash
            orders.mark_delivered(part.id, actor_id=story.admin, reason="the courier says so")
    story.hands.forward(days=3)
    payments.earn_due()


@COURTS
def test_dying_at_every_step_of_earning(court: Court, stopped_clock: Hands) -> None:
    def expected(story: Story, where: str) -> None:
        parts = story.parts
        assert {part.status for part in parts} == {Part.EARNED}, where
        owed = [ledger.owed_to(part.workshop_id).amount for part in parts]
        assert owed == [part.payable_idr for part in parts], where
        assert story.placed.order.status == "closed", where

    die_everywhere(court, stopped_clock, deliver_and_earn, expected)


def lose_a_dispute(story: Story) -> None:
    """A bank takes the money and keeps it; the collective says that the workshops bear it."""
    if not story.lawsuit:
        with elsewhere():
            story.lawsuit = story.court.sues(charge_of(story.placed))
    story.message(Meaning.DISPUTE, story.lawsuit)
    query = sa.select(Dispute).where(Dispute.external_id == story.lawsuit).execution_options(populate_existing=True)
    dispute = db.session.scalars(query).one()
    if dispute.status is not DisputeStatus.LOST:
        with elsewhere():
            _loses(story)
        payments.settle_dispute(story.court.processor.name, story.lawsuit)
    payments.decide_lost(dispute.id, Bearer.WORKSHOP, story.admin, "nothing showed that it had arrived")


def _loses(story: Story) -> None:
    ended = db.session.scalar(sa.select(DemoMovement.status).where(DemoMovement.external_id == story.lawsuit))
    db.session.rollback()
    if ended != "lost":
        story.court.shop_loses(story.lawsuit)


@COURTS
def test_dying_at_every_step_of_a_lost_dispute(court: Court, stopped_clock: Hands) -> None:
    def expected(story: Story, where: str) -> None:
        (dispute,) = db.session.scalars(sa.select(Dispute).where(Dispute.external_id == story.lawsuit)).all()
        assert (dispute.status, dispute.borne_by) == (DisputeStatus.LOST, Bearer.WORKSHOP), where
        refunds = story.refunds()
        assert {(refund.origin, refund.status) for refund in refunds} == {
            (RefundOrigin.DISPUTE, RefundStatus.SUCCEEDED)
        }, where
        assert sum(refund.amount for refund in refunds) == story.placed.attempt.amount, where
        assert story.made_there() == [], where
        assert ledger.balance("dispute_hold", "USD").amount == 0, where

    die_everywhere(court, stopped_clock, lose_a_dispute, expected)

"""The process dies between any two steps of place → pay → settle; the shop starts again and sweeps (security.md 14).

What the process held is dropped, as the operating system would drop it, and the books balance after every story.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Variant
from marketplace.checkout import services as checkout
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.tasks import sweep
from marketplace.notifications import services as outbox
from marketplace.notifications.models import Mail, MailStatus
from marketplace.notifications.transport import mail_folder
from marketplace.orders.models import Order, OrderStatus, SellerOrder, SellerOrderStatus
from marketplace.payments import services as payments
from marketplace.payments.models import AttemptStatus, PaymentAttempt, ProcessorEvent
from marketplace.payments.processors import Meaning, Notice
from marketplace.payments.services.events import store
from marketplace.payouts.check import check
from tests.conftest import _empty
from tests.factories.orders import JAKARTA, MELBOURNE, fill, open_shop, piece, request_of, visitor
from tests.payments.conftest import Bank

from .dying import Killed, dying, elsewhere, start_again

STOCK = 3
LONGEST = 60  # more boundaries than any story has
CALLS = ("start", "fetch", "cancel")


class Sale:
    """One buyer, one ring; each step is what one request or one message does."""

    def __init__(self, bank: Bank) -> None:
        self.bank, self.ring = bank, piece(stock=STOCK)
        owner = visitor()
        fill(owner, (self.ring, 1))
        self.wish = request_of(owner, address=MELBOURNE if "USD" in bank.currencies else JAKARTA)
        self.was_approved = False

    def place_and_start(self) -> None:
        placed = checkout.place(self.wish)
        if placed.attempt_id is not None:
            payments.start(placed.attempt_id)

    def approve(self) -> None:
        """The bank's own act: it does not die with us."""
        with elsewhere():
            self.bank.approve(self.attempt().external_id or "")
        self.was_approved = True

    def tell(self) -> None:
        """The processor's message, and then the buyer's return."""
        payments.handle_event(self.store_event())
        payments.settle(self.attempt().key)

    def store_event(self) -> int:
        attempt = self.attempt()
        notice = Notice("evt_1", "page.paid", False, attempt.key, attempt.external_id or "", Meaning.CHECK)
        return store(self.bank.processor, notice, b"{}")

    def attempt(self) -> PaymentAttempt:
        db.session.rollback()
        query = sa.select(PaymentAttempt).order_by(PaymentAttempt.id.desc()).execution_options(populate_existing=True)
        return db.session.scalars(query).first()  # type: ignore[return-value]

    def order(self) -> Order | None:
        db.session.rollback()
        return db.session.scalar(sa.select(Order).execution_options(populate_existing=True))

    def stock(self) -> int:
        db.session.rollback()
        return int(db.session.scalars(sa.select(Variant.stock).where(Variant.id == self.ring)).one())


@pytest.fixture(autouse=True)
def _worker_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails are sent by another process (here: by the sweep), not inside the transaction's request."""
    monkeypatch.setattr(outbox, "enqueue", lambda *_args: None)


def live(sale: Sale) -> None:
    sale.place_and_start()
    sale.approve()
    sale.tell()


def points(story: Callable[[Sale], None], bank: Bank) -> list[str]:
    """The names of all places where this story can die."""
    with dying(0, type(bank.processor), CALLS) as boundaries:
        story(Sale(bank))
    return boundaries.names


def empty(bank: Bank) -> None:
    db.session.remove()
    _empty(bank.app)
    folder = mail_folder()
    assert folder is not None
    shutil.rmtree(folder, ignore_errors=True)
    open_shop()


def test_dying_at_every_step_of_a_paid_sale(bank: Bank, stopped_clock: clock.Hands) -> None:
    open_shop()
    names = points(live, bank)
    assert names.count("after commit") >= 4
    assert {"before start", "after start", "before fetch", "after fetch"} <= set(names)
    began = stopped_clock.moment
    for fatal in range(1, LONGEST):
        stopped_clock.moment = began
        empty(bank)
        sale = Sale(bank)
        with dying(fatal, type(bank.processor), CALLS) as boundaries:
            try:
                live(sale)
            except Killed:
                start_again()
        where = f"{fatal}: {boundaries.names[-1]}"
        sweep()
        after_the_restart(sale, stopped_clock, where)
        if len(boundaries.names) < fatal:
            break
    assert fatal > 12


def after_the_restart(sale: Sale, hands: clock.Hands, where: str) -> None:
    order = sale.order()
    if order is None:
        assert sale.stock() == STOCK, where
        assert not db.session.scalars(sa.select(PaymentAttempt)).all(), where
        return
    if sale.was_approved:
        assert_sold(sale, where)
        return
    assert order.status is OrderStatus.AWAITING_PAYMENT, where
    assert sale.stock() == STOCK - 1, where
    address = payments.pay_again(order.token)
    assert address, where
    sale.approve()
    payments.settle(sale.attempt().key)
    sweep()
    assert_sold(sale, where)
    assert len(db.session.scalars(sa.select(PaymentAttempt)).all()) == 1, where


def assert_sold(sale: Sale, where: str) -> None:
    """One order, paid once, its piece gone once, its news told once."""
    sweep()
    db.session.rollback()
    (order,) = db.session.scalars(sa.select(Order).execution_options(populate_existing=True)).all()
    (part,) = db.session.scalars(sa.select(SellerOrder).execution_options(populate_existing=True)).all()
    assert (order.status, part.status) == (OrderStatus.PAID, SellerOrderStatus.PAID), where
    assert sale.stock() == STOCK - 1, where
    attempt = sale.attempt()
    assert (attempt.status, attempt.problem) == (AttemptStatus.PAID, ""), where
    assert not db.session.scalars(sa.select(ProcessorEvent).where(ProcessorEvent.handled_at.is_(None))).all(), where
    told = sa.select(Mail).where(Mail.template != "order_due")  # a reminder that time brings, not the sale
    rows = db.session.scalars(told.execution_options(populate_existing=True)).all()
    assert sorted(row.template for row in rows) == ["order_new", "order_paid"], where
    assert {row.status for row in rows} == {MailStatus.SENT}, where
    assert check() == [], where
    folder = mail_folder()
    assert folder is not None
    assert [len(list(folder.glob(f"*-{name}-*.eml"))) for name in ("order_new", "order_paid")] == [1, 1], where


def abandon(sale: Sale, hands: clock.Hands) -> None:
    sale.place_and_start()
    hands.forward(minutes=36)
    payments.expire_unpaid()


def test_dying_at_every_step_of_an_abandoned_sale(bank: Bank, stopped_clock: clock.Hands) -> None:
    open_shop()
    began = stopped_clock.moment
    for fatal in range(1, LONGEST):
        stopped_clock.moment = began
        empty(bank)
        sale = Sale(bank)
        with dying(fatal, type(bank.processor), CALLS) as boundaries:
            try:
                abandon(sale, stopped_clock)
            except Killed:
                start_again()
        where = f"{fatal}: {boundaries.names[-1]}"
        stopped_clock.forward(minutes=36)
        sweep()
        order = sale.order()
        assert sale.stock() == STOCK, where
        assert check() == [], where
        if order is not None:
            assert order.status is OrderStatus.CANCELED, where
            assert sale.attempt().status is AttemptStatus.EXPIRED, where
            rows = db.session.scalars(sa.select(Mail.template)).all()
            assert rows == ["order_canceled"], where
        if len(boundaries.names) < fatal:
            break
    assert fatal > 8


def paid_after_all(sale: Sale, hands: clock.Hands) -> None:
    sale.place_and_start()
    sale.approve()
    hands.forward(minutes=36)
    payments.expire_unpaid()


def test_dying_while_the_sweep_finds_late_money(bank: Bank, stopped_clock: clock.Hands) -> None:
    open_shop()
    began = stopped_clock.moment
    for fatal in range(1, LONGEST):
        stopped_clock.moment = began
        empty(bank)
        sale = Sale(bank)
        with dying(fatal, type(bank.processor), CALLS) as boundaries:
            try:
                paid_after_all(sale, stopped_clock)
            except Killed:
                start_again()
        where = f"{fatal}: {boundaries.names[-1]}"
        if sale.was_approved:
            stopped_clock.forward(minutes=36)
            sweep()
            assert_sold(sale, where)
        if len(boundaries.names) < fatal:
            break
    assert fatal > 8


def test_nothing_is_asked_inside_a_transaction(bank: Bank) -> None:
    """What is slow would hold locks: the door itself refuses."""
    open_shop()
    sale = Sale(bank)
    sale.place_and_start()
    key = sale.attempt().key
    with pytest.raises(RuntimeError, match="nothing slow"), transaction():
        payments.settle(key)

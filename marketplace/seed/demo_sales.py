"""What happened in the demo shop in the last weeks: a sale in every state, and one run of payouts.

Everything goes through the shop's own verbs and the demo processor, each act at its own moment of a stopped clock, so
that books, pages and papers show what they show in a real shop, and the proof of the books holds. No money moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from marketplace.accounts.models import LoginSession, User
from marketplace.cart import queries as carts
from marketplace.cart.services import LineRequest, Owner, add_line
from marketplace.catalog.models import Listing, Variant
from marketplace.checkout import services as checkout
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.ids import hash_token, new_key, new_token
from marketplace.core.money import Money
from marketplace.orders import services as orders
from marketplace.orders.models import SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import PaymentAttempt, RefundOrigin
from marketplace.payments.processors import PageStatus, demo
from marketplace.payments.processors.demo import disputes
from marketplace.payments.queries import refunds_of
from marketplace.payments.services import refunds
from marketplace.payouts import services as payouts
from marketplace.payouts.models import Payout
from marketplace.workshops.models import Workshop

from .demo_buyers import AYU, CLAIRE, MAYA, Buyer

FRIDAY = 4


def fill() -> None:
    """Let it all happen, in the order of its moments."""
    story = _Story()
    for moment, act in sorted(story.acts, key=lambda one: one[0]):
        with clock.stopped(moment):
            act()


@dataclass
class _Sale:
    """An order on its way through the shop; `pieces` are SKUs."""

    buyer: Buyer
    pieces: tuple[str, ...]
    order_id: int = 0
    attempt: tuple[int, str] = (0, "")  # its number and key

    def place(self) -> None:
        owner = _owner(self.buyer)
        for sku in self.pieces:
            add_line(owner, LineRequest(_variant(sku), 1))
        contents = carts.contents(owner, self.buyer.address.country)
        assert contents is not None
        placed = checkout.place(
            checkout.PlaceRequest(
                owner=owner,
                checkout_key=contents.checkout_key,
                email=self.buyer.email,
                address=self.buyer.address,
                services={},
                is_gift=False,
                seen_total=f"{contents.currency} {contents.total.amount}",
                language=self.buyer.language,
                market="id" if self.buyer.address.country == "ID" else "world",
            )
        )
        assert placed.attempt_id is not None
        key = db.session.scalars(sa.select(PaymentAttempt.key).where(PaymentAttempt.id == placed.attempt_id)).one()
        self.order_id, self.attempt = placed.order_id, (placed.attempt_id, key)

    def pay(self) -> None:
        number, key = self.attempt
        payments.start(number)
        page = db.session.scalars(sa.select(PaymentAttempt.external_id).where(PaymentAttempt.id == number)).one()
        demo.move(page or "", PageStatus.PAID)
        payments.settle(key)

    def buy(self) -> None:
        self.place()
        self.pay()

    def parts(self) -> list[tuple[int, int]]:
        """(seller order, workshop)"""
        query = sa.select(SellerOrder.id, SellerOrder.workshop_id).where(SellerOrder.order_id == self.order_id)
        return [(row.id, row.workshop_id) for row in db.session.execute(query.order_by(SellerOrder.id))]

    def accept(self) -> None:
        for part, workshop in self.parts():
            orders.accept(part, workshop_id=workshop)

    def post(self) -> None:
        home = self.buyer.address.country == "ID"
        for part, workshop in self.parts():
            posting = orders.Posting("jne" if home else "pos", f"{'JNE' if home else 'EE'}{100_200_300 + part:09d}ID")
            orders.ship(part, posting, workshop_id=workshop, by=_user("admin@demo.test"))

    def arrive(self) -> None:
        for part, _workshop in self.parts():
            orders.mark_delivered(
                part, actor_id=_user("admin@demo.test"), reason="Pembeli menulis bahwa paketnya sudah tiba"
            )

    def give_back(self, code: str, words: str, *, percent: int, by: str, as_workshop: bool) -> None:
        """Part of the first parcel's pieces, asked by the workshop or by the collective, and sent."""
        part, workshop = self.parts()[0]
        row = db.session.get_one(SellerOrder, part)
        amount = Money(row.items_amount, row.currency).share(100 * percent)
        refund_id = refunds.request_refund(
            refunds.RefundWish(part, new_key(), amount=amount, reason_code=code, reason=words),
            origin=RefundOrigin.WORKSHOP if as_workshop else RefundOrigin.ADMIN,
            by=_user(by),
            workshop_id=workshop if as_workshop else None,
        )
        refunds.send_refund(refund_id)

    def refuse(self) -> None:
        """The workshop cannot make it; what was paid goes back by itself."""
        part, workshop = self.parts()[0]
        by = _user("admin@demo.test")
        orders.refuse(part, "material", "The moonstones have not come", workshop_id=workshop, by=by)
        for refund in refunds_of(self.order_id):
            refunds.send_refund(refund.id)

    def dispute(self) -> None:
        """The buyer asks the bank for the money."""
        charge = sa.select(PaymentAttempt.charge_id).where(PaymentAttempt.id == self.attempt[0])
        name = disputes.open_dispute(db.session.scalars(charge).one() or "", reason="product_unacceptable")
        payments.settle_dispute("demo", name)


def _owner(buyer: Buyer) -> Owner:
    user = db.session.scalar(sa.select(User.id).where(User.email == buyer.email))
    if user is not None:
        return Owner(user_id=user)
    with transaction():
        row = LoginSession(token_hash=hash_token(new_token()), data={}, created_at=clock.now(), seen_at=clock.now())
        db.session.add(row)
        db.session.flush()
        return Owner(session_id=row.id)


def _user(email: str) -> int:
    return db.session.scalars(sa.select(User.id).where(User.email == email)).one()


def _variant(sku: str) -> int:
    """The first size of a piece that can be bought."""
    query = (
        sa.select(Variant.id)
        .join(Listing, Listing.id == Variant.listing_id)
        .where(Listing.sku == sku, sa.or_(Variant.stock > 0, Listing.made_to_order))
        .order_by(Variant.position)
    )
    return db.session.scalars(query.limit(1)).one()


@dataclass
class _Story:
    """The acts with their moments, measured from now and from the last Friday that is over."""

    acts: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = clock.now()
        today = clock.today()
        back = (today.weekday() - FRIDAY - 1) % 7 + 1
        self.friday = clock.local(self.now).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=back)
        self._until_the_run()
        self._run()
        self._since_the_run()
        self._running()

    def _at(self, moment: datetime, *acts: Callable[[], object]) -> None:
        """Acts that follow each other by some minutes, none of them in the future."""
        self.acts += [(min(moment + timedelta(minutes=7 * place), self.now), act) for place, act in enumerate(acts)]

    def _arrived(self, sale: _Sale, arrived: datetime, *, days: int = 6) -> None:
        """Bought `days` before it arrived, posted a day later."""
        self._at(arrived - timedelta(days=days), sale.buy)
        self._at(arrived - timedelta(days=days - 1), sale.accept, sale.post)
        self._at(arrived, sale.arrive)

    def _until_the_run(self) -> None:
        day = timedelta(days=1)
        self.whole = _Sale(MAYA, ("CS-008", "CS-017"))
        self.at_home = _Sale(AYU, ("CS-009",))
        self.closed = _Sale(CLAIRE, ("CS-042",))
        self.dented = _Sale(CLAIRE, ("CS-024",))
        self._arrived(self.whole, self.friday - 5 * day)
        self._arrived(self.at_home, self.friday - 6 * day, days=3)
        self._arrived(self.closed, self.friday - 5 * day)
        self._arrived(self.dented, self.friday - 4 * day)
        self._at(self.friday - timedelta(hours=3), payments.earn_due)

    def _run(self) -> None:
        """Prepared and sent by one, approved by the other; one account turns out to be closed."""
        self._at(self.friday, self._prepare, self._approve, self._send)
        self._at(self.friday + timedelta(hours=6), self._mark)

    def _prepare(self) -> None:
        workshops = db.session.scalars(sa.select(Workshop.id)).all()
        self.run = payouts.prepare_run(workshops, _user("admin@demo.test"), livemode=False)

    def _approve(self) -> None:
        payouts.approve_run(self.run, _user("bendahara@demo.test"))

    def _send(self) -> None:
        payouts.send_run(self.run, _user("admin@demo.test"))

    def _mark(self) -> None:
        rows = db.session.execute(
            sa.select(Payout.id, Workshop.slug)
            .join(Workshop, Workshop.id == Payout.workshop_id)
            .where(Payout.run_id == self.run)
            .order_by(Payout.id)
        ).all()
        for payout, slug in rows:
            payouts.mark_paid(payout, f"BPD-2601-{payout:04d}", _user("admin@demo.test"))
            if slug == "bun-patra-silver":
                payouts.mark_returned(payout, "Rekening ditutup", _user("admin@demo.test"))

    def _since_the_run(self) -> None:
        """Earned, and due for the next run; one workshop owes after all."""
        day, hour = timedelta(days=1), timedelta(hours=1)
        pendant, grain = _Sale(MAYA, ("CS-013",)), _Sale(AYU, ("CS-020",))
        self._arrived(pendant, self.now - 4 * day)
        self._arrived(grain, self.now - 5 * day, days=3)
        self._at(self.now - 5 * hour, payments.earn_due)
        self._at(
            self.now - 3 * hour,
            lambda: self.dented.give_back(
                "damaged", "A dent beside the clasp", percent=60, by="bendahara@demo.test", as_workshop=False
            ),
        )

    def _running(self) -> None:
        """What buyers and workshops wait for today."""
        day, hour = timedelta(days=1), timedelta(hours=1)
        held, posted, begun, paid = (
            _Sale(AYU, ("CS-030",)),
            _Sale(CLAIRE, ("CS-018",)),
            _Sale(MAYA, ("CS-003",)),
            _Sale(AYU, ("CS-009",)),
        )
        refused, disputed, waiting = _Sale(CLAIRE, ("CS-013",)), _Sale(MAYA, ("CS-047",)), _Sale(AYU, ("CS-043",))
        self._arrived(held, self.now - day, days=4)
        self._at(self.now - 3 * day, posted.buy)
        self._at(self.now - 2 * day, posted.accept, posted.post)
        self._at(self.now - 2 * day, begun.buy)
        self._at(self.now - day, begun.accept)
        self._at(
            self.now - 20 * hour,
            lambda: begun.give_back(
                "goodwill", "For the longer wait", percent=10, by="artisan2@demo.test", as_workshop=True
            ),
        )
        self._at(self.now - 4 * hour, paid.buy)
        self._at(self.now - 2 * day, refused.buy)
        self._at(self.now - 26 * hour, refused.refuse)
        self._at(self.now - 8 * day, disputed.buy)
        self._at(self.now - 7 * day, disputed.accept, disputed.post)
        self._at(self.now - 2 * day, disputed.arrive)
        self._at(self.now - 22 * hour, disputed.dispute)
        self._at(self.now - timedelta(minutes=12), waiting.place)

"""Orders on their way to money, through the real verbs: sold, posted, arrived, earned, refunded, paid out."""

from __future__ import annotations

from itertools import count
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.orders import services as orders
from marketplace.orders.models import Order, SellerOrder
from marketplace.orders.services import Posting
from marketplace.payments import services as payments
from marketplace.payments.models import RefundOrigin
from marketplace.payouts import services as payouts
from marketplace.payouts.models import Payout
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import JAKARTA, paid_order, parts_of
from tests.factories.payouts import Admins
from tests.helpers import sign_in
from tests.seller.conftest import Maker

AT_HOME: dict[str, Any] = {"address": JAKARTA, "language": "id", "market": "id"}
_keys = count(1)


def sold(maker: Maker, quantity: int = 1, **facts: Any) -> SellerOrder:
    """Paid by a buyer in Jakarta, in rupiah."""
    variant = variants_of(ListingFactory(workshop=maker.workshop, **facts))[0]
    return parts_of(paid_order((variant.id, quantity), **AT_HOME))[0]


def fresh(part: SellerOrder) -> SellerOrder:
    db.session.rollback()
    return db.session.get_one(SellerOrder, part.id, populate_existing=True)


def number_of(part: SellerOrder) -> str:
    return db.session.get_one(Order, part.order_id).public_no


def posted(maker: Maker, part: SellerOrder) -> SellerOrder:
    orders.accept(part.id, workshop_id=maker.workshop.id)
    orders.ship(part.id, Posting("jne", f"JN{part.id:08}"), workshop_id=maker.workshop.id, by=maker.user.id)
    return fresh(part)


def arrived(maker: Maker, part: SellerOrder) -> SellerOrder:
    posted(maker, part)
    orders.mark_delivered(part.id)
    return fresh(part)


def earned(maker: Maker, hands: clock.Hands, *parts: SellerOrder) -> None:
    """Arrived, and the three days after it are over."""
    for part in parts:
        arrived(maker, part)
    hands.forward(days=3)
    assert [payments.earn(part.id) for part in parts] == [True] * len(parts)
    here(maker)


def here(maker: Maker) -> None:
    """Signed in now: days have gone by."""
    db.session.rollback()
    sign_in(maker.browser, maker.user)


def refunded(maker: Maker, part: SellerOrder, amount: int, reason: str = "Patri retak") -> int:
    """Rupiah given back to the buyer by the workshop itself."""
    wish = payments.RefundWish(
        part.id, f"story-{next(_keys)}", amount=Money(amount, "IDR"), reason_code="damaged", reason=reason
    )
    refund_id = payments.request_refund(
        wish, origin=RefundOrigin.WORKSHOP, by=maker.user.id, workshop_id=part.workshop_id
    )
    payments.send_refund(refund_id)
    return refund_id


def sent_out(maker: Maker, people: Admins) -> int:
    """The next payout is at the bank; its number."""
    run_id = payouts.prepare_run([maker.workshop.id], people.sari, livemode=False)
    payouts.approve_run(run_id, people.made)
    payouts.send_run(run_id, people.sari)
    db.session.rollback()
    return db.session.scalars(sa.select(Payout.id).where(Payout.run_id == run_id)).one()


def paid_out(maker: Maker, people: Admins, reference: str = "FT2633012345") -> int:
    """The next payout has arrived; its number."""
    payout_id = sent_out(maker, people)
    payouts.mark_paid(payout_id, reference, people.sari)
    db.session.rollback()
    return payout_id

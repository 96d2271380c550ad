"""A month of a real shop in a few orders: every kind of booking there is, made by the services that make it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.money import Money
from marketplace.orders import services as orders
from marketplace.orders.commission import Rate
from marketplace.orders.models import SellerOrder
from marketplace.orders.services import Posting
from marketplace.payments import services as payments
from marketplace.payments.models import DemoMovement, PaymentAttempt, Refund, RefundOrigin
from marketplace.payments.services import refunds
from marketplace.payments.services.refunds import RefundWish
from marketplace.payouts import services as payouts
from marketplace.payouts.models import Payout, PayoutRun

from . import quickshop
from .quickshop import Furniture, Wish
from .walk import Walk


@dataclass(frozen=True, slots=True)
class History:
    """Rows by what they are, to be spoiled."""

    earned: int  # seller order in rupiah, paid out, a part of it refunded before and after
    held: int  # seller order in dollars, delivered, a part of it refunded
    canceled: int  # seller order, refunded by itself
    charge: int  # attempt of `earned`
    on_top: int  # attempt that no order could take
    unpaid: int  # attempt
    before: int  # refund before it was earned, sent
    after: int  # refund after that, sent
    asked: int  # refund on its way
    failed: int  # refund that came back
    elsewhere: int  # refund from the dashboard, of no parcel yet
    paid: int  # payout
    returned: int  # payout
    draft: int  # payout
    dispute: int


def live(furniture: Furniture, hands: Hands) -> History:
    """Live through it, after `conftest.begin`."""
    walk, usual = Walk(furniture, hands), Rate(800)
    first = quickshop.order(furniture, "IDR", [Wish(0, 500_000, 2, usual), Wish(1, 90_000, 1, Rate(0))], 18_000)
    quickshop.pay(first)
    earned = _part(first, 0)
    before = _refund(earned, 150_000, furniture)
    refunds.send_refund(before)
    _arrive(earned, hands, furniture)
    after = _refund(earned, 70_001, furniture)
    refunds.send_refund(after)
    returned = _pay_out(furniture)
    payouts.mark_returned(returned, "account closed", furniture.admins[0])
    with transaction():
        db.session.execute(sa.text("update bank_accounts set problem = ''"))
    paid = _pay_out(furniture)
    second = quickshop.order(furniture, "USD", [Wish(1, 1_250_000, 3, usual)], 180_000)
    quickshop.pay(second)
    held = _part(second, 0)
    asked = _refund(held, 4_321, furniture)
    failed = _refund(held, 999, furniture)
    refunds.send_refund(failed)
    _bank_returns(failed)
    quickshop.pay_on_top(second)
    on_top = _newest(PaymentAttempt)
    third = quickshop.order(furniture, "AUD", [Wish(0, 310_000, 1, usual)], 18_000)
    quickshop.pay(third)
    canceled = _part(third, 0)
    refunds.cancel_part(canceled, "other", "", furniture.admins[0])
    fourth = quickshop.order(furniture, "IDR", [Wish(0, 220_000, 1, usual)], 0)
    quickshop.pay(fourth)
    _arrive(_part(fourth, 0), hands, furniture)
    walk.refund_elsewhere(len(_sessions()) - 1, 3)
    elsewhere = _newest(Refund)
    payouts.prepare_run(furniture.workshops, furniture.admins[0], livemode=False)
    draft = _newest(Payout)
    quickshop.order(furniture, "IDR", [Wish(1, 45_000, 1, usual)], 0)
    dispute = db.session.scalars(sa.text("select max(id) from disputes")).one()
    charge = db.session.scalars(sa.select(PaymentAttempt.id).filter_by(order_id=first)).one()
    unpaid = _newest(PaymentAttempt)
    assert db.session.get_one(Refund, elsewhere).origin is RefundOrigin.DASHBOARD
    return History(
        earned,
        held,
        canceled,
        charge,
        on_top,
        unpaid,
        before,
        after,
        asked,
        failed,
        elsewhere,
        paid,
        returned,
        draft,
        dispute,
    )


def _arrive(part_id: int, hands: Hands, furniture: Furniture) -> None:
    """Posted, delivered, and earned when its hold is over."""
    workshop_id = db.session.get_one(SellerOrder, part_id).workshop_id
    orders.accept(part_id, workshop_id=workshop_id)
    orders.ship(part_id, Posting("pos", "EE123456789ID"), workshop_id=workshop_id, by=furniture.seller)
    orders.mark_delivered(part_id)
    hands.forward(days=4)
    assert payments.earn_due() == 1


def _part(order_id: int, place: int) -> int:
    query = sa.select(SellerOrder.id).where(SellerOrder.order_id == order_id).order_by(SellerOrder.id)
    return list(db.session.scalars(query))[place]


def _refund(part_id: int, amount: int, furniture: Furniture) -> int:
    part = db.session.get_one(SellerOrder, part_id)
    wish = RefundWish(part_id, f"history:{part_id}:{amount}", amount=Money(amount, part.currency))
    return refunds.request_refund(wish, origin=RefundOrigin.ADMIN, by=furniture.admins[0])


def _bank_returns(refund_id: int) -> None:
    name = db.session.get_one(Refund, refund_id, populate_existing=True).external_id
    assert name is not None
    with transaction():
        db.session.execute(sa.update(DemoMovement).where(DemoMovement.external_id == name).values(status="failed"))
    refunds.settle_refund("demo", name)


def _pay_out(furniture: Furniture) -> int:
    """Of the first workshop; what the other has stays open."""
    run_id = payouts.prepare_run(furniture.workshops[:1], furniture.admins[0], livemode=False)
    payouts.approve_run(run_id, furniture.admins[1])
    payouts.send_run(run_id, furniture.admins[2])
    payout_id = db.session.scalars(sa.select(Payout.id).where(Payout.run_id == run_id)).one()
    payouts.mark_paid(payout_id, f"BNI-{payout_id}", furniture.admins[0])
    return payout_id


def _sessions() -> list[int]:
    return list(db.session.scalars(sa.text("select id from demo_sessions where status = 'paid'")))


def _newest(model: type[PaymentAttempt] | type[Refund] | type[Payout] | type[PayoutRun]) -> int:
    db.session.rollback()
    return db.session.scalars(sa.select(sa.func.max(model.id))).one()

"""The money of the small shop: a refund, a dispute, a run that waits for its approval, a difference, a coming rate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from marketplace.accounts.models import User
from marketplace.cart.services import Owner
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.moderation.services.commission import CommissionEntry, set_commission
from marketplace.orders.models import Order, SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import Difference, Dispute, PaymentAttempt, RefundOrigin
from marketplace.payments.processors.demo.disputes import open_dispute
from marketplace.payments.services.refunds import RefundWish
from marketplace.payouts import services as payouts
from marketplace.payouts.models import Payout
from tests.factories.orders import paid_order, parts_of
from tests.factories.payouts import Admins, admins, bank_account, earned


def facts(workshop_id: int, variant: int, buyer: User) -> dict[str, Any]:
    """The numbers in the addresses of money pages, each of a row that is there."""
    owner, people = Owner(user_id=buyer.id), admins()
    part = parts_of(paid_order((variant, 1), owner=owner))[0]
    bank_account(workshop_id)
    earned(workshop_id, 400_000, order_id=part.order_id, seller_order_id=part.id)
    paid = _paid_out(workshop_id, people)
    earned(workshop_id, 500_000, order_id=part.order_id, seller_order_id=part.id)
    run = payouts.prepare_run([workshop_id], people.sari, livemode=False)
    return {
        "refund_id": _refund(parts_of(paid_order((variant, 1), owner=owner))[0], people.made),
        "dispute_id": _dispute(paid_order((variant, 1), owner=owner)),
        "run_id": run,
        "payout_id": db.session.scalars(select(Payout.id).where(Payout.run_id == run)).one(),
        "rate_id": set_commission(
            CommissionEntry(basis_points=700, valid_from=clock.today() + timedelta(days=9)), people.made, "Agreed"
        ),
        "difference_id": _difference(),
        "seller_payouts.show": {"payout_id": paid},
        "month": f"{clock.today():%Y-%m}",
    }


def _paid_out(workshop_id: int, people: Admins) -> int:
    run = payouts.prepare_run([workshop_id], people.sari, livemode=False)
    payouts.approve_run(run, people.made)
    payouts.send_run(run, people.wayan)
    payouts.mark_run_paid(run, "BCA-0042", people.sari)
    return int(db.session.scalars(select(Payout.id).where(Payout.run_id == run)).one())


def _refund(part: SellerOrder, by: int) -> int:
    wish = RefundWish(part.id, "key-of-the-form", amount=Money(100, part.currency), reason_code="late")
    return payments.request_refund(wish, origin=RefundOrigin.ADMIN, by=by)


def _dispute(order: Order) -> int:
    charge = db.session.scalars(select(PaymentAttempt.charge_id).where(PaymentAttempt.order_id == order.id)).one()
    assert charge is not None
    open_dispute(charge)
    return int(db.session.scalars(select(func.max(Dispute.id))).one())


def _difference() -> int:
    now = clock.now()
    row = Difference(
        key="missing_charge:demo:txn_1",
        kind="missing_charge",
        processor="demo",
        subject="txn_1",
        amount=6200,
        currency="USD",
        facts={},
        found_at=now,
        seen_at=now,
    )
    db.session.add(row)
    db.session.commit()
    return row.id

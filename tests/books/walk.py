"""What buyers, workshops, admins, banks and time do to a shop's money, in any order, through the real services.

A step is (what, which, how much): numbers that are taken modulo what there is, so that every list of steps is a story
and a failing one becomes short. A refusal (a sentence for people) is as good an outcome as any other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.errors import DomainError
from marketplace.core.money import Money
from marketplace.orders import services as orders
from marketplace.orders.models import CancelReason, Line, Order, OrderStatus, SellerOrder
from marketplace.orders.models import SellerOrderStatus as Part
from marketplace.orders.services import Posting
from marketplace.payments import services as payments
from marketplace.payments.models import (
    Bearer,
    DemoMovement,
    DemoSession,
    Dispute,
    DisputeStatus,
    PaymentAttempt,
    Refund,
    RefundOrigin,
    RefundStatus,
)
from marketplace.payments.processors.demo import disputes as demo_disputes
from marketplace.payments.services import disputes, refunds
from marketplace.payments.services.refunds import LineWish, RefundWish
from marketplace.payouts import services as payouts
from marketplace.payouts.models import Payout, PayoutRun, PayoutStatus

from . import quickshop
from .quickshop import Furniture

Step = tuple[str, int, int]
_keys = itertools.count(1)


class Walk:
    """A walk through one shop. `done` counts the steps that changed something."""

    def __init__(self, furniture: Furniture, hands: Hands) -> None:
        self.furniture, self.hands = furniture, hands
        self.done: dict[str, int] = {}

    def take(self, steps: Sequence[Step]) -> None:
        for name, which, much in steps:
            act: Callable[[int, int], bool | None] = getattr(self, name)
            try:
                if act(which, much):
                    self.done[name] = self.done.get(name, 0) + 1
            except DomainError:
                pass  # refused with a sentence
            finally:
                db.session.rollback()

    # Orders

    def pay(self, which: int, much: int) -> bool:
        order_id = self._one(Order.id, which, Order.status == OrderStatus.AWAITING_PAYMENT)
        return order_id is not None and quickshop.pay(order_id)

    def pay_on_top(self, which: int, much: int) -> bool:
        order_id = self._one(Order.id, which, Order.status.in_((OrderStatus.PAID, OrderStatus.CLOSED)))
        return order_id is not None and much % 3 == 0 and quickshop.pay_on_top(order_id)

    def give_up(self, which: int, much: int) -> bool:
        order_id = self._one(Order.id, which, Order.status == OrderStatus.AWAITING_PAYMENT)
        if order_id is None or much % 3:
            return False
        payments.cancel_order(order_id, CancelReason.BUYER)
        return True

    def deliver(self, which: int, much: int) -> bool:
        part = self._part(which, Part.PAID, Part.ACCEPTED, Part.SHIPPED)
        if part is None:
            return False
        ident, workshop_id, status = part.id, part.workshop_id, part.status
        if status is Part.PAID:
            orders.accept(ident, workshop_id=workshop_id)
        if status in (Part.PAID, Part.ACCEPTED):
            posting = Posting("pos", "EE123456789ID")
            orders.ship(ident, posting, workshop_id=workshop_id, by=self.furniture.seller)
        if much % 4:
            orders.mark_delivered(ident)
        return True

    def cancel(self, which: int, much: int) -> bool:
        part = self._part(which, Part.PAID, Part.ACCEPTED, Part.STARTED)
        if part is None:
            return False
        ident, workshop_id = part.id, part.workshop_id
        if much % 2:
            orders.refuse(ident, "sold_in_shop", workshop_id=workshop_id, by=self.furniture.seller)
        else:
            refunds.cancel_part(ident, "other", "", self.furniture.admins[0])
        return True

    def wait(self, which: int, much: int) -> bool:
        self.hands.forward(days=much % 5, minutes=11)
        return True

    def earn(self, which: int, much: int) -> bool:
        return payments.earn_due() > 0

    def arrive(self, which: int, much: int) -> bool:
        """All the way: delivered, the hold over, earned."""
        self.deliver(which, 1)
        self.hands.forward(days=4)
        return payments.earn_due() > 0

    # Refunds

    def refund_amount(self, which: int, much: int) -> bool:
        part = self._part(which, *PAID)
        if part is None:
            return False
        left = part.left.amount
        amount = left if much % 5 == 0 else 1 + much % max(left + 2, 1)  # now and then more than there is
        return self._ask(part, amount=Money(amount, part.currency))

    def refund_pieces(self, which: int, much: int) -> bool:
        part = self._part(which, *PAID)
        if part is None:
            return False
        lines = db.session.scalars(sa.select(Line).where(Line.seller_order_id == part.id).order_by(Line.id)).all()
        chosen = [line for place, line in enumerate(lines) if (much >> place) & 1] or lines[:1]
        wishes = [LineWish(line.id, 1 + much % line.quantity, restock=bool(much & 64)) for line in chosen]
        shipping = Money(much % (part.shipping_amount + 1), part.currency) if much & 128 else None
        return self._ask(part, lines=tuple(wishes), shipping=shipping)

    def refund_shipping(self, which: int, much: int) -> bool:
        part = self._part(which, *PAID)
        if part is None:
            return False
        return self._ask(part, shipping=Money(1 + much % (part.shipping_amount + 1), part.currency))

    def send(self, which: int, much: int) -> bool:
        refund = self._refund(which, RefundStatus.REQUESTED)
        if refund is None:
            return False
        if refund.channel == "manual":
            if much % 3 == 0:
                refunds.mark_refund_failed(refund.id, "account closed", self.furniture.admins[0])
            else:
                refunds.mark_refund_sent(refund.id, f"BANK-{refund.id}", self.furniture.admins[0])
            return True
        return refunds.send_refund(refund.id)

    def bank_returns(self, which: int, much: int) -> bool:
        """A refund that had left comes back days later."""
        refund = self._refund(which, RefundStatus.SUCCEEDED)
        if refund is None or refund.external_id is None:
            return False
        name = refund.external_id
        with transaction():
            back = sa.update(DemoMovement).where(DemoMovement.external_id == name).values(status="failed")
            db.session.execute(back)
        return refunds.settle_refund("demo", name)

    def retry(self, which: int, much: int) -> bool:
        refund = self._refund(which, RefundStatus.FAILED)
        if refund is None:
            return False
        return bool(refunds.retry_refund(refund.id, self.furniture.admins[1], by_transfer=bool(much % 2)))

    def refund_elsewhere(self, which: int, much: int) -> bool:
        """Somebody makes one in the processor's dashboard, and perhaps tells where it belongs."""
        session = self._one(DemoSession, which, DemoSession.status == "paid")
        if session is None or much % 3:
            return False
        gone = sa.select(sa.func.coalesce(sa.func.sum(DemoMovement.amount), 0)).where(
            DemoMovement.session_id == session.id, DemoMovement.kind == "refund", DemoMovement.status != "failed"
        )
        left = session.amount - int(db.session.scalar(gone) or 0)
        if left <= 0:
            return False
        name = f"re_elsewhere_{next(_keys)}"
        row = DemoMovement(
            external_id=name,
            key=name,
            kind="refund",
            session_id=session.id,
            amount=1 + much % left,
            currency=session.currency,
            status="succeeded",
            facts={},
            created_at=self.hands.moment,
        )
        with transaction():
            db.session.add(row)
        return refunds.settle_refund("demo", name)

    def assign(self, which: int, much: int) -> bool:
        here = (Refund.origin == RefundOrigin.DASHBOARD, Refund.seller_order_id.is_(None))
        refund = self._one(Refund, which, *here)
        if refund is None:
            return False
        of_order = sa.select(PaymentAttempt.order_id).where(PaymentAttempt.id == refund.attempt_id).scalar_subquery()
        part_id = self._one(SellerOrder.id, much, SellerOrder.order_id == of_order)
        assert part_id is not None
        refunds.assign_refund(refund.id, part_id, self.furniture.admins[2])
        return True

    # Disputes

    def dispute(self, which: int, much: int) -> bool:
        """A buyer's bank asks, for all of a charge or some of it; sometimes it only inquires."""
        asked = sa.select(DemoMovement.session_id).where(DemoMovement.kind == "dispute")
        session = self._one(DemoSession, which, DemoSession.status == "paid", DemoSession.id.not_in(asked))
        if session is None or session.charge_id is None:
            return False
        charge, amount = session.charge_id, None if much % 3 else 1 + much % session.amount
        db.session.rollback()
        return bool(demo_disputes.open_dispute(charge, inquiry=much % 4 == 0, amount=amount))

    def bank_decides(self, which: int, much: int) -> bool:
        """An inquiry becomes a dispute, a dispute is won or lost, a lost one is won on appeal."""
        here = (DemoMovement.kind == "dispute", DemoMovement.status != "won")
        case = self._one(DemoMovement, which, *here)
        if case is None:
            return False
        name, status = case.external_id, case.status
        db.session.rollback()
        if status == "inquiry" and much % 2:
            demo_disputes.escalate(name)
        elif status != "lost" or much % 3 == 0:
            demo_disputes.decide(name, won=status == "lost" or much % 5 == 0)
        return True

    def bear(self, which: int, much: int) -> bool:
        case = self._one(Dispute, which, Dispute.status == DisputeStatus.LOST, Dispute.borne_by.is_(None))
        if case is None:
            return False
        bearer = Bearer.WORKSHOP if much % 3 else Bearer.COLLECTIVE
        disputes.decide_lost(case.id, bearer, self.furniture.admins[0], "the bank has decided")
        return True

    def give_back(self, which: int, much: int) -> bool:
        case = self._one(Dispute, which, Dispute.status == DisputeStatus.WON, Dispute.borne_by == Bearer.WORKSHOP)
        if case is None:
            return False
        disputes.give_back(case.id, self.furniture.admins[1], "won on appeal")
        return True

    # Payouts

    def prepare(self, which: int, much: int) -> bool:
        return bool(payouts.prepare_run(self.furniture.workshops, self.furniture.admins[0], livemode=False))

    def pay_out(self, which: int, much: int) -> bool:
        """All the way: prepared, approved, sent, paid."""
        run_id = payouts.prepare_run(self.furniture.workshops, self.furniture.admins[0], livemode=False)
        payouts.approve_run(run_id, self.furniture.admins[1])
        if not payouts.send_run(run_id, self.furniture.admins[2]):
            return False
        return payouts.mark_run_paid(run_id, f"BNI-RUN-{run_id}", self.furniture.admins[0]) > 0

    def go_on(self, which: int, much: int) -> bool:
        """The next step of a run by the next of three people, or the end of it."""
        run = self._one(PayoutRun, which, PayoutRun.canceled_at.is_(None), PayoutRun.sent_at.is_(None))
        if run is None:
            return False
        run_id, is_approved = run.id, run.approved_at is not None
        if much % 7 == 0:
            payouts.cancel_run(run_id, "a mistake", self.furniture.admins[2])
        elif is_approved:
            payouts.send_run(run_id, self.furniture.admins[2])
        else:
            payouts.approve_run(run_id, self.furniture.admins[1])
        return True

    def outcome(self, which: int, much: int) -> bool:
        payout = self._one(Payout, which, Payout.status == PayoutStatus.SENDING)
        if payout is None:
            return False
        if much % 4 == 0:
            payouts.mark_failed(payout.id, "wrong number", self.furniture.admins[0])
            self._mend_accounts()
        else:
            payouts.mark_paid(payout.id, f"BNI-{payout.id}", self.furniture.admins[0])
        return True

    def come_back(self, which: int, much: int) -> bool:
        payout = self._one(Payout, which, Payout.status == PayoutStatus.PAID)
        if payout is None or much % 2:
            return False
        payouts.mark_returned(payout.id, "account closed", self.furniture.admins[0])
        self._mend_accounts()
        return True

    def _mend_accounts(self) -> None:
        """The workshops correct what the bank found wrong."""
        with transaction():
            db.session.execute(sa.text("update bank_accounts set problem = ''"))

    # Choosing

    def _ask(self, part: SellerOrder, **what: Any) -> bool:
        wish = RefundWish(part.id, f"walk:{next(_keys)}", **what)
        by, origin = self.furniture.seller, RefundOrigin.WORKSHOP
        preview = refunds.preview(wish, part.workshop_id)
        refund_id = refunds.request_refund(wish, origin=origin, by=by, workshop_id=part.workshop_id)
        made = db.session.get_one(Refund, refund_id)
        assert (made.amount, made.payable_idr) == (preview.total.amount, preview.payable_idr)
        assert refunds.request_refund(wish, origin=origin, by=by, workshop_id=part.workshop_id) == refund_id
        return True

    def _part(self, which: int, *statuses: Part) -> SellerOrder | None:
        return self._one(SellerOrder, which, SellerOrder.status.in_(statuses))

    def _refund(self, which: int, *statuses: RefundStatus) -> Refund | None:
        return self._one(Refund, which, Refund.status.in_(statuses))

    def _one(self, what: Any, which: int, *where: Any) -> Any:
        column: Mapped[int] = what if not isinstance(what, type) else what.id
        found = db.session.scalars(sa.select(what).where(*where).order_by(column)).all()
        return found[which % len(found)] if found else None


PAID = (Part.PAID, Part.ACCEPTED, Part.STARTED, Part.SHIPPED, Part.DELIVERED, Part.EARNED)

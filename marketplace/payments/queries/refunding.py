"""Reading what a refund is computed from."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.core.money import Money, allocate
from marketplace.orders.models import Line, Order, SellerOrder, SellerOrderStatus

from ..errors import NotPaid
from ..models import (
    OPEN_DISPUTES,
    AttemptStatus,
    Bearer,
    Dispute,
    DisputeStatus,
    PaymentAttempt,
    Refund,
    RefundLine,
    RefundStatus,
)
from ..shares import LineState, PartState
from .holding import is_disputed_part


@dataclass(frozen=True, slots=True)
class Subject:
    """A paid seller order with the payment that its order took, and what has gone back of it."""

    order: Order
    part: SellerOrder
    attempt: PaymentAttempt
    state: PartState

    @property
    def left(self) -> Money:
        """What can be given back: of the part, and of the payment (a refund that nobody assigned yet lowers it)."""
        return Money(min(self.state.left, self.attempt.amount - self.attempt.refunded_amount), self.part.currency)

    @property
    def left_idr(self) -> int:
        """What is left in the maker's rupiah: prices and postage, before commission."""
        goods = sum(line.goods_idr - line.goods_returned_idr for line in self.state.lines)
        return goods + self.state.shipping_idr - self.state.shipping_returned_idr


def subject(seller_order_id: int, workshop_id: int | None = None) -> Subject:
    """The seller order to refund as it is now, through its workshop when one is named.

    Raises:
        NotFound: there is none, or it is another workshop's.
        NotPaid: no payment was taken for it.
    """
    query = sa.select(SellerOrder, Order).join(Order, Order.id == SellerOrder.order_id)
    query = query.where(SellerOrder.id == seller_order_id)
    if workshop_id is not None:
        query = query.where(SellerOrder.workshop_id == workshop_id)
    row = db.session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound("SellerOrder", seller_order_id)
    part, order = row
    attempt = applied_attempt(order.id)
    if attempt is None or part.status is SellerOrderStatus.PENDING:
        raise NotPaid
    return Subject(order, part, attempt, part_state(part))


def applied_attempt(order_id: int) -> PaymentAttempt | None:
    """The payment that the order took."""
    query = sa.select(PaymentAttempt).where(
        PaymentAttempt.order_id == order_id,
        PaymentAttempt.status == AttemptStatus.PAID,
        PaymentAttempt.is_applied,
    )
    return db.session.scalar(query.order_by(PaymentAttempt.id).limit(1).execution_options(populate_existing=True))


def is_disputed(seller_order_id: int) -> bool:
    """Whether a refund would pay the buyer twice: a bank asks for the money, or has taken it.

    Where the workshop bears a lost dispute, that is a refund itself: what is left beside it may go back.
    """
    lost = (
        sa.exists()
        .where(
            PaymentAttempt.id == Dispute.attempt_id,
            PaymentAttempt.order_id == SellerOrder.order_id,
            Dispute.status == DisputeStatus.LOST,
            sa.or_(Dispute.borne_by.is_(None), Dispute.borne_by != Bearer.WORKSHOP),
            sa.or_(Dispute.seller_order_id.is_(None), Dispute.seller_order_id == SellerOrder.id),
        )
        .correlate(SellerOrder)
    )
    query = sa.select(SellerOrder.id).where(SellerOrder.id == seller_order_id, sa.or_(is_disputed_part(), lost))
    return db.session.scalar(query) is not None


def is_disputed_payment(attempt_id: int) -> bool:
    """Whether a bank asks for this payment, or has taken it for good."""
    query = sa.select(Dispute.id).where(Dispute.attempt_id == attempt_id, Dispute.status != DisputeStatus.WON)
    return db.session.scalar(query.limit(1)) is not None


def is_asked_back(attempt_id: int) -> bool:
    """Whether a bank still asks for this payment: nobody knows yet whose the money is."""
    query = sa.select(Dispute.id).where(Dispute.attempt_id == attempt_id, Dispute.status.in_(OPEN_DISPUTES))
    return db.session.scalar(query.limit(1)) is not None


def part_state(part: SellerOrder) -> PartState:
    """The numbers of a seller order, of refunds that did not fail; three statements."""
    lines = lines_of(part.id)
    returned = _returned(part.id)
    shipping_returned = sa.select(sa.func.coalesce(sa.func.sum(Refund.shipping_idr), 0)).where(
        Refund.seller_order_id == part.id, Refund.status != RefundStatus.FAILED
    )
    return PartState(
        lines=tuple(
            LineState(
                id=line.id,
                rate=line.commission_bp,
                quantity_left=line.quantity - line.refunded_quantity,
                paid=paid,
                refunded=line.refunded_amount,
                goods_idr=line.unit_idr * line.quantity,
                goods_returned_idr=returned.get(line.id, (0, 0))[0],
                commission_idr=line.commission_idr,
                commission_returned_idr=returned.get(line.id, (0, 0))[1],
            )
            for line, paid in zip(lines, _paid(part, lines), strict=True)
        ),
        shipping=part.shipping_amount,
        shipping_refunded=part.shipping_refunded_amount,
        shipping_idr=part.shipping_idr,
        shipping_returned_idr=int(db.session.scalar(shipping_returned) or 0),
    )


def lines_of(seller_order_id: int) -> list[Line]:
    query = sa.select(Line).where(Line.seller_order_id == seller_order_id).order_by(Line.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _paid(part: SellerOrder, lines: list[Line]) -> list[int]:
    """What was paid for each line, an order's discount shared among them (payments.md 9)."""
    return allocate(part.goods_amount, [line.paid_amount for line in lines])


def _returned(seller_order_id: int) -> dict[int, tuple[int, int]]:
    """(maker's rupiah, commission) that went back by line id."""
    query = (
        sa.select(RefundLine.line_id, sa.func.sum(RefundLine.goods_idr), sa.func.sum(RefundLine.commission_idr))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.seller_order_id == seller_order_id, Refund.status != RefundStatus.FAILED)
        .group_by(RefundLine.line_id)
    )
    return {line_id: (int(goods), int(commission)) for line_id, goods, commission in db.session.execute(query)}

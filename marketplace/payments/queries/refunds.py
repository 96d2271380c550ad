"""What the pages about refunds show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.i18n import pick
from marketplace.core.money import Money
from marketplace.orders.models import Line, Order

from ..errors import NotPaid
from ..models import PaymentAttempt, Refund, RefundChannel, RefundLine, RefundOrigin, RefundStatus
from ..reasons import refund_reason
from .refunding import is_disputed, lines_of, subject

OPEN_LIMIT = 200
RETRYABLE = (RefundOrigin.WORKSHOP, RefundOrigin.ADMIN, RefundOrigin.CANCELED, RefundOrigin.UNAPPLIED)
STUCK_AFTER = timedelta(hours=1)  # asked for so long ago, and its processor has not taken it
WORDS = {  # design.md 8
    RefundStatus.REQUESTED: (_l("Asked for"), "warn"),
    RefundStatus.PENDING: (_l("On its way back"), "warn"),
    RefundStatus.SUCCEEDED: (_l("Paid back"), "ok"),
    RefundStatus.FAILED: (_l("Came back"), "bad"),
}


@dataclass(frozen=True, slots=True)
class RefundLineView:
    title: str
    size: str
    quantity: int
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundView:
    """One refund. `word` and `kind` are its tag; `reason` is the sentence and the words that came with it."""

    id: int
    seller_order_id: int | None
    total: Money
    goods: Money
    shipping: Money
    payable_idr: int
    commission_idr: int
    status: RefundStatus
    word: str
    kind: str
    reason: str
    requested_at: datetime
    done_at: datetime | None
    channel: RefundChannel
    origin: RefundOrigin
    error: str
    is_applied: bool  # of the payment that the order took; False: of a second or late one
    lines: tuple[RefundLineView, ...]


@dataclass(frozen=True, slots=True)
class RefundableLine:
    """`unit` is what one piece cost; `amount_left` is less than its pieces where a free amount came from it."""

    line_id: int
    title: str
    size: str
    unit: Money
    quantity_left: int
    amount_left: Money
    has_stock: bool


@dataclass(frozen=True, slots=True)
class Refundable:
    """What can still be given back of a seller order. `left_idr`: the same in the maker's rupiah, before commission."""

    seller_order_id: int
    currency: str
    left: Money
    lines: tuple[RefundableLine, ...]
    shipping_left: Money
    refunded: Money
    left_idr: int
    is_disputed: bool


@dataclass(frozen=True, slots=True)
class OpenRefund:
    """A refund that waits for an admin, with its order."""

    refund: RefundView
    order_id: int
    order_number: str
    processor: str
    can_retry: bool
    must_send: bool  # by a bank transfer of ours
    must_assign: bool  # made in the processor's dashboard: which parcel?


def refunds_of(order_id: int) -> list[RefundView]:
    """The refunds of an order, oldest first; two statements."""
    return _views(_found(PaymentAttempt.order_id == order_id))


def refund_view(refund_id: int) -> RefundView | None:
    found = _views(_found(Refund.id == refund_id))
    return found[0] if found else None


def refundable(seller_order_id: int, workshop_id: int | None = None) -> Refundable | None:
    """What can be given back of a seller order, None when it is not there (or not this workshop's) or was not paid."""
    try:
        found = subject(seller_order_id, workshop_id)
    except (NotFound, NotPaid):
        return None
    currency, state = found.part.currency, found.state
    lines = zip(lines_of(seller_order_id), state.lines, strict=True)
    return Refundable(
        seller_order_id=seller_order_id,
        currency=currency,
        left=found.left,
        lines=tuple(
            RefundableLine(
                line_id=line.id,
                title=pick(line.title_en, line.title_id),
                size=line.size,
                unit=line.unit_price,
                quantity_left=numbers.quantity_left,
                amount_left=Money(numbers.left, currency),
                has_stock=line.takes_stock,
            )
            for line, numbers in lines
        ),
        shipping_left=Money(state.shipping_left, currency),
        refunded=Money(found.part.refunded_amount, currency),
        left_idr=found.left_idr,
        is_disputed=is_disputed(seller_order_id),
    )


def open_refunds() -> list[OpenRefund]:
    """What waits for an admin, oldest first.

    Failed and not tried again, to be sent by hand, without a parcel, stuck, or unlike what the processor says.
    """
    again = aliased(Refund)
    retried = sa.exists().where(again.request_key == sa.literal("retry:").concat(sa.cast(Refund.id, sa.String(20))))
    failed = sa.and_(Refund.status == RefundStatus.FAILED, Refund.origin.in_(RETRYABLE), ~retried)
    by_hand = sa.and_(Refund.status == RefundStatus.REQUESTED, Refund.channel == RefundChannel.MANUAL)
    unassigned = sa.and_(
        Refund.origin == RefundOrigin.DASHBOARD,
        Refund.seller_order_id.is_(None),
        Refund.status != RefundStatus.FAILED,
        PaymentAttempt.is_applied,
    )
    stuck = sa.and_(Refund.status == RefundStatus.REQUESTED, Refund.requested_at <= clock.now() - STUCK_AFTER)
    odd = sa.and_(Refund.error.startswith("does not fit"), Refund.status != RefundStatus.FAILED)
    query = (
        sa.select(Refund, Order, PaymentAttempt.is_applied)
        .join(PaymentAttempt, PaymentAttempt.id == Refund.attempt_id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(sa.or_(failed, by_hand, unassigned, stuck, odd))
        .order_by(Refund.requested_at, Refund.id)
        .limit(OPEN_LIMIT)
    )
    rows = db.session.execute(query).all()
    views = _views([(refund, is_applied) for refund, _order, is_applied in rows])
    return [
        OpenRefund(
            refund=view,
            order_id=order.id,
            order_number=order.public_no,
            processor=refund.processor,
            can_retry=refund.status is RefundStatus.FAILED,
            must_send=refund.status is RefundStatus.REQUESTED and refund.channel is RefundChannel.MANUAL,
            must_assign=refund.origin is RefundOrigin.DASHBOARD and refund.seller_order_id is None,
        )
        for view, (refund, order, _is_applied) in zip(views, rows, strict=True)
    ]


def _found(condition: sa.ColumnElement[bool]) -> list[tuple[Refund, bool]]:
    """Refunds in the order in which they were asked for, and whether the order took their payment."""
    query = sa.select(Refund, PaymentAttempt.is_applied)
    query = query.join(PaymentAttempt, PaymentAttempt.id == Refund.attempt_id).where(condition).order_by(Refund.id)
    rows = db.session.execute(query.execution_options(populate_existing=True))
    return [(refund, is_applied) for refund, is_applied in rows]


def _views(refunds: Sequence[tuple[Refund, bool]]) -> list[RefundView]:
    lines = _lines([refund.id for refund, _is_applied in refunds])
    return [_view(refund, is_applied, tuple(lines.get(refund.id, ()))) for refund, is_applied in refunds]


def _view(refund: Refund, is_applied: bool, lines: tuple[RefundLineView, ...]) -> RefundView:
    word, kind = refund_word(refund.status)
    return RefundView(
        id=refund.id,
        seller_order_id=refund.seller_order_id,
        total=Money(refund.amount, refund.currency),
        goods=Money(refund.goods_amount, refund.currency),
        shipping=Money(refund.shipping_amount, refund.currency),
        payable_idr=refund.payable_idr,
        commission_idr=refund.commission_idr,
        status=refund.status,
        word=word,
        kind=kind,
        reason=" ".join(text for text in (refund_reason(refund.reason_code), refund.reason) if text),
        requested_at=refund.requested_at,
        done_at=refund.failed_at if refund.status is RefundStatus.FAILED else refund.succeeded_at,
        channel=refund.channel,
        origin=refund.origin,
        error=refund.error,
        is_applied=is_applied,
        lines=lines,
    )


def refund_word(status: RefundStatus) -> tuple[str, str]:
    """(what the buyer reads, the kind of its tag)."""
    text, kind = WORDS[status]
    return str(text), kind


def _lines(refund_ids: list[int]) -> dict[int, list[RefundLineView]]:
    query = sa.select(RefundLine, Line).join(Line, Line.id == RefundLine.line_id)
    rows = db.session.execute(query.where(RefundLine.refund_id.in_(refund_ids)).order_by(RefundLine.id))
    found: dict[int, list[RefundLineView]] = {}
    for share, line in rows:
        view = RefundLineView(
            title=pick(line.title_en, line.title_id),
            size=line.size,
            quantity=share.quantity,
            amount=Money(share.amount, line.currency),
        )
        found.setdefault(share.refund_id, []).append(view)
    return found

"""What the pages around paying show, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.core.ids import hash_token
from marketplace.core.money import Money
from marketplace.media.queries import PhotoView, photo_views
from marketplace.orders.models import Line, Order, OrderStatus, SellerOrder

from ..models import AttemptStatus, DemoSession, PaymentAttempt


@dataclass(frozen=True, slots=True)
class PayLine:
    title: str
    size: str
    quantity: int
    made_to_order: bool
    price: Money
    photo: PhotoView | None


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """An order on its way to being paid, with its newest attempt (None: there is none)."""

    order_id: int
    number: str
    token: str
    email: str
    status: OrderStatus
    total: Money
    shipping: Money
    lines: list[PayLine]
    parcel_count: int
    placed_at: datetime
    hold_until: datetime
    attempt_key: str | None
    attempt_status: AttemptStatus | None
    attempt_at: datetime | None
    processor: str
    decline_count: int
    offer: str  # the way to pay that was chosen
    method: str  # how it is being paid, in the processor's word
    page_url: str  # of the processor's page
    pay_until: datetime | None  # when that page closes

    @property
    def is_paid(self) -> bool:
        return self.status in (OrderStatus.PAID, OrderStatus.CLOSED)

    @property
    def is_canceled(self) -> bool:
        return self.status is OrderStatus.CANCELED

    @property
    def waits_for_buyer(self) -> bool:
        """A code or an account number was given out: no bank decides anything before the buyer has paid."""
        is_running = self.attempt_status is AttemptStatus.PROCESSING
        return is_running and self.processor == "midtrans" and self.method != "credit_card"

    @property
    def was_declined(self) -> bool:
        """Whether a bank has said no since the buyer last tried."""
        return self.attempt_status is AttemptStatus.FAILED or self.decline_count > 0


def payment_page(token: str) -> PaymentPage | None:
    """The order that this token opens, or None."""
    newest = (
        sa.select(sa.func.max(PaymentAttempt.id))
        .where(PaymentAttempt.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
    )
    query = (
        sa.select(Order, PaymentAttempt)
        .outerjoin(PaymentAttempt, PaymentAttempt.id == newest)
        .where(Order.token_hash == hash_token(token))
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(query).first()
    if row is None:
        return None
    order, attempt = row
    parcels = db.session.scalars(sa.select(SellerOrder).where(SellerOrder.order_id == order.id)).all()
    shipping = Money(sum(parcel.shipping_amount for parcel in parcels), order.currency)
    return PaymentPage(
        order_id=order.id,
        number=order.public_no,
        token=token,
        email=order.email,
        status=order.status,
        total=Money(order.total_amount, order.currency),
        shipping=shipping,
        lines=_lines([parcel.id for parcel in parcels]),
        parcel_count=len(parcels),
        placed_at=order.placed_at,
        hold_until=order.hold_until,
        attempt_key=attempt.key if attempt else None,
        attempt_status=attempt.status if attempt else None,
        attempt_at=attempt.created_at if attempt else None,
        processor=attempt.processor if attempt else "",
        decline_count=attempt.decline_count if attempt else 0,
        offer=attempt.offer if attempt else "",
        method=attempt.method if attempt else "",
        page_url=attempt.redirect_url if attempt else "",
        pay_until=attempt.expires_at if attempt else None,
    )


def _lines(parcel_ids: list[int]) -> list[PayLine]:
    query = sa.select(Line).where(Line.seller_order_id.in_(parcel_ids)).order_by(Line.seller_order_id, Line.id)
    lines = db.session.scalars(query).all()
    photos = photo_views([line.photo_id for line in lines if line.photo_id is not None])
    return [
        PayLine(
            title=pick(line.title_en, line.title_id),
            size=line.size,
            quantity=line.quantity,
            made_to_order=line.made_to_order,
            price=Money(line.unit_amount, line.currency) * line.quantity,
            photo=photos.get(line.photo_id) if line.photo_id is not None else None,
        )
        for line in lines
    ]


def is_money_to_return(order_id: int) -> bool:
    """Whether money came in for an order that has ended without it: it belongs to the buyer."""
    query = sa.select(PaymentAttempt.id).join(Order, Order.id == PaymentAttempt.order_id)
    taken = sa.or_(PaymentAttempt.status == AttemptStatus.PAID, PaymentAttempt.problem.like("does not fit%is paid"))
    ended = sa.and_(Order.id == order_id, Order.status == OrderStatus.CANCELED)
    return db.session.scalar(query.where(ended, taken).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class DemoPage:
    """The demo processor's page: what it would know of the order."""

    external_id: str
    status: str
    total: Money
    number: str
    attempt_number: int
    return_url: str
    cancel_url: str
    expires_at: datetime


def demo_page(external_id: str) -> DemoPage | None:
    earlier = aliased(PaymentAttempt)
    attempt_number = (
        sa.select(sa.func.count(earlier.id))
        .where(earlier.order_id == PaymentAttempt.order_id, earlier.id <= PaymentAttempt.id)
        .correlate(PaymentAttempt)
        .scalar_subquery()
    )
    query = (
        sa.select(DemoSession, Order.public_no, attempt_number)
        .join(PaymentAttempt, PaymentAttempt.key == DemoSession.key)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(DemoSession.external_id == external_id)
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(query).first()
    if row is None:
        return None
    session, number, count = row
    return DemoPage(
        external_id=session.external_id,
        status=session.status,
        total=Money(session.amount, session.currency),
        number=number,
        attempt_number=count,
        return_url=session.return_url,
        cancel_url=session.cancel_url,
        expires_at=session.expires_at,
    )

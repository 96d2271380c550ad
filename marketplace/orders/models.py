"""The purchase: an order, one seller order per workshop, their lines and shipments. States: payments.md 7."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.accounts.postal import NAMES, PostalAddress
from marketplace.core import clock
from marketplace.core.db import Base, MaybeUtc, Minor, Pk, Utc, fk, text_enum
from marketplace.core.errors import IllegalTransition
from marketplace.core.money import Money


class OrderStatus(enum.StrEnum):
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    CLOSED = "closed"
    CANCELED = "canceled"


class CancelReason(enum.StrEnum):
    EXPIRED = "expired"
    DECLINED = "declined"
    BUYER = "buyer"
    ADMIN = "admin"


class Order(Base):
    """`total` is what the buyer pays, in the presentment currency; rates, prices and words are frozen in it."""

    __tablename__ = "orders"
    __table_args__ = (
        sa.CheckConstraint("total_amount > 0", name="total"),
        sa.Index("ix_orders_status", "status", "hold_until"),
        sa.Index("ix_orders_email", "email", "id"),
    )
    MOVES: ClassVar = {
        OrderStatus.AWAITING_PAYMENT: {OrderStatus.PAID, OrderStatus.CANCELED},
        OrderStatus.PAID: {OrderStatus.CLOSED},
        OrderStatus.CANCELED: {OrderStatus.PAID},  # late money, if the pieces are still there
        OrderStatus.CLOSED: set(),
    }

    id: Mapped[Pk]
    public_no: Mapped[str] = mapped_column(sa.String(16), unique=True)
    checkout_key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    token: Mapped[str] = mapped_column(sa.String(40))  # of the buyer's link; needed for mails, compared by hash
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int | None] = fk("users.id")
    email: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(2))
    market: Mapped[str] = mapped_column(sa.String(10))
    status: Mapped[OrderStatus] = mapped_column(text_enum(OrderStatus), default=OrderStatus.AWAITING_PAYMENT)
    canceled_reason: Mapped[CancelReason | None] = mapped_column(text_enum(CancelReason))
    total_amount: Mapped[Minor]
    currency: Mapped[str] = mapped_column(sa.String(3))
    total: Mapped[Money] = composite("total_amount", "currency")
    fx_rate: Mapped[Decimal] = mapped_column(sa.Numeric(14, 4))  # rupiah for one unit of currency; 1 for IDR
    fx_quoted_at: Mapped[MaybeUtc]
    address: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # frozen: name, phone, country, street, district, …
    country: Mapped[str] = mapped_column(sa.String(2))
    hold_until: Mapped[Utc]  # the pieces are kept until then
    stock_returned_at: Mapped[MaybeUtc]  # given back once
    placed_at: Mapped[Utc]
    paid_at: Mapped[MaybeUtc]
    canceled_at: Mapped[MaybeUtc]

    @property
    def postal(self) -> PostalAddress:
        """The frozen address."""
        return PostalAddress(**{name: str(self.address.get(name, "")) for name in NAMES})

    def move_to(self, status: OrderStatus, at: datetime) -> None:
        if status not in self.MOVES[self.status]:
            raise IllegalTransition(self.status, status)
        self.status = status
        if status is OrderStatus.PAID:
            self.paid_at, self.canceled_at, self.canceled_reason = at, None, None
        elif status is OrderStatus.CANCELED:
            self.canceled_at = at


class SellerOrderStatus(enum.StrEnum):
    PENDING = "pending"
    PAID = "paid"
    ACCEPTED = "accepted"
    STARTED = "started"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    EARNED = "earned"
    CANCELED = "canceled"


_S = SellerOrderStatus
HOLD_AFTER_DELIVERY = timedelta(days=3)  # the time to report damage or a wrong piece (domain.md 8)


class SellerOrder(Base):
    """One workshop's part of an order: one parcel, one postage, one share."""

    __tablename__ = "seller_orders"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "workshop_id"),
        sa.CheckConstraint("refunded_amount >= 0 and refunded_amount <= total_amount", name="refunded"),
        sa.CheckConstraint("total_amount = items_amount - discount_amount + shipping_amount", name="total"),
        sa.CheckConstraint("commission_idr >= 0 and payable_idr >= 0", name="share"),
        sa.CheckConstraint(
            "commission_returned_idr between 0 and commission_idr and payable_returned_idr between 0 and payable_idr",
            name="returned",
        ),
        sa.CheckConstraint(
            "shipping_refunded_amount between 0 and shipping_amount and shipping_refunded_amount <= refunded_amount",
            name="shipping_refunded",
        ),
        sa.Index("ix_seller_orders_due", "workshop_id", "status", "ship_by_on"),
        sa.Index("ix_seller_orders_payable", "status", "payable_on"),
    )
    MOVES: ClassVar = {
        _S.PENDING: {_S.PAID, _S.CANCELED},
        _S.PAID: {_S.ACCEPTED, _S.CANCELED},
        _S.ACCEPTED: {_S.STARTED, _S.SHIPPED, _S.CANCELED},
        _S.STARTED: {_S.SHIPPED, _S.CANCELED},
        _S.SHIPPED: {_S.DELIVERED},
        _S.DELIVERED: {_S.EARNED},
        _S.EARNED: set(),
        _S.CANCELED: {_S.PAID},
    }

    id: Mapped[Pk]
    order_id: Mapped[int] = fk("orders.id")
    workshop_id: Mapped[int] = fk("workshops.id")
    status: Mapped[SellerOrderStatus] = mapped_column(text_enum(SellerOrderStatus), default=SellerOrderStatus.PENDING)
    currency: Mapped[str] = mapped_column(sa.String(3))
    items_amount: Mapped[Minor]
    discount_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    shipping_amount: Mapped[Minor]
    total_amount: Mapped[Minor]
    items: Mapped[Money] = composite("items_amount", "currency")
    shipping: Mapped[Money] = composite("shipping_amount", "currency")
    total: Mapped[Money] = composite("total_amount", "currency")
    commission_idr: Mapped[Minor]  # once per rate over the rupiah prices (payments.md 9)
    shipping_idr: Mapped[Minor]
    payable_idr: Mapped[Minor]  # goods in rupiah less commission, and the postage
    refunded_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # asked for and not failed
    shipping_refunded_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # the postage's part of it
    commission_returned_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    payable_returned_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    service: Mapped[str] = mapped_column(sa.String(20))  # how it travels
    arrives_from: Mapped[date]
    arrives_to: Mapped[date]
    ship_by_on: Mapped[date]
    note: Mapped[str] = mapped_column(sa.String(500), default="")  # the buyer's, shown as written
    is_gift: Mapped[bool] = mapped_column(default=False)  # no prices in the parcel
    cancel_code: Mapped[str] = mapped_column(sa.String(40), default="")
    cancel_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    accepted_at: Mapped[MaybeUtc]
    started_at: Mapped[MaybeUtc]
    shipped_at: Mapped[MaybeUtc]
    delivered_at: Mapped[MaybeUtc]
    payable_on: Mapped[date | None]  # set at delivery, so that a later rule does not move it; earned from then on
    earned_at: Mapped[MaybeUtc]
    canceled_at: Mapped[MaybeUtc]

    @property
    def goods_amount(self) -> int:
        """What was paid for the pieces."""
        return self.items_amount - self.discount_amount

    @property
    def goods_refunded_amount(self) -> int:
        return self.refunded_amount - self.shipping_refunded_amount

    @property
    def left(self) -> Money:
        """What can still be refunded."""
        return Money(self.total_amount - self.refunded_amount, self.currency)

    def move_to(self, status: SellerOrderStatus, at: datetime) -> None:
        if status not in self.MOVES[self.status]:
            raise IllegalTransition(self.status, status)
        self.status = status
        moment = f"{status}_at"
        if hasattr(self, moment):
            setattr(self, moment, at)
        if status is _S.DELIVERED:
            self.payable_on = clock.local(at).date() + HOLD_AFTER_DELIVERY
        if status is _S.PAID:
            self.canceled_at, self.cancel_code, self.cancel_reason = None, "", ""


class Line(Base):
    """A variant in a seller order, with everything frozen that may change later."""

    __tablename__ = "lines"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("refunded_quantity between 0 and quantity", name="refunded_quantity"),
        sa.CheckConstraint("refunded_amount between 0 and unit_amount * quantity", name="refunded_amount"),
    )

    id: Mapped[Pk]
    seller_order_id: Mapped[int] = fk("seller_orders.id")
    variant_id: Mapped[int] = fk("variants.id")
    listing_id: Mapped[int] = fk("listings.id")
    quantity: Mapped[int]
    takes_stock: Mapped[bool]  # False for made to order
    title_en: Mapped[str] = mapped_column(sa.String(120))
    title_id: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[str] = mapped_column(sa.String(40), default="")
    sku: Mapped[str] = mapped_column(sa.String(40), default="")
    photo_id: Mapped[int | None] = fk("photos.id")
    material: Mapped[str] = mapped_column(sa.String(20))
    fineness: Mapped[int | None]
    plating: Mapped[str] = mapped_column(sa.String(20), default="")
    weight_grams: Mapped[Decimal | None] = mapped_column(sa.Numeric(8, 1))
    made_to_order: Mapped[bool] = mapped_column(default=False)
    lead_time_days: Mapped[int] = mapped_column(default=0)
    engraving: Mapped[str] = mapped_column(sa.String(120), default="")
    engraving_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # what of the unit's amount it is
    engraving_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # and of the maker's price
    currency: Mapped[str] = mapped_column(sa.String(3))
    unit_amount: Mapped[Minor]
    unit_price: Mapped[Money] = composite("unit_amount", "currency")
    unit_idr: Mapped[Minor]  # the maker's price
    commission_bp: Mapped[int]
    commission_idr: Mapped[Minor]  # its part of the seller order's, which is rounded once per rate
    refunded_quantity: Mapped[int] = mapped_column(default=0)
    refunded_amount: Mapped[int] = mapped_column(sa.BigInteger(), default=0)

    @property
    def paid_amount(self) -> int:
        return self.unit_amount * self.quantity


class Shipment(Base):
    __tablename__ = "shipments"

    id: Mapped[Pk]
    seller_order_id: Mapped[int] = fk("seller_orders.id")
    carrier: Mapped[str] = mapped_column(sa.String(20))  # shipping/carriers.py
    tracking_number: Mapped[str] = mapped_column(sa.String(60), default="")
    shipped_on: Mapped[date]
    created_by: Mapped[int | None] = fk("users.id")
    created_at: Mapped[Utc]


class ShipmentLine(Base):
    """How many of a line are in a parcel. A seller order has left when every piece of it is in one."""

    __tablename__ = "shipment_lines"
    __table_args__ = (
        sa.UniqueConstraint("shipment_id", "line_id"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
    )

    id: Mapped[Pk]
    shipment_id: Mapped[int] = fk("shipments.id", index=False)
    line_id: Mapped[int] = fk("lines.id")
    quantity: Mapped[int]


class CommissionRate(Base):
    """What the collective keeps, in basis points of the goods. The most specific row in force counts."""

    __tablename__ = "commission_rates"
    __table_args__ = (
        sa.CheckConstraint("basis_points >= 0 and basis_points <= 5000", name="basis_points"),
        sa.CheckConstraint("floor_idr >= 0 and cap_idr >= 0 and floor_idr <= cap_idr", name="bounds"),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int | None] = fk("workshops.id")
    category_id: Mapped[int | None] = fk("categories.id")
    basis_points: Mapped[int]
    floor_idr: Mapped[int | None] = mapped_column(sa.BigInteger())  # of all goods at this rate in a seller order
    cap_idr: Mapped[int | None] = mapped_column(sa.BigInteger())
    valid_from: Mapped[date]
    created_by: Mapped[int | None] = fk("users.id")
    created_at: Mapped[MaybeUtc]

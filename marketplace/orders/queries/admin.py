"""The collective's pages: look up an order, what is owed, what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key
from marketplace.shipping.carriers import clean_number
from marketplace.workshops.models import Workshop

from ..leaving import has_to_send
from ..models import Order, OrderStatus, SellerOrder, Shipment
from ..models import SellerOrderStatus as Status
from ..words import order_word
from .buyer import OrderPage, order_page
from .parts import PartView, parts_where

OPEN = (Status.PAID, Status.ACCEPTED, Status.STARTED)


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: int
    public_no: str
    status: OrderStatus
    word: str
    kind: str
    email: str
    name: str
    country: str
    total: Money
    placed_at: datetime
    workshops: tuple[str, ...]


def search(words: str = "", status: str = "", after: str | None = None) -> Page[OrderRow]:
    """Newest first; `words` is a number, an email, a name, a phone or a tracking number; two statements."""
    query = sa.select(Order).order_by(Order.id.desc()).limit(PAGE + 1)
    if words.strip():
        query = query.where(_matches(words.strip()))
    if status in set(OrderStatus):
        query = query.where(Order.status == OrderStatus(status))
    key = decode_key(after, 1)
    if key:
        query = query.where(Order.id < key[0])
    orders = list(db.session.scalars(query))
    names = _workshops([order.id for order in orders])
    rows = [_row(order, tuple(names.get(order.id, ()))) for order in orders]
    return cut(rows, PAGE, lambda row: encode_key(row.id))


def _matches(words: str) -> sa.ColumnElement[bool]:
    """One box for everything that a buyer can name (features.md M9)."""
    name = Order.address["name"].as_string()
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found = [
        Order.public_no == words.upper(),
        Order.email.startswith(words.lower(), autoescape=True),
        name.ilike(like, escape="\\"),
        _has_parcel(words),
    ]
    digits = "".join(char for char in words if char.isdigit()).lstrip("0")
    if len(digits) >= 6:
        found.append(_only_digits(Order.address["phone"].as_string()).contains(digits))
    return sa.or_(*found)


def _only_digits(phone: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """People write phones with spaces, hyphens and a leading 0 or +62."""
    for char in " -()+.":
        phone = sa.func.replace(phone, char, "")
    return phone


def _has_parcel(number: str) -> sa.ColumnElement[bool]:
    number = clean_number(number)
    if len(number) < 4:
        return sa.false()
    return sa.exists().where(
        Shipment.seller_order_id == SellerOrder.id,
        SellerOrder.order_id == Order.id,
        Shipment.tracking_number == number,
    )


def _workshops(order_ids: list[int]) -> dict[int, list[str]]:
    rows = db.session.execute(
        sa.select(SellerOrder.order_id, Workshop.name)
        .join(Workshop, Workshop.id == SellerOrder.workshop_id)
        .where(SellerOrder.order_id.in_(order_ids))
        .order_by(SellerOrder.id)
    )
    found: dict[int, list[str]] = {}
    for order_id, name in rows:
        found.setdefault(order_id, []).append(name)
    return found


def _row(order: Order, workshops: tuple[str, ...]) -> OrderRow:
    word, kind = order_word(order.status)
    return OrderRow(
        id=order.id,
        public_no=order.public_no,
        status=order.status,
        word=word,
        kind=kind,
        email=order.email,
        name=str(order.address.get("name", "")),
        country=order.country,
        total=order.total,
        placed_at=order.placed_at,
        workshops=workshops,
    )


def detail(order_id: int) -> OrderPage | None:
    order = db.session.get(Order, order_id)
    return order_page(order) if order is not None else None


def refunds_owed() -> list[tuple[str, PartView]]:
    """(order number, part) of every paid part that its workshop refused and whose money is still with us."""
    return _numbered(
        SellerOrder.status == Status.CANCELED,
        SellerOrder.refunded_amount < SellerOrder.total_amount,
        sa.exists().where(Order.id == SellerOrder.order_id, Order.status.in_((OrderStatus.PAID, OrderStatus.CLOSED))),
    )


def late_parts() -> list[tuple[str, PartView]]:
    """(order number, part) of what should have left Celuk by now and has not, or not all (E4)."""
    return _numbered(SellerOrder.status.in_(OPEN), SellerOrder.ship_by_on < clock.today(), has_to_send())


def _numbered(*conditions: sa.ColumnElement[bool]) -> list[tuple[str, PartView]]:
    parts = parts_where(*conditions)
    orders = sa.select(Order.id, Order.public_no).where(Order.id.in_([part.order_id for part in parts]))
    numbers = {row.id: row.public_no for row in db.session.execute(orders)}
    return [(numbers[part.order_id], part) for part in parts]

"""The buyer's pages: one order by its token, the orders of an account."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import postal
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import money
from marketplace.core.ids import hash_token
from marketplace.core.money import Money, total
from marketplace.core.pagination import Page, cut, decode_key, encode_key

from ..models import CancelReason, Order, OrderStatus, SellerOrder
from ..models import SellerOrderStatus as Part
from ..words import CANCEL_WORDS, RANK, order_word
from .parts import PartView, parts_where

HISTORY = 12
ARRIVED = {Part.DELIVERED, Part.EARNED}
ON_THE_WAY = (Part.SHIPPED,)
BEING_MADE = (Part.PAID, Part.ACCEPTED, Part.STARTED)


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Everything that an order's own page shows."""

    id: int
    public_no: str
    token: str
    user_id: int | None
    email: str
    language: str
    market: str
    status: OrderStatus
    word: str
    kind: str
    canceled_reason: CancelReason | None
    name: str
    address_lines: tuple[str, ...]
    country: str
    currency: str
    total: Money
    placed_at: datetime
    paid_at: datetime | None
    canceled_at: datetime | None
    hold_until: datetime
    parts: tuple[PartView, ...]

    @property
    def items(self) -> Money:
        return total((part.items for part in self.parts), self.currency)

    @property
    def shipping(self) -> Money:
        return total((part.shipping for part in self.parts), self.currency)

    @property
    def piece_count(self) -> int:
        return sum(part.piece_count for part in self.parts)

    @property
    def refunded(self) -> Money:
        """Asked for and not failed."""
        return total((part.refunded for part in self.parts), self.currency)

    @property
    def refund_word(self) -> str:
        """'Full refund, $62.00', 'Part refund, $48.00'; '' when nothing goes back."""
        if not self.refunded:
            return ""
        if self.refunded == self.total:
            return str(_("Full refund, %(sum)s", sum=money(self.refunded)))
        return str(_("Part refund, %(sum)s", sum=money(self.refunded)))

    @property
    def is_waiting(self) -> bool:
        return self.status is OrderStatus.AWAITING_PAYMENT

    @property
    def is_paid(self) -> bool:
        return self.status in (OrderStatus.PAID, OrderStatus.CLOSED)

    @property
    def progress(self) -> tuple[str, str]:
        """A word for the whole order and the kind of its tag."""
        states = {part.status for part in self.parts if part.status is not Part.CANCELED}
        if not self.is_paid:
            return self.word, self.kind
        if not states:
            return self.parts[0].word, self.parts[0].kind
        if states <= ARRIVED:
            return _("Delivered"), "ok"
        if states <= ARRIVED | {Part.SHIPPED}:
            return _("Posted"), "ok"
        if states & (ARRIVED | {Part.SHIPPED}) or any(part.is_partly_sent for part in self.parts):
            return _("Part posted"), "acc"
        earliest = min(self.parts, key=lambda part: RANK.get(part.status, 9))
        return earliest.word, earliest.kind

    @property
    def minutes_left(self) -> int:
        return max(0, int((self.hold_until - clock.now()).total_seconds()) // 60)

    @property
    def title(self) -> tuple[str, int]:
        """The first piece's name, and how many more lines there are."""
        lines = [line for part in self.parts for line in part.lines]
        return (lines[0].title if lines else self.public_no, max(0, len(lines) - 1))


def by_token(token: str) -> OrderPage | None:
    """The order that this link opens: found by the token's hash, compared in constant time; five statements."""
    wanted = hash_token(token)
    order = db.session.scalar(sa.select(Order).where(Order.token_hash == wanted))
    if order is None or not hmac.compare_digest(order.token_hash, wanted):
        return None
    return order_page(order)


def by_checkout_key(key: str) -> tuple[int, str] | None:
    """(number, token) of the order that this checkout has made already; the key is as secret as the token."""
    row = db.session.execute(sa.select(Order.id, Order.token).where(Order.checkout_key == key)).first()
    return (row.id, row.token) if row else None


def order_page(order: Order) -> OrderPage:
    return _page(order, parts_where(SellerOrder.order_id == order.id))


def _page(order: Order, parts: list[PartView]) -> OrderPage:
    word, kind = order_word(order.status)
    if order.canceled_reason is not None:
        word = str(CANCEL_WORDS[order.canceled_reason])
    return OrderPage(
        id=order.id,
        public_no=order.public_no,
        token=order.token,
        user_id=order.user_id,
        email=order.email,
        language=order.language,
        market=order.market,
        status=order.status,
        word=word,
        kind=kind,
        canceled_reason=order.canceled_reason,
        name=str(order.address.get("name", "")),
        address_lines=tuple(postal.lines(order.postal)),
        country=order.country,
        currency=order.currency,
        total=order.total,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        canceled_at=order.canceled_at,
        hold_until=order.hold_until,
        parts=tuple(_with_paid(part, order.paid_at) for part in parts),
    )


def _with_paid(part: PartView, paid_at: datetime | None) -> PartView:
    return replace(part, moments={**part.moments, Part.PAID: paid_at})


@dataclass(frozen=True, slots=True)
class History:
    """An account's orders, newest first, with the counts of the chips."""

    page: Page[OrderPage]
    count: int
    on_the_way: int
    being_made: int


def orders_of(user_id: int, narrow: str = "", after: str | None = None) -> History:
    """`narrow` is '', 'way' (a parcel is on its way) or 'made' (a part is being prepared); seven statements."""
    query = sa.select(Order).where(Order.user_id == user_id).order_by(Order.id.desc()).limit(HISTORY + 1)
    states = {"way": ON_THE_WAY, "made": BEING_MADE}.get(narrow)
    if states:
        query = query.where(_has_part(states))
    key = decode_key(after, 1)
    if key:
        query = query.where(Order.id < key[0])
    rows = list(db.session.scalars(query))
    by_order = _parts_by_order([row.id for row in rows])
    pages = [_page(row, by_order.get(row.id, [])) for row in rows]
    count, way, made = _counts(user_id)
    return History(cut(pages, HISTORY, lambda page: encode_key(page.id)), count, way, made)


def _has_part(states: tuple[Part, ...]) -> sa.ColumnElement[bool]:
    return sa.exists().where(SellerOrder.order_id == Order.id, SellerOrder.status.in_(states))


def _counts(user_id: int) -> tuple[int, int, int]:
    row = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((_has_part(ON_THE_WAY), 1))),
            sa.func.count(sa.case((_has_part(BEING_MADE), 1))),
        )
        .select_from(Order)
        .where(Order.user_id == user_id)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def _parts_by_order(order_ids: list[int]) -> dict[int, list[PartView]]:
    found: dict[int, list[PartView]] = {}
    for part in parts_where(SellerOrder.order_id.in_(order_ids)) if order_ids else []:
        found.setdefault(part.order_id, []).append(part)
    return found

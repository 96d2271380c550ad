"""By what right somebody reaches for a talk: as a member of the workshop, by account, or by an order's own link."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.ids import hash_token
from marketplace.orders.models import Order, SellerOrder

from .models import Side, Thread


@dataclass(frozen=True, slots=True)
class Hand:
    """`user_id` is who writes, under their own name; a guest has none and holds the order's link instead."""

    side: Side
    user_id: int | None = None
    workshop_id: int | None = None
    token_hash: str = ""

    @property
    def holds(self) -> sa.ColumnElement[bool]:
        """The one condition of whose talk it is; everything else is 404 (security.md 19)."""
        if self.side is Side.WORKSHOP:
            return Thread.workshop_id == self.workshop_id
        if self.token_hash:
            return _order_has(Order.token_hash == self.token_hash)
        return sa.or_(Thread.user_id == self.user_id, _order_has(Order.user_id == self.user_id))


def member(workshop_id: int, user_id: int) -> Hand:
    return Hand(Side.WORKSHOP, user_id=user_id, workshop_id=workshop_id)


def buyer(user_id: int) -> Hand:
    return Hand(Side.BUYER, user_id=user_id)


def guest(token: str, user_id: int | None = None) -> Hand:
    """Whoever holds the link of an order; `user_id` when the order's own buyer is signed in."""
    return Hand(Side.BUYER, user_id=user_id, token_hash=hash_token(token))


def _order_has(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """An order that joins an account later brings its talks along: the order says whose it is."""
    orders = sa.select(SellerOrder.id).join(Order, Order.id == SellerOrder.order_id).where(condition)
    return Thread.seller_order_id.in_(orders)

"""Paid orders whose parcels have arrived, through the real verbs, and what the books say of them."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.ledger import queries as books
from marketplace.ledger.models import LedgerTxn
from marketplace.orders import services as orders
from marketplace.orders.models import Order, SellerOrder
from marketplace.orders.services import Posting
from tests.factories.accounts import UserFactory
from tests.factories.orders import parts_of


def post_parcels(parts: Iterable[SellerOrder]) -> None:
    """Accepted and handed to the courier."""
    by = UserFactory().id
    for part in parts:
        orders.accept(part.id, workshop_id=part.workshop_id)
        orders.ship(part.id, Posting("pos", "EE123456789ID"), workshop_id=part.workshop_id, by=by)


def deliver(order: Order) -> list[SellerOrder]:
    """Every part of a paid order is posted and has arrived."""
    mark_delivered(parts_of(order))
    return list(parts_of(order))


def balances() -> dict[str, int]:
    """'account currency' → sum; a debit is positive."""
    db.session.rollback()
    return {f"{line.account} {line.amount.currency}": line.amount.amount for line in books.balances()}


def keys(prefix: str = "") -> list[str]:
    """What was booked, in the order of booking."""
    db.session.rollback()
    query = sa.select(LedgerTxn.key).where(LedgerTxn.key.startswith(prefix)).order_by(LedgerTxn.id)
    return list(db.session.scalars(query))


def mark_delivered(parts: Iterable[SellerOrder]) -> None:
    """Posted, and arrived."""
    parts = list(parts)
    post_parcels(parts)
    for part in parts:
        orders.mark_delivered(part.id)

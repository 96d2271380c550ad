"""The receipt of an order: what was bought, how it was paid, what went back."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.db import db, end_read
from marketplace.orders import queries as orders
from marketplace.orders.queries import OrderPage

from ..models import AttemptStatus, PaymentAttempt
from ..words import paid_with
from .refunds import RefundView, refunds_of


@dataclass(frozen=True, slots=True)
class Receipt:
    """`paid_with` are words of the language of the moment; `refunds` are all of the order, oldest first."""

    order: OrderPage
    paid_with: str
    refunds: tuple[RefundView, ...]


def receipt_of(token: str) -> Receipt | None:
    """The receipt of the order that this token opens, None when it opens none; a fixed number of statements.

    An order that nobody paid comes too (`order.is_paid`): it has no receipt yet. The read is ended, so that what is
    drawn from it keeps no connection waiting.
    """
    order = orders.by_token(token)
    if order is None:
        return None
    attempt = db.session.execute(
        sa.select(PaymentAttempt.processor, PaymentAttempt.offer).where(
            PaymentAttempt.order_id == order.id,
            PaymentAttempt.status == AttemptStatus.PAID,
            PaymentAttempt.is_applied,
        )
    ).first()
    refunds = tuple(refunds_of(order.id))
    end_read()
    return Receipt(order, str(paid_with(*attempt)) if attempt is not None else "", refunds)

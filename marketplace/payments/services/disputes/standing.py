"""Whether an order's money stands still because of a bank."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.core.db import db

from ...models import OPEN_DISPUTES, Dispute, DisputeStatus, PaymentAttempt


def open_dispute_of(order_id: int) -> int | None:
    """The oldest dispute of this order that no bank has decided yet."""
    query = _of(order_id).where(Dispute.status.in_(OPEN_DISPUTES)).order_by(Dispute.id).limit(1)
    return db.session.scalars(query).first()


def is_disputed(order_id: int) -> bool:
    """Whether a bank asks for money of this order, or took it and nobody has said who bears that."""
    undecided = sa.and_(Dispute.status == DisputeStatus.LOST, Dispute.borne_by.is_(None))
    query = _of(order_id).where(sa.or_(Dispute.status.in_(OPEN_DISPUTES), undecided))
    return db.session.scalar(query.limit(1)) is not None


def _of(order_id: int) -> sa.Select[int]:
    return (
        sa.select(Dispute.id)
        .join(PaymentAttempt, PaymentAttempt.id == Dispute.attempt_id)
        .where(PaymentAttempt.order_id == order_id)
    )

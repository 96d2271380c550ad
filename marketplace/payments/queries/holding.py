"""Why a workshop's money is not there yet: one reason for each part, with its day where there is one."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.orders.leaving import has_left, has_to_send
from marketplace.orders.models import SellerOrder
from marketplace.orders.models import SellerOrderStatus as Status

from ..models import OPEN_DISPUTES, Dispute, DisputeStatus, PaymentAttempt


class HoldCode(enum.StrEnum):
    """What a part's money waits for. The faces put it into words."""

    UNPAID = "unpaid"  # the buyer's money is not here yet
    WAITING_ANSWER = "waiting_answer"  # paid; the workshop has not said yes
    NOT_POSTED = "not_posted"
    ON_THE_WAY = "on_the_way"
    HOLD = "hold"  # delivered; earned on `on`
    DISPUTE = "dispute"  # a bank asks, or somebody must say who bears what it took
    EARNED = "earned"
    CANCELED = "canceled"
    REFUNDED = "refunded"  # all of it went back


@dataclass(frozen=True, slots=True)
class Held:
    """`on` is the day it is earned, known from delivery on (code `hold`)."""

    code: HoldCode
    on: date | None = None


_WAITS = {
    Status.PENDING: HoldCode.UNPAID,
    Status.PAID: HoldCode.WAITING_ANSWER,
    Status.ACCEPTED: HoldCode.NOT_POSTED,
    Status.STARTED: HoldCode.NOT_POSTED,
    Status.SHIPPED: HoldCode.ON_THE_WAY,
    Status.DELIVERED: HoldCode.HOLD,
    Status.EARNED: HoldCode.EARNED,
    Status.CANCELED: HoldCode.CANCELED,
}


def why_held(part_ids: Sequence[int]) -> dict[int, Held]:
    """The reason of each of these seller orders; those that do not exist are left out. One statement.

    A dispute comes before everything but `canceled` and `refunded`: an earned part under dispute is not paid out.
    """
    flags = (is_disputed_part().label("is_disputed"), is_short_part().label("is_short"))
    query = sa.select(SellerOrder, *flags).where(SellerOrder.id.in_(part_ids))
    rows = db.session.execute(query.execution_options(populate_existing=True))
    return {part.id: _held(part, is_disputed=stopped, is_short=short) for part, stopped, short in rows}


def _held(part: SellerOrder, *, is_disputed: bool, is_short: bool) -> Held:
    if part.status is Status.CANCELED:
        return Held(HoldCode.CANCELED)
    if not part.left:
        return Held(HoldCode.REFUNDED)
    if is_disputed:
        return Held(HoldCode.DISPUTE)
    if is_short and part.status in (Status.SHIPPED, Status.DELIVERED):
        return Held(HoldCode.NOT_POSTED)
    return Held(_WAITS[part.status], part.payable_on if part.status is Status.DELIVERED else None)


def is_short_part() -> sa.ColumnElement[bool]:
    """In a statement over SellerOrder: whether it counts as sent, and yet a piece is neither in a parcel nor refunded.

    So it is when the refund of a piece that was not sent came back from the bank: nothing of the part is earned until
    the buyer has that money.
    """
    return sa.and_(has_left(), has_to_send())


def is_disputed_part() -> sa.ColumnElement[bool]:
    """In a statement over SellerOrder: whether a dispute stops its money (neither earned nor paid out).

    An open dispute stops every part of its order; a lost one the part it is about (all of them where nobody said
    which) until a person has decided who bears it.
    """
    undecided = sa.and_(
        Dispute.status == DisputeStatus.LOST,
        Dispute.borne_by.is_(None),
        sa.or_(Dispute.seller_order_id.is_(None), Dispute.seller_order_id == SellerOrder.id),
    )
    return (
        sa.exists()
        .where(
            PaymentAttempt.id == Dispute.attempt_id,
            PaymentAttempt.order_id == SellerOrder.order_id,
            sa.or_(Dispute.status.in_(OPEN_DISPUTES), undecided),
        )
        .correlate(SellerOrder)
    )

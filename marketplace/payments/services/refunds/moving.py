"""The one place where a refund's status changes, with everything that hangs on it, by compare-and-set."""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa

from marketplace.catalog import changes, stock
from marketplace.core import clock
from marketplace.core.db import db, locked
from marketplace.core.errors import NotFound
from marketplace.core.money import Money
from marketplace.orders.models import Line, Order, SellerOrder

from ... import mails
from ...models import PaymentAttempt, Refund, RefundChannel, RefundLine, RefundOrigin, RefundStatus
from ...processors import RefundSaid, RefundState
from ..posting import book_refund_failed, book_refund_sent
from .writing import count_attempt, count_part

log = logging.getLogger(__name__)

NEWS_TO_WORKSHOP = (RefundOrigin.ADMIN, RefundOrigin.DISPUTE)
_SAID = {
    RefundSaid.PENDING: RefundStatus.PENDING,
    RefundSaid.SUCCEEDED: RefundStatus.SUCCEEDED,
    RefundSaid.FAILED: RefundStatus.FAILED,
}


def held(refund_id: int) -> tuple[Refund, Order, SellerOrder | None]:
    """A refund with its order and seller order, held until the caller's transaction ends; the order first, always.

    Raises:
        NotFound: there is none.
    """
    query = (
        sa.select(PaymentAttempt.order_id)
        .join(Refund, Refund.attempt_id == PaymentAttempt.id)
        .where(Refund.id == refund_id)
    )
    order_id = db.session.scalar(query)
    if order_id is None:
        raise NotFound("Refund", refund_id)
    order = locked(Order, order_id)
    refund = db.session.get_one(Refund, refund_id, populate_existing=True)
    part = None if refund.seller_order_id is None else locked(SellerOrder, refund.seller_order_id)
    return refund, order, part


def move(refund: Refund, status: RefundStatus, **values: Any) -> bool:
    """Tells whether this call moved it (payments.md 7); the row is read anew."""
    allowed = [before for before, after in Refund.MOVES.items() if status in after]
    query = sa.update(Refund).where(Refund.id == refund.id, Refund.status.in_(allowed))
    result = db.session.execute(query.values(status=status, **values).execution_options(synchronize_session=False))
    db.session.refresh(refund)
    return bool(result.rowcount)  # type: ignore[attr-defined]


def apply(refund_id: int, state: RefundState) -> bool:
    """Write what the processor says, in the caller's transaction; tells whether anything moved."""
    refund, order, part = held(refund_id)
    problem = _differs(refund, state)
    if problem:
        log.error("refund %s does not fit: %s", refund_id, problem)
        refund.error = f"does not fit: {problem}"[:300]
        return False
    status = _SAID[state.status]
    if status is RefundStatus.PENDING:
        return _pend(refund, order, part, state.external_id)
    if status is RefundStatus.SUCCEEDED:
        return succeed(refund, order, part, external_id=state.external_id, settled=state.settled)
    return fail(refund, order, part, state.reason or "the processor says that it failed", external_id=state.external_id)


def _differs(refund: Refund, state: RefundState) -> str:
    attempt = db.session.get_one(PaymentAttempt, refund.attempt_id)
    if state.refund_key and state.refund_key != refund.key:
        return f"{state.external_id} belongs to another refund"
    if refund.external_id and refund.external_id != state.external_id:
        return f"the processor has {state.external_id}, not {refund.external_id}"
    if state.charge_id != attempt.charge_id:
        return f"it is of the charge {state.charge_id}"
    if state.amount != refund.total:
        return f"the processor says {state.amount.amount} {state.amount.currency}"
    return ""


def _pend(refund: Refund, order: Order, part: SellerOrder | None, external_id: str) -> bool:
    """The bank has it, and needs days."""
    if not move(refund, RefundStatus.PENDING, external_id=external_id, error=""):
        return False
    _tell(refund, order, part)
    return True


def _tell(refund: Refund, order: Order, part: SellerOrder | None) -> None:
    """The buyer, unless their bank did; and the workshop, unless it or its cancellation is the reason."""
    if refund.channel is not RefundChannel.NONE:
        mails.refund_sent(order, part, refund)
    if part is not None and refund.origin in NEWS_TO_WORKSHOP:
        mails.refund_by_shop(order, part, refund)


def succeed(
    refund: Refund,
    order: Order,
    part: SellerOrder | None,
    *,
    settled: Money | None = None,
    **values: Any,
) -> bool:
    """The money has left: booked, pieces back on sale, the buyer told. False: it had before, or failed since."""
    if not move(refund, RefundStatus.SUCCEEDED, succeeded_at=clock.now(), error="", **values):
        return False
    book_refund_sent(refund, order_id=order.id, settled=settled)
    _restock(refund)
    _tell(refund, order, part)
    return True


def fail(refund: Refund, order: Order, part: SellerOrder | None, reason: str, **values: Any) -> bool:
    """The money did not reach the buyer: counters and books are as if it had never been asked for.

    Pieces that went back on sale stay there. The row waits for an admin (`queries.open_refunds`).
    """
    was_sent = refund.status is not RefundStatus.REQUESTED
    if not move(refund, RefundStatus.FAILED, failed_at=clock.now(), error=reason[:300], **values):
        return False
    log.error("refund %s failed: %s", refund.id, reason)
    if part is not None:
        count_part(refund, part.id, -1)
    count_attempt(refund.attempt_id, -refund.amount)
    book_refund_failed(refund, part)
    if was_sent and refund.channel is not RefundChannel.NONE:
        mails.refund_failed(order, refund)
    return True


def _restock(refund: Refund) -> None:
    """The chosen pieces that were taken from stock go back on sale, once."""
    won = db.session.execute(
        sa.update(Refund).where(Refund.id == refund.id, Refund.restocked_at.is_(None)).values(restocked_at=clock.now())
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        return
    rows = db.session.execute(
        sa.select(Line.variant_id, Line.listing_id, RefundLine.quantity)
        .join(Line, Line.id == RefundLine.line_id)
        .where(RefundLine.refund_id == refund.id, RefundLine.restock, RefundLine.quantity > 0, Line.takes_stock)
    ).all()
    demand: dict[int, int] = {}
    for row in rows:
        demand[row.variant_id] = demand.get(row.variant_id, 0) + row.quantity
    stock.give_back(demand)
    changes.append([row.listing_id for row in rows])

"""The workshop's side: accept, start, refuse; and the parcel's arrival. Every step by `move_to` under lock."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.core.ids import hash_token
from marketplace.notifications.models import Mail
from marketplace.shipping.calendar import after_working_days
from marketplace.shipping.queries import calendars
from marketplace.workshops.models import Workshop

from .. import mails
from ..errors import AlreadySent, ReasonNeeded, TooLateToCancel
from ..leaving import has_left, has_to_send
from ..models import Order, SellerOrder
from ..models import SellerOrderStatus as Status
from ..reasons import BY_BUYER, BY_SHOP, REFUSALS
from ..signals import part_canceled
from .payment import return_part

DELIVERED_AFTER = timedelta(days=14)  # after posting, when nobody said anything (payments.md 7)
LOOK_AHEAD = timedelta(days=45)  # no holiday of a workshop lasts longer
MOST_WARNED = 100
OPEN = (Status.PAID, Status.ACCEPTED, Status.STARTED)
_ACTIONS = {Status.ACCEPTED: "accept", Status.STARTED: "start"}
FREE_TO_CANCEL = (Status.PAID, Status.ACCEPTED)  # by the buyer; from `started` on they ask (features.md E6)


def accept(seller_order_id: int, *, workshop_id: int, by: int | None = None) -> None:
    """The workshop takes the order on; `by` is its person."""
    _move(seller_order_id, workshop_id, Status.ACCEPTED, by)


def start(seller_order_id: int, *, workshop_id: int, by: int | None = None) -> None:
    """Work at the bench has begun; from now on a buyer asks before canceling."""
    _move(seller_order_id, workshop_id, Status.STARTED, by)


def refuse(seller_order_id: int, code: str, text: str = "", *, workshop_id: int, by: int) -> None:
    """The workshop cannot send a paid part: it ends, its pieces go back, the buyer is told and gets the money back.

    `code` is a key of `reasons.REFUSALS`; `text` is added in the workshop's own words.

    Raises:
        ReasonNeeded: the code is unknown.
        AlreadySent: a parcel of it has left.
        IllegalTransition: everything has left, or the part was never paid.
    """
    if code not in REFUSALS:
        raise ReasonNeeded
    with transaction():
        part = _held(seller_order_id, workshop_id=workshop_id)
        before = _cancel(part, code, text)
        mails.refused(_order(part), part)
        _note_cancel("seller_order.refuse", part, before, by)
        part_canceled.send(None, seller_order_id=part.id, by=by)


def cancel_part(seller_order_id: int, code: str, text: str, by: int) -> None:
    """An admin ends a paid part before it is sent: pieces and money go back, buyer and workshop are told.

    `code` is a key of `reasons.REFUSALS` or `reasons.BY_SHOP`; `text` is added for the buyer.

    Raises:
        ReasonNeeded: the code is unknown.
        NotFound: there is no such part.
        AlreadySent: a parcel of it has left.
        IllegalTransition: everything has left, or the part was never paid.
    """
    if code not in REFUSALS and code != BY_SHOP:
        raise ReasonNeeded
    with transaction():
        part = _held(seller_order_id)
        before = _cancel(part, code, text)
        mails.refused(_order(part), part)
        mails.stopped(_order(part), part)
        _note_cancel("seller_order.cancel", part, before, by)
        part_canceled.send(None, seller_order_id=part.id, by=by)


def _cancel(part: SellerOrder, code: str, text: str = "") -> Status:
    """End a paid part that has not left and give its pieces back; the state that it was in."""
    before = part.status
    if before not in OPEN:
        raise IllegalTransition(before, Status.CANCELED)
    if _has_left(part):
        raise AlreadySent
    part.move_to(Status.CANCELED, clock.now())
    part.cancel_code, part.cancel_reason = code, text[:500]
    return_part(part)
    return before


def _has_left(part: SellerOrder) -> bool:
    return bool(db.session.scalar(sa.select(has_left()).where(SellerOrder.id == part.id)))


def _note_cancel(action: str, part: SellerOrder, before: Status, by: int | None) -> None:
    record(
        action,
        "seller_order",
        part.id,
        by,
        before={"status": before.value},
        after={"status": Status.CANCELED.value, "code": part.cancel_code},
        reason=part.cancel_reason,
    )


def withdraw(token: str, seller_order_id: int) -> None:
    """The buyer takes a paid part back before work on it has begun; its pieces go back, and so does the money.

    Saying it twice is fine.

    Raises:
        NotFound: the part does not belong to the order that this token opens.
        TooLateToCancel: the workshop has started, or a parcel has left.
    """
    with transaction():
        part = _part_by(token, seller_order_id)
        before = part.status
        if before is Status.CANCELED:
            return
        if before not in FREE_TO_CANCEL or _has_left(part):
            raise TooLateToCancel
        _cancel(part, BY_BUYER)
        mails.withdrawn(_order(part), part)
        _note_cancel("seller_order.withdraw", part, before, None)
        part_canceled.send(None, seller_order_id=part.id, by=None)


def arrived(token: str, seller_order_id: int) -> None:
    """The buyer says that the parcel is there. Saying it twice is fine.

    Raises:
        NotFound: the part does not belong to the order that this token opens.
    """
    with transaction():
        part = _part_by(token, seller_order_id)
        if part.status in (Status.DELIVERED, Status.EARNED):
            return
        part.move_to(Status.DELIVERED, clock.now())


def mark_delivered(seller_order_id: int, *, actor_id: int | None = None, reason: str = "") -> None:
    """An admin (or the timer, without an actor) says that the parcel is there."""
    with transaction():
        part = locked(SellerOrder, seller_order_id)
        part.move_to(Status.DELIVERED, clock.now())
        if actor_id is not None:
            record(
                "seller_order.deliver",
                "seller_order",
                part.id,
                actor_id,
                before={"status": Status.SHIPPED.value},
                after={"status": Status.DELIVERED.value},
                reason=reason,
            )


def close_silent() -> int:
    """Parts whose last parcel was posted 14 days ago, and of which nobody said anything, count as arrived."""
    due = list(
        db.session.scalars(
            sa.select(SellerOrder.id).where(
                SellerOrder.status == Status.SHIPPED, SellerOrder.shipped_at <= clock.now() - DELIVERED_AFTER
            )
        )
    )
    return sum(_deliver_if_due(ident) for ident in due)


def _deliver_if_due(seller_order_id: int) -> bool:
    with transaction():
        part = locked(SellerOrder, seller_order_id)
        if part.status is not Status.SHIPPED:  # the buyer was quicker
            return False
        part.move_to(Status.DELIVERED, clock.now())
    return True


def warn_workshops() -> int:
    """On the last working day before the last piece of a part must leave, its workshop gets one mail (E4).

    Working days are the workshop's own: what must leave on a Monday is told of on Saturday.
    """
    with transaction():
        ids = _to_warn()
        rows = db.session.execute(
            sa.select(SellerOrder, Order)
            .join(Order, Order.id == SellerOrder.order_id)
            .where(SellerOrder.id.in_(ids[:MOST_WARNED]))
            .order_by(SellerOrder.ship_by_on, SellerOrder.id)
        ).all()
        return sum(mails.due(order, part) for part, order in rows)


def _to_warn() -> list[int]:
    told = sa.exists().where(Mail.key == sa.literal("order_due:").concat(sa.cast(SellerOrder.id, sa.String(20))))
    rows = db.session.execute(
        sa.select(SellerOrder.id, SellerOrder.workshop_id, SellerOrder.ship_by_on)
        .join(Workshop, Workshop.id == SellerOrder.workshop_id)
        .where(
            SellerOrder.status.in_(OPEN),
            has_to_send(),
            SellerOrder.ship_by_on <= clock.today() + LOOK_AHEAD,
            Workshop.email != "",
            ~told,
        )
        .order_by(SellerOrder.ship_by_on, SellerOrder.id)
    ).all()
    known = calendars({row.workshop_id for row in rows})
    ends = {ident: after_working_days(clock.today(), 1, calendar) for ident, calendar in known.items()}
    return [row.id for row in rows if row.ship_by_on <= ends[row.workshop_id]]


def _move(seller_order_id: int, workshop_id: int, status: Status, by: int | None) -> None:
    with transaction():
        part = locked(SellerOrder, seller_order_id, workshop_id=workshop_id)
        before = part.status
        part.move_to(status, clock.now())
        action = f"seller_order.{_ACTIONS[status]}"
        record(action, "seller_order", part.id, by, {"status": before.value}, {"status": status.value})


def _part_by(token: str, seller_order_id: int) -> SellerOrder:
    order_id = db.session.scalar(sa.select(Order.id).where(Order.token_hash == hash_token(token)))
    if order_id is None:
        raise NotFound("Order", token)
    return _held(seller_order_id, order_id=order_id)


def _held(seller_order_id: int, **owner: int) -> SellerOrder:
    """The part under lock, its order first, always: whoever moves money locks in the same sequence."""
    order_id = db.session.scalar(sa.select(SellerOrder.order_id).filter_by(id=seller_order_id, **owner))
    if order_id is None:
        raise NotFound("SellerOrder", seller_order_id)
    locked(Order, order_id)
    return locked(SellerOrder, seller_order_id, **owner)


def _order(part: SellerOrder) -> Order:
    order = db.session.get(Order, part.order_id)
    assert order is not None
    return order

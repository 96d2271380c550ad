"""Lists of talks, as each side sees its own, and how many of them hold something new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key
from marketplace.orders.models import Order, SellerOrder
from marketplace.workshops.models import Workshop

from ..access import Hand
from ..models import Message, Side, Thread
from ..words import buyer_name
from .subjects import NOTHING, Subject, key_of, subjects

MOST_WAITING = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """`text` is the last message, '' when it was a photo alone; `is_mine`: it was written by this side."""

    id: int
    subject: Subject
    workshop_name: str
    initials: str
    buyer_name: str
    text: str
    is_mine: bool
    is_unread: bool
    last_at: datetime
    waiting_since: datetime | None
    reported_at: datetime | None


def waiting(hand: Hand, limit: int = MOST_WAITING) -> list[ThreadRow]:
    """A workshop's talks that wait for its answer: unread first, those that wait longest; five statements."""
    seen, unread = Thread.workshop_seen_at, unread_by(Side.WORKSHOP)
    query = _rows().where(hand.holds, Thread.waiting_since.is_not(None))
    order = (sa.case((unread, 0), else_=1), Thread.waiting_since, seen, Thread.id)
    return _read(query.order_by(*order).limit(limit), hand.side)


def answered(workshop: Hand, after: str | None = None) -> Page[ThreadRow]:
    """A workshop's other talks, the last one first."""
    return _by_moment(_rows().where(workshop.holds, Thread.waiting_since.is_(None)), workshop.side, after)


def talks_of(buyer: Hand, after: str | None = None) -> Page[ThreadRow]:
    """A buyer's talks, the last one first; five statements."""
    return _by_moment(_rows().where(buyer.holds), buyer.side, after)


def reported() -> list[ThreadRow]:
    """What the collective is asked to look at, the oldest first."""
    query = _rows().where(Thread.reported_at.is_not(None)).order_by(Thread.reported_at, Thread.id)
    return _read(query.limit(MOST_WAITING), Side.WORKSHOP)


def reported_count() -> int:
    query = sa.select(sa.func.count()).select_from(Thread).where(Thread.reported_at.is_not(None))
    return db.session.scalar(query) or 0


def unread_count(hand: Hand) -> int:
    query = sa.select(sa.func.count()).select_from(Thread).where(hand.holds, unread_by(hand.side))
    return db.session.scalar(query) or 0


def unread_of(workshop_id: int) -> int:
    """How many talks hold something that nobody of the workshop has read; one statement."""
    return unread_count(Hand(Side.WORKSHOP, workshop_id=workshop_id))


def unread_by(side: Side) -> sa.ColumnElement[bool]:
    """Whoever writes has read: what is newer than this side's last look came from the other."""
    seen = Thread.workshop_seen_at if side is Side.WORKSHOP else Thread.buyer_seen_at
    return sa.or_(seen.is_(None), seen < Thread.last_at)


def _by_moment(query: sa.Select[Any], side: Side, after: str | None) -> Page[ThreadRow]:
    key = decode_key(after, 2)
    if key is not None:
        moment = _EPOCH + timedelta(microseconds=key[0])
        older = sa.and_(Thread.last_at == moment, Thread.id < key[1])
        query = query.where(sa.or_(Thread.last_at < moment, older))
    rows = _read(query.order_by(Thread.last_at.desc(), Thread.id.desc()).limit(PAGE + 1), side)
    return cut(rows, PAGE, lambda row: encode_key(_microseconds(row.last_at), row.id))


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _rows() -> sa.Select[Any]:
    other = sa.orm.aliased(Message)
    last = sa.select(sa.func.max(other.id)).where(other.thread_id == Thread.id).correlate(Thread)
    return (
        sa.select(
            Thread,
            Message.body,
            Message.side.label("last_side"),
            Workshop.name,
            Workshop.initials,
            User.full_name,
            Order.address.label("address"),
        )
        .select_from(Thread)
        .join(Message, Message.id == last.scalar_subquery())
        .join(Workshop, Workshop.id == Thread.workshop_id)
        .outerjoin(User, User.id == Thread.user_id)
        .outerjoin(SellerOrder, SellerOrder.id == Thread.seller_order_id)
        .outerjoin(Order, Order.id == SellerOrder.order_id)
        .execution_options(populate_existing=True)
    )


def _read(query: sa.Select[Any], side: Side) -> list[ThreadRow]:
    rows = db.session.execute(query).all()
    about = subjects([key_of(row.Thread) for row in rows])
    return [_row(row, about.get(key_of(row.Thread), NOTHING), side) for row in rows]


def _row(row: sa.Row[Any], subject: Subject, side: Side) -> ThreadRow:
    thread: Thread = row.Thread
    seen = thread.workshop_seen_at if side is Side.WORKSHOP else thread.buyer_seen_at
    return ThreadRow(
        id=thread.id,
        subject=subject,
        workshop_name=row.name,
        initials=row.initials,
        buyer_name=buyer_name(str((row.address or {}).get("name", "")), row.full_name),
        text=row.body,
        is_mine=row.last_side is side,
        is_unread=seen is None or seen < thread.last_at,
        last_at=thread.last_at,
        waiting_since=thread.waiting_since,
        reported_at=thread.reported_at,
    )

"""One talk with its messages, for whoever holds it; and the page of one that nobody has begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.catalog.models import Listing
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.media.models import Photo
from marketplace.media.queries import private_file
from marketplace.orders.models import Order, SellerOrder
from marketplace.workshops.models import Workshop

from ..access import Hand
from ..models import Message, MessagePhoto, Side, Thread
from ..words import buyer_name
from .subjects import NOTHING, Key, Subject, subjects
from .threads import unread_by

SHOWN = 60  # messages of one page
Said = tuple[Message, str]  # with its author's own name


@dataclass(frozen=True, slots=True)
class TalkPhoto:
    id: int
    width: int
    height: int
    tone: int


@dataclass(frozen=True, slots=True)
class Saying:
    """A message. `author` is the member's own name; the buyer's pages show the workshop's instead."""

    id: int
    side: Side
    author: str
    text: str
    at: datetime
    is_read: bool  # by the other side
    photos: tuple[TalkPhoto, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """`id` is None while nobody has written. `sayings` are in the order in which they were written."""

    id: int | None
    subject: Subject
    workshop_id: int
    workshop_name: str
    workshop_slug: str
    initials: str
    answer_minutes: int | None
    buyer_name: str
    buyer_language: str
    sayings: tuple[Saying, ...]
    before: int | None  # there are older messages, before this one
    is_unread: bool
    waiting_since: datetime | None
    reported_at: datetime | None = None
    reported_side: Side | None = None
    report_reason: str = ""

    def state(self, side: str) -> str:
        """Changes whenever the page of this side does: a message came, or one of its own was read."""
        last = self.sayings[-1].id if self.sayings else 0
        return f"{last}.{sum(saying.is_read for saying in self.sayings if saying.side == side)}"


def talk(hand: Hand, thread_id: int, before: int | None = None) -> Talk | None:
    """The talk if this hand holds it, else None; seven statements. `before` is the number of a message."""
    return _talk(Thread.id == thread_id, hand.holds, hand.side, before)


def of_key(hand: Hand, key: Key, before: int | None = None) -> Talk | None:
    """The talk about a (seller order, listing), if it was begun and this hand holds it."""
    part, listing = key
    about = Thread.seller_order_id == part if part is not None else Thread.listing_id == listing
    return _talk(about, hand.holds, hand.side, before)


def reported_talk(thread_id: int) -> Talk | None:
    """For the collective, which reads a talk only while one of its two sides asks for that."""
    return _talk(Thread.id == thread_id, Thread.reported_at.is_not(None), Side.WORKSHOP, None)


def about_piece(listing_id: int) -> Talk:
    """The page before anybody has written about a piece.

    Raises:
        NotFound: no such piece is on sale.
    """
    key = (None, listing_id)
    subject = subjects([key]).get(key, NOTHING)
    query = sa.select(Workshop).join(Listing, Listing.workshop_id == Workshop.id).where(Listing.id == listing_id)
    workshop = db.session.scalar(query) if subject.is_public else None
    if workshop is None:
        raise NotFound("Listing", listing_id)
    return _unbegun(subject, workshop, "", "en")


def about_part(hand: Hand, seller_order_id: int) -> Talk:
    """The page before anybody has written about a part of an order.

    Raises:
        NotFound: it is not theirs, or was never paid.
    """
    query = (
        sa.select(Workshop, Order.address, Order.language)
        .select_from(SellerOrder)
        .join(Order, Order.id == SellerOrder.order_id)
        .join(Workshop, Workshop.id == SellerOrder.workshop_id)
        .where(SellerOrder.id == seller_order_id, Order.paid_at.is_not(None), part_is_theirs(hand))
    )
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound("SellerOrder", seller_order_id)
    workshop, address, language = row
    key = (seller_order_id, None)
    return _unbegun(subjects([key]).get(key, NOTHING), workshop, buyer_name(str(address.get("name", ""))), language)


def _unbegun(subject: Subject, workshop: Workshop, name: str, language: str) -> Talk:
    return Talk(
        id=None,
        subject=subject,
        workshop_id=workshop.id,
        workshop_name=workshop.name,
        workshop_slug=workshop.slug,
        initials=workshop.initials,
        answer_minutes=workshop.answer_minutes,
        buyer_name=name,
        buyer_language=language,
        sayings=(),
        before=None,
        is_unread=False,
        waiting_since=None,
    )


def photo_of(hand: Hand | None, thread_id: int, photo_id: int, width: int) -> tuple[bytes, str]:
    """(bytes, format) of a photo that was sent in this talk; `hand` None is the collective, reading a report.

    Raises:
        NotFound: not theirs, or not there.
    """
    held = hand.holds if hand is not None else Thread.reported_at.is_not(None)
    found = db.session.scalar(
        sa.select(MessagePhoto.photo_id)
        .join(Message, Message.id == MessagePhoto.message_id)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Thread.id == thread_id, MessagePhoto.photo_id == photo_id, held)
        .limit(1)
    )
    if found is None:
        raise NotFound("photo", photo_id)
    return private_file(photo_id, width)


def part_is_theirs(hand: Hand) -> sa.ColumnElement[bool]:
    if hand.side is Side.WORKSHOP:
        return SellerOrder.workshop_id == hand.workshop_id
    if hand.token_hash:
        return Order.token_hash == hand.token_hash
    return Order.user_id == hand.user_id


def _talk(which: sa.ColumnElement[bool], held: sa.ColumnElement[bool], side: Side, before: int | None) -> Talk | None:
    row = db.session.execute(
        sa.select(
            Thread,
            Workshop,
            User.full_name,
            User.language,
            Order.address,
            Order.language.label("order_language"),
            unread_by(side).label("is_unread"),
        )
        .select_from(Thread)
        .join(Workshop, Workshop.id == Thread.workshop_id)
        .outerjoin(User, User.id == Thread.user_id)
        .outerjoin(SellerOrder, SellerOrder.id == Thread.seller_order_id)
        .outerjoin(Order, Order.id == SellerOrder.order_id)
        .where(which, held)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    thread, workshop, full_name, language, address, order_language, is_unread = row
    name = buyer_name(str((address or {}).get("name", "")), full_name)
    key = (thread.seller_order_id, thread.listing_id)
    rows, older = _messages(thread.id, before)
    return Talk(
        id=thread.id,
        subject=subjects([key]).get(key, NOTHING),
        workshop_id=workshop.id,
        workshop_name=workshop.name,
        workshop_slug=workshop.slug,
        initials=workshop.initials,
        answer_minutes=workshop.answer_minutes,
        buyer_name=name,
        buyer_language=order_language or language or "en",
        sayings=tuple(_sayings(thread, rows, name)),
        before=older,
        is_unread=bool(is_unread),
        waiting_since=thread.waiting_since,
        reported_at=thread.reported_at,
        reported_side=thread.reported_side,
        report_reason=thread.report_reason,
    )


def _messages(thread_id: int, before: int | None) -> tuple[Sequence[Said], int | None]:
    query = (
        sa.select(Message, User.full_name)
        .outerjoin(User, User.id == Message.user_id)
        .where(Message.thread_id == thread_id)
        .order_by(Message.id.desc())
        .limit(SHOWN + 1)
    )
    if before is not None:
        query = query.where(Message.id < before)
    rows = [(message, name or "") for message, name in db.session.execute(query)]
    shown = rows[:SHOWN][::-1]
    return shown, shown[0][0].id if len(rows) > SHOWN else None


def _sayings(thread: Thread, rows: Sequence[Said], buyer: str) -> list[Saying]:
    photos = _photos([message.id for message, _name in rows])
    return [
        Saying(
            id=message.id,
            side=message.side,
            author=buyer if message.side is Side.BUYER else name,
            text=message.body,
            at=message.created_at,
            is_read=_was_read(thread, message),
            photos=tuple(photos.get(message.id, ())),
        )
        for message, name in rows
    ]


def _was_read(thread: Thread, message: Message) -> bool:
    seen = thread.workshop_seen_at if message.side is Side.BUYER else thread.buyer_seen_at
    return seen is not None and seen >= message.created_at


def _photos(message_ids: Sequence[int]) -> dict[int, list[TalkPhoto]]:
    rows = db.session.execute(
        sa.select(MessagePhoto.message_id, Photo.id, Photo.width, Photo.height, Photo.tone)
        .join(Photo, Photo.id == MessagePhoto.photo_id)
        .where(MessagePhoto.message_id.in_(message_ids))
        .order_by(MessagePhoto.message_id, MessagePhoto.position)
    )
    found: dict[int, list[TalkPhoto]] = {}
    for message_id, *photo in rows:
        found.setdefault(message_id, []).append(TalkPhoto(*photo))
    return found

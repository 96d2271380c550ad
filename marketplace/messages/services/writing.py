"""Beginning a talk, and writing in it. A form sent twice is one message: its key is unique in the talk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.catalog.models import Listing
from marketplace.catalog.publication import visible
from marketplace.core import clock
from marketplace.core.db import after_commit, db, insert_ignore, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.core.tasks import enqueue
from marketplace.media.models import Photo, PhotoShape
from marketplace.orders.models import Order, SellerOrder
from marketplace.orders.models import SellerOrderStatus as Part
from marketplace.workshops.models import Member, Workshop

from .. import limits, mails
from ..access import Hand
from ..errors import EmptyMessage, NotTaken, OwnPiece, TooManyPhotos
from ..models import Message, MessagePhoto, Side, Thread
from ..queries.conversation import part_is_theirs

RUNNING = (Part.PAID, Part.ACCEPTED, Part.STARTED, Part.SHIPPED, Part.DELIVERED)


@dataclass(frozen=True, slots=True)
class Words:
    """What a form sends: `key` is the form's own, `photo_ids` what `services.receive_photo` gave."""

    text: str
    key: str
    photo_ids: tuple[int, ...] = ()


def write(hand: Hand, thread_id: int, words: Words, *, address: str) -> None:
    """Add a message to a talk that this hand holds; the other side is mailed in the same transaction.

    Raises:
        NotFound: it is somebody else's.
        EmptyMessage, TooManyPhotos, NotTaken, TooManyMessages: nothing is written.
    """
    with transaction():
        held = db.session.scalar(sa.select(Thread.id).where(Thread.id == thread_id, hand.holds))
        if held is None:
            raise NotFound("Thread", thread_id)
        _add(locked(Thread, held), hand, words, lambda: limits.count_message(hand, address))


def ask(hand: Hand, listing_id: int, words: Words, *, address: str) -> int:
    """A buyer's words about a piece, in the one talk of the two about it; gives its number.

    Raises:
        NotFound: the piece is not on sale, and there is no talk about it yet.
        OwnPiece: the buyer belongs to the workshop. See `write` for the others.
    """
    with transaction():
        mine = sa.select(Thread.id).where(Thread.listing_id == listing_id, Thread.user_id == hand.user_id)
        known = db.session.scalar(mine)
        if known is None:
            workshop_id = _seller_of(listing_id, hand.user_id)
            _begin(workshop_id, user_id=hand.user_id, listing_id=listing_id)
            known = db.session.scalars(mine).one()
            _add(locked(Thread, known), hand, words, lambda: limits.count_message(hand, address, begins=True))
        else:
            _add(locked(Thread, known), hand, words, lambda: limits.count_message(hand, address))
        return known


def write_about_order(hand: Hand, seller_order_id: int, words: Words, *, address: str) -> int:
    """Either side's words about a paid part of an order, in the one talk about it; gives its number.

    Raises:
        NotFound: it is not theirs, or was never paid. See `write` for the others.
    """
    with transaction():
        row = db.session.execute(
            sa.select(SellerOrder.workshop_id, Order.user_id)
            .join(Order, Order.id == SellerOrder.order_id)
            .where(SellerOrder.id == seller_order_id, Order.paid_at.is_not(None), part_is_theirs(hand))
        ).first()
        if row is None:
            raise NotFound("SellerOrder", seller_order_id)
        _begin(row.workshop_id, user_id=row.user_id, seller_order_id=seller_order_id)
        known = db.session.scalars(sa.select(Thread.id).where(Thread.seller_order_id == seller_order_id)).one()
        _add(locked(Thread, known), hand, words, lambda: limits.count_message(hand, address))
        return known


def _seller_of(listing_id: int, user_id: int | None) -> int:
    workshop_id = db.session.scalar(
        sa.select(Listing.workshop_id)
        .join(Workshop, Workshop.id == Listing.workshop_id)
        .where(Listing.id == listing_id, visible())
    )
    if workshop_id is None:
        raise NotFound("Listing", listing_id)
    if db.session.scalar(sa.select(Member.id).where(Member.workshop_id == workshop_id, Member.user_id == user_id)):
        raise OwnPiece
    return workshop_id


def _begin(workshop_id: int, **about: int | None) -> None:
    """Two that begin at once begin one talk: it is unique about what it is about."""
    now = clock.now()
    insert_ignore(Thread, workshop_id=workshop_id, created_at=now, last_at=now, report_reason="", **about)


def _add(thread: Thread, hand: Hand, words: Words, count: Callable[[], None]) -> None:
    """The thread is locked: of two equal forms the second sees the first one's message."""
    if db.session.scalar(sa.select(Message.id).where(Message.thread_id == thread.id, Message.key == words.key)):
        return
    if not words.text and not words.photo_ids:
        raise EmptyMessage
    if len(words.photo_ids) > limits.PHOTOS:
        raise TooManyPhotos(most=limits.PHOTOS)
    _refuse_where_nobody_listens(thread)
    count()
    now = clock.now()
    message = Message(
        thread_id=thread.id,
        side=hand.side,
        user_id=hand.user_id,
        key=words.key,
        body=words.text[: limits.LONGEST],
        answered_minutes=_answers(thread, hand.side, now),
        created_at=now,
    )
    db.session.add(message)
    db.session.flush()
    _add_photos(message, hand, words.photo_ids)
    _note_in(thread, hand.side, now)
    mails.tell_other_side(thread, message, len(words.photo_ids))
    if message.answered_minutes is not None:
        after_commit(enqueue, "answer_time", thread.workshop_id)


def _refuse_where_nobody_listens(thread: Thread) -> None:
    workshop = db.session.get_one(Workshop, thread.workshop_id)
    if workshop.in_good_standing:
        return
    query = sa.select(SellerOrder.status).where(SellerOrder.id == thread.seller_order_id)
    if db.session.scalar(query) not in RUNNING:
        raise NotTaken


def _answers(thread: Thread, side: Side, now: datetime) -> int | None:
    """Whole minutes since the buyer's oldest message without an answer, of the workshop's first one after it."""
    if side is Side.BUYER or thread.waiting_since is None:
        return None
    return max(0, int((now - thread.waiting_since).total_seconds()) // 60)


def _add_photos(message: Message, hand: Hand, photo_ids: tuple[int, ...]) -> None:
    """Only photos of this very hand that were sent for a talk; the same one twice is there once."""
    owner = {"workshop_id": hand.workshop_id} if hand.side is Side.WORKSHOP else {"user_id": hand.user_id}
    query = sa.select(Photo.id).filter_by(shape=PhotoShape.PRIVATE, **owner).where(Photo.id.in_(photo_ids))
    own = set(db.session.scalars(query)) if photo_ids else set()
    kept = [photo_id for photo_id in dict.fromkeys(photo_ids) if photo_id in own]
    db.session.add_all(
        MessagePhoto(message_id=message.id, photo_id=photo_id, position=position)
        for position, photo_id in enumerate(kept)
    )


def _note_in(thread: Thread, side: Side, now: datetime) -> None:
    thread.last_at = now
    if side is Side.BUYER:
        thread.buyer_seen_at = now
        thread.waiting_since = thread.waiting_since or now
    else:
        thread.workshop_seen_at, thread.waiting_since = now, None

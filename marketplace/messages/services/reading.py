"""Who has read what. Opening a page changes nothing: the page says by a POST of its own that it is looked at."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.media import services as media
from marketplace.media.models import PhotoShape

from .. import limits
from ..access import Hand
from ..models import Side, Thread
from ..queries.threads import unread_by


def look(hand: Hand, thread_id: int) -> None:
    """All that is in the talk now has been read by this side; nothing is written when it was already.

    Raises:
        NotFound: it is somebody else's.
    """
    held = sa.select(Thread.id, unread_by(hand.side).label("unread")).where(Thread.id == thread_id, hand.holds)
    row = db.session.execute(held).first()
    if row is None:
        raise NotFound("Thread", thread_id)
    if not row.unread:
        return
    with transaction():
        thread = locked(Thread, thread_id)
        if hand.side is Side.WORKSHOP:
            thread.workshop_seen_at = clock.now()
        else:
            thread.buyer_seen_at = clock.now()


def receive_photo(hand: Hand, data: bytes, *, address: str) -> int:
    """A photo for a talk, seen by its two sides alone; gives its number for `Words.photo_ids`.

    Raises:
        TooManyMessages: see limits.py.
        PhotoRefused, LabBusy: see media.
    """
    limits.count_photo(hand, address)
    owner = {"workshop_id": hand.workshop_id} if hand.side is Side.WORKSHOP else {"user_id": hand.user_id}
    return media.receive(data, shape=PhotoShape.PRIVATE, **owner)

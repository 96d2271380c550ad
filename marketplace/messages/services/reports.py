"""Asking the collective to look at a talk; it reads the talk only until it has answered."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import NotFound

from .. import mails
from ..access import Hand
from ..models import Thread


def report(hand: Hand, thread_id: int, reason: str) -> None:
    """Every admin is told by mail. A talk that is reported already is not reported again.

    Raises:
        NotFound: it is somebody else's.
    """
    with transaction():
        held = db.session.scalar(sa.select(Thread.id).where(Thread.id == thread_id, hand.holds))
        if held is None:
            raise NotFound("Thread", thread_id)
        thread = locked(Thread, held)
        if thread.reported_at is not None:
            return
        thread.reported_at, thread.reported_side, thread.report_reason = clock.now(), hand.side, reason[:500]
        record("talk.report", "thread", held, hand.user_id, after={"side": hand.side.value}, reason=reason)
        mails.tell_admins(thread)


def close_report(thread_id: int, by: int, outcome: str) -> None:
    """The collective has looked at it; what came of it stays in the record.

    Raises:
        NotFound: nobody asks for it.
    """
    with transaction():
        thread = locked(Thread, thread_id)
        if thread.reported_at is None:
            raise NotFound("Thread", thread_id)
        before = {"side": thread.reported_side, "reason": thread.report_reason}
        thread.reported_at = thread.reported_side = None
        thread.report_reason = ""
        record("talk.report_closed", "thread", thread_id, by, before=before, reason=outcome)

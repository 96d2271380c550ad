"""A workshop's ready-made answers, written anew as a whole: there are few, and their order is what is seen."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.core.db import db, locked, transaction
from marketplace.workshops.models import Workshop

from ..models import QuickReply
from ..replies import MOST, Reply


def save_replies(workshop_id: int, replies: Sequence[Reply]) -> None:
    """With none left, those that every workshop begins with come back."""
    with transaction():
        locked(Workshop, workshop_id)
        db.session.execute(sa.delete(QuickReply).where(QuickReply.workshop_id == workshop_id))
        db.session.add_all(
            QuickReply(workshop_id=workshop_id, position=position, **reply._asdict())
            for position, reply in enumerate(replies[:MOST])
        )

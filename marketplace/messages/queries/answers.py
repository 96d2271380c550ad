"""A workshop's ready-made answers; those that every workshop begins with, until it has written its own."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.core.db import db

from ..models import QuickReply
from ..replies import DEFAULTS, Reply


def replies_of(workshop_id: int) -> Sequence[Reply]:
    """In the workshop's own order; one statement."""
    rows = db.session.execute(
        sa.select(QuickReply.title, QuickReply.body_en, QuickReply.body_id)
        .where(QuickReply.workshop_id == workshop_id)
        .order_by(QuickReply.position, QuickReply.id)
    )
    return [Reply(*row) for row in rows] or DEFAULTS

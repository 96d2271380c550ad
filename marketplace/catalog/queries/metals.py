"""Metal rates as the admin's page shows them: who entered each, and how the feed is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.catalog.models import MetalFeed, MetalRate
from marketplace.core.db import db

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Entry:
    metal: str
    idr_per_gram: int
    source: str
    quoted_at: datetime
    who: str  # '' is the feed, or the shop's own start


@dataclass(frozen=True, slots=True)
class Feed:
    asked_at: datetime
    answered_at: datetime | None
    problem: str
    detail: str


def entries() -> Sequence[Entry]:
    """The last ones of all metals, newest first; one statement."""
    rows = db.session.execute(
        sa.select(MetalRate, User.full_name)
        .outerjoin(User, User.id == MetalRate.entered_by)
        .order_by(MetalRate.quoted_at.desc(), MetalRate.id.desc())
        .limit(SHOWN)
    )
    return [Entry(rate.metal, rate.idr_per_gram, rate.source, rate.quoted_at, name or "") for rate, name in rows]


def feed() -> Feed | None:
    """None until it was asked for the first time; one statement."""
    row = db.session.scalars(sa.select(MetalFeed)).first()
    return Feed(row.asked_at, row.answered_at, row.problem, row.detail) if row else None

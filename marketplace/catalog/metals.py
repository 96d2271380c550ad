"""The rate of the day of each metal: rupiah for one gram, pure where the metal has a fineness. The newest row counts.

Silver and gold move within days: a rate older than METAL_RATE_MAX_AGE_HOURS is stale; sheets say so and no proposal is
made from it. Base metals are a few rupiah of a piece: theirs count until another is entered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from flask import current_app

from marketplace.core import clock
from marketplace.core.db import db

from .attributes import FINENESSES
from .models import MetalRate

METALS = ("silver", "gold", "brass", "copper", "nickel-silver")  # 'mixed' has no rate
PRECIOUS = tuple(FINENESSES)
LOWEST, HIGHEST = 1, 50_000_000  # rupiah for a gram; anything else is a slip of the finger


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate as it was entered; `entered_by` None is the feed."""

    id: int
    metal: str
    idr_per_gram: int
    source: str
    quoted_at: datetime
    entered_by: int | None

    @property
    def is_stale(self) -> bool:
        return self.metal in PRECIOUS and clock.now() - self.quoted_at > max_age()


Current = Mapping[str, Rate]


def max_age() -> timedelta:
    return timedelta(hours=current_app.config["SHOP"].metal_rate_max_age_hours)


def current() -> Current:
    """The newest rate of every metal that has one, stale or not; one statement."""
    return {row.metal: _rate(row) for row in db.session.scalars(_newest_rows())}


@cache
def _newest_rows() -> sa.Select[MetalRate]:
    outer = sa.orm.aliased(MetalRate)
    return sa.select(outer).where(outer.id == newest_id(outer.metal), outer.metal.in_(METALS))


def newest_id(metal: sa.ColumnElement[str] | sa.orm.InstrumentedAttribute[str]) -> sa.ScalarSelect[int]:
    """The id of the rate that counts for this column of metals, to be used inside another statement."""
    inner = sa.orm.aliased(MetalRate)
    return (
        sa.select(inner.id)
        .where(inner.metal == metal)
        .order_by(inner.quoted_at.desc(), inner.id.desc())
        .limit(1)
        .correlate_except(inner)
        .scalar_subquery()
    )


def before(rate: Rate) -> Rate | None:
    """What counted for its metal until this one came; one statement."""
    row = db.session.scalars(
        sa.select(MetalRate)
        .where(
            MetalRate.metal == rate.metal,
            sa.or_(
                MetalRate.quoted_at < rate.quoted_at,
                sa.and_(MetalRate.quoted_at == rate.quoted_at, MetalRate.id < rate.id),
            ),
        )
        .order_by(MetalRate.quoted_at.desc(), MetalRate.id.desc())
        .limit(1)
    ).first()
    return _rate(row) if row else None


def history(metal: str | None = None, limit: int = 40) -> Sequence[Rate]:
    """The last rates, newest first, of one metal or of all; one statement."""
    query = sa.select(MetalRate).order_by(MetalRate.quoted_at.desc(), MetalRate.id.desc()).limit(limit)
    if metal:
        query = query.where(MetalRate.metal == metal)
    return [_rate(row) for row in db.session.scalars(query)]


def _rate(row: MetalRate) -> Rate:
    return Rate(row.id, row.metal, row.idr_per_gram, row.source, row.quoted_at, row.entered_by)

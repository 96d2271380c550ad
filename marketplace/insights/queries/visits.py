"""What is counted and what waits to be counted, as one table: a visit is in one of the two, never in both."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Listing
from marketplace.core.db import db

from ..models import DailyCount, Deed, Mark

DEEDS = {"views": Deed.VIEW, "saves": Deed.SAVE, "bags": Deed.BAG}


def visits(workshop_id: int, since: date) -> Any:
    """Rows of listing_id, happened_on, country, views, saves, bags: visitors of a piece from a country on a day."""
    counted = sa.select(
        DailyCount.listing_id,
        DailyCount.happened_on,
        DailyCount.country,
        *(getattr(DailyCount, name) for name in DEEDS),
    ).where(DailyCount.workshop_id == workshop_id, DailyCount.happened_on >= since)
    marked = (
        sa.select(
            Mark.listing_id,
            Mark.happened_on,
            Mark.country,
            *(sa.func.count(sa.case((Mark.deed == deed, 1))).label(name) for name, deed in DEEDS.items()),
        )
        .join(Listing, Listing.id == Mark.listing_id)
        .where(Listing.workshop_id == workshop_id, Mark.happened_on >= since)
        .group_by(Mark.listing_id, Mark.happened_on, Mark.country)
    )
    return sa.union_all(counted, marked).subquery("visits")


def total(column: Any) -> Any:
    """A sum that is an int on both engines, 0 for nothing."""
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)


def rows(query: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.session.execute(query)]

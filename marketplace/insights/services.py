"""Counting: what a visitor does with a piece is a mark until midnight, then a number with nobody behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Card, Listing
from marketplace.core import clock
from marketplace.core.db import db, insert_ignore, is_sqlite, transaction
from marketplace.core.tasks import sweeper

from .models import DailyCount, Deed, Mark

BATCH = 1000
COLUMN_OF = {Deed.VIEW: "views", Deed.SAVE: "saves", Deed.BAG: "bags"}
_KEY = (Mark.happened_on, Mark.listing_id, Mark.visitor, Mark.deed)


def note(deed: Deed, listing_id: int, country: str, visitor: str) -> None:
    """A visitor did this with a piece that the public sees; the second time on one day changes nothing.

    A row of its own for each: no two visitors, and no sale, wait for each other.
    """
    mark: dict[str, Any] = {
        "happened_on": clock.today(),
        "listing_id": listing_id,
        "visitor": visitor,
        "deed": deed,
    }
    is_known = sa.select(Mark.listing_id).filter_by(**mark).exists()
    if db.session.scalar(sa.select(Card.listing_id).where(Card.listing_id == listing_id, ~is_known)) is None:
        return
    with transaction():
        insert_ignore(Mark, **mark, country=country)


@sweeper("visit_marks")
def fold() -> int:
    """Count the marks of the days that are over, and delete them; gives how many.

    A mark is counted in the transaction that deletes it: once, whoever dies and however many do it at the same time.
    """
    done, count = 0, BATCH
    while count == BATCH:
        count = _fold_batch(clock.today())
        done += count
    return done


def _fold_batch(today: date) -> int:
    with transaction():
        marks = db.session.execute(
            sa.select(*_KEY, Mark.country, Listing.workshop_id)
            .join(Listing, Listing.id == Mark.listing_id)
            .where(Mark.happened_on < today)
            .order_by(*_KEY)
            .limit(BATCH)
            .with_for_update(skip_locked=True, of=Mark)
        ).all()
        if marks:
            _add(marks)
            keys = [tuple(mark[: len(_KEY)]) for mark in marks]
            gone = sa.delete(Mark).where(sa.tuple_(*_KEY).in_(keys))
            db.session.execute(gone.execution_options(synchronize_session=False))
        return len(marks)


def _add(marks: Sequence[Any]) -> None:
    """In the order of the keys, so that two that fold never wait for each other in a circle."""
    counts: dict[tuple[int, date, str, int], Counter[str]] = {}
    for mark in marks:
        place = (mark.listing_id, mark.happened_on, mark.country, mark.workshop_id)
        counts.setdefault(place, Counter())[COLUMN_OF[mark.deed]] += 1
    rows = [
        dict(zip(("listing_id", "happened_on", "country", "workshop_id"), place, strict=True))
        | {column: counts[place][column] for column in COLUMN_OF.values()}
        for place in sorted(counts)
    ]
    insert = _insert(DailyCount).values(rows)
    more = {column: getattr(DailyCount, column) + insert.excluded[column] for column in COLUMN_OF.values()}
    keys = [DailyCount.listing_id, DailyCount.happened_on, DailyCount.country]
    db.session.execute(insert.on_conflict_do_update(index_elements=keys, set_=more))


def _insert(model: type[DailyCount]) -> Any:
    from sqlalchemy.dialects import postgresql, sqlite

    return sqlite.insert(model) if is_sqlite() else postgresql.insert(model)

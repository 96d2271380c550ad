"""What a sale does to cards, documents and versions is appended in its transaction and folded after the commit.

No two sales share a row that way (architecture.md 10); `sweep` finishes what a lost process left.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import after_commit, db, transaction
from marketplace.core.tasks import sweeper

from . import publication
from .models import Change

BATCH = 500


def append(listing_ids: Iterable[int]) -> None:
    """Note that the stock of these listings moved; folded once the caller's transaction is durable."""
    with transaction():
        now = clock.now()
        rows = [{"listing_id": listing_id, "at": now} for listing_id in sorted(set(listing_ids))]
        if rows:
            db.session.execute(sa.insert(Change), rows)
            after_commit(fold)


@sweeper("changes")
def fold() -> int:
    """Bring what is public in step with everything appended so far; gives how many notes were folded."""
    done = 0
    until = db.session.scalar(sa.select(sa.func.max(Change.id))) or 0
    while True:
        count = _fold_batch(until)
        done += count
        if count < BATCH:
            return done


def _fold_batch(until: int) -> int:
    with transaction():
        rows = db.session.execute(
            sa.select(Change.id, Change.listing_id)
            .where(Change.id <= until)
            .order_by(Change.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        if not rows:
            return 0
        db.session.execute(
            sa.delete(Change)
            .where(Change.id.in_([row.id for row in rows]))
            .execution_options(synchronize_session=False)
        )
        publication.refresh({row.listing_id for row in rows})
        return len(rows)

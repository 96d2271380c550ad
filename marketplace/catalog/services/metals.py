"""The metal rate of the day, entered by an admin or by the feed. A rate changes no price: it makes proposals."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.catalog import costing, metals, versions
from marketplace.catalog.models import MetalRate
from marketplace.core import clock
from marketplace.core.db import after_commit, db, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.i18n import percent
from marketplace.core.tasks import enqueue

ASK_AGAIN_BP = 1_500  # a jump of more than 15% is asked once more


class RateJumps(DomainError):
    """The same again with `sure` is taken."""

    message = _l(
        "That is %(percent)s away from the last rate. Check the number; if it is right, tick the box below and enter "
        "it once more."
    )


class RateImpossible(DomainError):
    message = _l("Write whole rupiah for one gram of the metal.")


class RateOlder(DomainError):
    message = _l("A newer rate of this metal is there already.")


def enter(
    metal: str,
    idr_per_gram: int,
    source: str,
    by: int | None,
    *,
    sure: bool = False,
    quoted_at: datetime | None = None,
) -> int:
    """From now on suggestions stand on this rate: whole rupiah for one gram of the pure metal; gives its number.

    `by` None is the feed. Workshops whose pieces it touches get a mail from the worker.

    Raises:
        RateImpossible: no such metal, or no such number.
        RateOlder: what counts now was quoted later.
        RateJumps: it is more than ASK_AGAIN_BP away from what counts now, and nobody is `sure`.
    """
    if metal not in metals.METALS or not metals.LOWEST <= idr_per_gram <= metals.HIGHEST:
        raise RateImpossible()
    with transaction():
        at = clock.now()
        last = _last(metal)
        if last is not None and (quoted_at or at) < last.quoted_at:
            raise RateOlder()
        moved = abs(costing.moved_bp(last.idr_per_gram, idr_per_gram)) if last else 0
        if moved > ASK_AGAIN_BP and not sure:
            raise RateJumps(percent=percent(moved))
        row = MetalRate(
            metal=metal,
            idr_per_gram=idr_per_gram,
            source=source,
            quoted_at=quoted_at or at,
            entered_by=by,
            created_at=at,
        )
        db.session.add(row)
        db.session.flush()
        versions.bump([versions.METALS])  # public breakdowns stand on it
        before = {"idr_per_gram": last.idr_per_gram} if last else {}
        record(
            "metal_rate.enter", "metal_rate", row.id, by, before, {"metal": metal, "idr_per_gram": idr_per_gram}, source
        )
        after_commit(enqueue, "metal_rate.tell", row.id)
        return row.id


def _last(metal: str) -> MetalRate | None:
    return db.session.scalars(
        sa.select(MetalRate)
        .where(MetalRate.metal == metal)
        .order_by(MetalRate.quoted_at.desc(), MetalRate.id.desc())
        .limit(1)
        .with_for_update()
    ).first()

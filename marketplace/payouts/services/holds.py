"""Keeping a workshop's payouts back, and letting them go: an admin's act with its reason."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, insert_ignore, locked, transaction
from marketplace.workshops.models import Workshop

from ..errors import ReasonMissing
from ..models import PayoutHold


def hold_payouts(workshop_id: int, reason: str, by: int) -> None:
    """From now on nothing is prepared, approved or sent for this workshop; held already: nothing changes.

    Raises:
        ReasonMissing
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    with transaction():
        locked(Workshop, workshop_id)
        if insert_ignore(PayoutHold, workshop_id=workshop_id, reason=reason[:300], held_by=by, held_at=clock.now()):
            record("payouts.hold", "workshop", workshop_id, by, {}, {"held": True}, reason)


def release_payouts(workshop_id: int, note: str, by: int) -> None:
    """The next run may take it again; held by nobody: nothing changes."""
    with transaction():
        locked(Workshop, workshop_id)
        released = db.session.scalar(
            sa.update(PayoutHold)
            .where(PayoutHold.workshop_id == workshop_id, PayoutHold.released_at.is_(None))
            .values(released_at=clock.now(), released_by=by)
            .returning(PayoutHold.reason)
        )
        if released is not None:
            record("payouts.release", "workshop", workshop_id, by, {"held": released}, {"held": False}, note)

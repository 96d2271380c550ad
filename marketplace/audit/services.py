"""The audit trail grows by one row in the transaction of the act that it records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.core import clock
from marketplace.core.db import db, transaction

from .models import AuditRow


def record(
    action: str,
    subject_kind: str,
    subject_id: int,
    actor_id: int | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write down who did what ('workshop.suspend') to which row, with what changed (JSON) and why.

    `actor_id` None is the shop itself: a timer, or a message of the payment processor.
    """
    with transaction():
        db.session.add(
            AuditRow(
                at=clock.now(),
                actor_id=actor_id,
                action=action,
                subject_kind=subject_kind,
                subject_id=subject_id,
                before=dict(before or {}),
                after=dict(after or {}),
                reason=reason[:1000],
            )
        )
        db.session.flush()

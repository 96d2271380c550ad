"""What was done, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db

from .models import AuditRow

# The person's name by the table's: this area stands below accounts.
_users = sa.table("users", sa.column("id"), sa.column("full_name"), sa.column("email"))


@dataclass(frozen=True, slots=True)
class AuditEntry:
    id: int
    at: datetime
    actor_id: int | None
    actor_name: str  # '' is the shop itself
    action: str
    subject_kind: str
    subject_id: int
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str


def recent(
    limit: int = 50, *, before_id: int | None = None, actor_id: int | None = None, action: str = ""
) -> list[AuditEntry]:
    """The newest acts, or those before `before_id` (the next page); of one person, or of actions that begin so."""
    query = _query().limit(limit)
    if before_id is not None:
        query = query.where(AuditRow.id < before_id)
    if actor_id is not None:
        query = query.where(AuditRow.actor_id == actor_id)
    if action:
        query = query.where(AuditRow.action.startswith(action, autoescape=True))
    return _entries(query)


def of_subject(subject_kind: str, subject_id: int, limit: int = 100) -> list[AuditEntry]:
    """What was done to one row."""
    return _entries(
        _query().where(AuditRow.subject_kind == subject_kind, AuditRow.subject_id == subject_id).limit(limit)
    )


def of_subjects(subjects: Mapping[str, Sequence[int]], limit: int = 100) -> list[AuditEntry]:
    """What was done to any of these rows, by kind."""
    wanted = [
        sa.and_(AuditRow.subject_kind == kind, AuditRow.subject_id.in_(idents)) for kind, idents in subjects.items()
    ]
    return _entries(_query().where(sa.or_(*wanted)).limit(limit))


def _query() -> sa.Select[Any, Any]:
    name = sa.func.coalesce(sa.func.nullif(_users.c.full_name, ""), _users.c.email, "")
    return (
        sa.select(AuditRow, name.label("actor_name"))
        .outerjoin(_users, _users.c.id == AuditRow.actor_id)
        .order_by(AuditRow.id.desc())
    )


def _entries(query: sa.Select[Any, Any]) -> list[AuditEntry]:
    return [
        AuditEntry(
            id=row.id,
            at=row.at,
            actor_id=row.actor_id,
            actor_name=name,
            action=row.action,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            before=row.before,
            after=row.after,
            reason=row.reason,
        )
        for row, name in db.session.execute(query)
    ]

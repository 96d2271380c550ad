"""What reconciliation found: for a person, never mended silently (payments.md 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.i18n import Lazy
from marketplace.core.money import EXPONENTS, Money
from marketplace.core.pagination import Page, cut, decode_key, encode_key

from ..differences import WORDS, DifferenceKind
from ..models import Difference, ProcessorEvent, Reconciliation

# The person's name by the table's, as the audit trail does.
_users = sa.table("users", sa.column("id"), sa.column("full_name"), sa.column("email"))

LIMIT = 200
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """`amount` is the processor's side where there is one (None: no money); `facts` hold both sides and more.

    `settled_by` is the person's name, '' when it went away by itself.
    """

    id: int
    kind: DifferenceKind
    title: Lazy
    explanation: Lazy
    processor: str
    subject: str
    amount: Money | None
    facts: dict[str, Any]
    found_at: datetime
    seen_at: datetime
    settled_at: datetime | None
    settled_by: str
    note: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison with a processor's own list."""

    id: int
    processor: str
    since: datetime
    until: datetime
    started_at: datetime
    finished_at: datetime | None
    row_count: int
    difference_count: int
    error: str

    @property
    def is_clean(self) -> bool:
        return self.finished_at is not None and not self.difference_count and not self.error


@dataclass(frozen=True, slots=True)
class EventRow:
    """A processor's message that was kept without use, or that could not be handled yet (`handled_at` None)."""

    id: int
    processor: str
    event_id: str
    kind: str
    external_id: str
    received_at: datetime
    handled_at: datetime | None
    tries: int
    error: str


def open_differences(limit: int = LIMIT) -> list[DifferenceRow]:
    """Those that nobody has settled, oldest first. One statement."""
    query = _query().where(Difference.settled_at.is_(None)).order_by(Difference.found_at, Difference.id)
    return [_row(row, name) for row, name in db.session.execute(query.limit(limit))]


def open_difference_count() -> int:
    query = sa.select(sa.func.count()).select_from(Difference).where(Difference.settled_at.is_(None))
    return db.session.scalar(query) or 0


def settled_differences(after: str | None = None, limit: int = PAGE_SIZE) -> Page[DifferenceRow]:
    """Those that are settled, newest first. One statement."""
    key = decode_key(after, 1)
    query = _query().where(Difference.settled_at.is_not(None)).order_by(Difference.id.desc()).limit(limit + 1)
    if key:
        query = query.where(Difference.id < key[0])
    found = [_row(row, name) for row, name in db.session.execute(query)]
    return cut(found, limit, lambda row: encode_key(row.id))


def last_comparisons(limit: int = 10) -> list[Comparison]:
    """Newest first. One statement."""
    query = sa.select(Reconciliation).order_by(Reconciliation.id.desc()).limit(limit)
    return [
        Comparison(
            id=row.id,
            processor=row.processor,
            since=row.since,
            until=row.until,
            started_at=row.started_at,
            finished_at=row.finished_at,
            row_count=row.row_count,
            difference_count=row.difference_count,
            error=row.error,
        )
        for row in db.session.scalars(query.execution_options(populate_existing=True))
    ]


def unknown_events(after: str | None = None, limit: int = PAGE_SIZE) -> Page[EventRow]:
    """Messages that this shop has no use for, or that ended with an error; newest first. One statement."""
    return _events(sa.and_(ProcessorEvent.handled_at.is_not(None), ProcessorEvent.error != ""), after, limit)


def waiting_events(after: str | None = None, limit: int = PAGE_SIZE) -> Page[EventRow]:
    """Messages that are not handled yet, newest first. One statement."""
    return _events(ProcessorEvent.handled_at.is_(None), after, limit)


def _events(condition: sa.ColumnElement[bool], after: str | None, limit: int) -> Page[EventRow]:
    key = decode_key(after, 1)
    columns = (
        ProcessorEvent.id,
        ProcessorEvent.processor,
        ProcessorEvent.event_id,
        ProcessorEvent.kind,
        ProcessorEvent.external_id,
        ProcessorEvent.received_at,
        ProcessorEvent.handled_at,
        ProcessorEvent.tries,
        ProcessorEvent.error,
    )
    query = sa.select(*columns).where(condition).order_by(ProcessorEvent.id.desc()).limit(limit + 1)
    if key:
        query = query.where(ProcessorEvent.id < key[0])
    return cut([EventRow(*row) for row in db.session.execute(query)], limit, lambda row: encode_key(row.id))


def _query() -> sa.Select[Any, Any]:
    name = sa.func.coalesce(sa.func.nullif(_users.c.full_name, ""), _users.c.email, "")
    return (
        sa.select(Difference, name)
        .outerjoin(_users, _users.c.id == Difference.settled_by)
        .execution_options(populate_existing=True)
    )


def _row(row: Difference, name: str) -> DifferenceRow:
    kind = DifferenceKind(row.kind)
    words = WORDS[kind]
    has_amount = row.amount is not None and row.currency in EXPONENTS
    return DifferenceRow(
        id=row.id,
        kind=kind,
        title=words.title,
        explanation=words.explanation,
        processor=row.processor,
        subject=row.subject,
        amount=Money(row.amount or 0, row.currency) if has_amount else None,
        facts=row.facts,
        found_at=row.found_at,
        seen_at=row.seen_at,
        settled_at=row.settled_at,
        settled_by=name,
        note=row.note,
    )

"""What a person has to look at: noted once under its key, seen again, gone by itself, or settled with a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, insert_ignore, locked, transaction
from marketplace.core.money import Money

from ..differences import DifferenceKind
from ..errors import NotAFee, NoteNeeded
from ..models import Difference
from ..setup import processor_named
from .posting import book_processor_fee


def key_of_difference(kind: DifferenceKind, processor: str, subject: str) -> str:
    return f"{kind}:{processor}:{subject}"[:160]


def note_difference(
    kind: DifferenceKind,
    processor: str,
    subject: str,
    *,
    amount: Money | None = None,
    facts: Mapping[str, Any] | None = None,
) -> bool:
    """Note it, or see it again; tells whether it is open.

    One that a person settled stays so while its amount does; one that had gone by itself is open again.
    """
    now, key = clock.now(), key_of_difference(kind, processor, subject)
    values: dict[str, Any] = {
        "amount": amount.amount if amount is not None else None,
        "currency": amount.currency if amount is not None else "",
        "facts": dict(facts or {}),
    }
    with transaction():
        is_new = insert_ignore(
            Difference,
            key=key,
            kind=kind,
            processor=processor,
            subject=subject[:120],
            found_at=now,
            seen_at=now,
            note="",
            **values,
        )
        if is_new:
            return True
        row = locked(Difference, _id_of(key))
        row.seen_at = now
        if row.settled_at is not None and (row.settled_by is None or row.amount != values["amount"]):
            row.settled_at, row.settled_by, row.note, row.found_at = None, None, "", now
        row.amount, row.currency, row.facts = values["amount"], values["currency"], values["facts"]
        return row.settled_at is None


def _id_of(key: str) -> int:
    return db.session.scalars(sa.select(Difference.id).where(Difference.key == key)).one()


def is_gone(kind: DifferenceKind, processor: str, subject: str) -> bool:
    """It is no longer there: an open one is settled by itself. Tells whether there was one."""
    key = key_of_difference(kind, processor, subject)
    query = sa.update(Difference).where(Difference.key == key, Difference.settled_at.is_(None))
    with transaction():
        settled = db.session.execute(query.values(settled_at=clock.now(), settled_by=None))
    return bool(settled.rowcount)  # type: ignore[attr-defined]


def settle_difference(difference_id: int, note: str, by: int, *, as_fee: bool = False) -> None:
    """A person has looked at it and says what it was. Settling it twice keeps the first note.

    `as_fee`: a line of the processor's list that this shop did not know is a fee of its own, and is booked as one.

    Raises:
        NoteNeeded: nothing was written down.
        NotAFee: only an unknown line with an amount can be one.
        NotFound: there is none.
    """
    if not note.strip():
        raise NoteNeeded
    with transaction():
        row = locked(Difference, difference_id)
        if row.settled_at is not None:
            return
        if as_fee:
            _book_fee(row, note.strip())
        row.settled_at, row.settled_by, row.note = clock.now(), by, note.strip()[:500]
        record(
            "difference.settle",
            "difference",
            row.id,
            by,
            before={"key": row.key, "amount": row.amount, "currency": row.currency},
            after={"settled": True, "as_fee": as_fee},
            reason=note,
        )


def _book_fee(row: Difference, note: str) -> None:
    processor = processor_named(row.processor)
    if row.kind != DifferenceKind.UNKNOWN_LINE or not row.amount or processor is None:
        raise NotAFee
    fee = Money(-row.amount, row.currency)
    book_processor_fee(row.id, row.processor, fee, livemode=processor.livemode, memo=f"{row.subject}: {note}")

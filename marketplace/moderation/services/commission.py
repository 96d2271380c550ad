"""What the collective keeps: a new rate from a day on. Sold lines froze theirs, so that nothing is ever backdated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.audit.services import record
from marketplace.catalog.models import Category
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.orders.models import CommissionRate
from marketplace.workshops.models import Workshop

SUBJECT = "commission"
MOST_BP = 5000  # as the table's own check
FARTHEST = timedelta(days=730)  # a day further away is a slip of the finger


class CommissionOutOfRange(DomainError):
    message = _l("Write a percentage from 0 to 50.")


class Backdated(DomainError):
    message = _l("A rate counts from today at the earliest: what is sold keeps the rate that it was sold with.")


class TooFarAhead(DomainError):
    message = _l("That day is more than two years away. Check the year.")


class FloorAboveCap(DomainError):
    message = _l("The least is higher than the most. Change one of them.")


class InForce(DomainError):
    message = _l("This rate counts already. Enter a new one: it takes its place from its day on.")


@dataclass(frozen=True, slots=True)
class CommissionEntry:
    """Basis points of the goods; `floor_idr` and `cap_idr` are whole rupiah per workshop and order.

    Without a workshop or a category it holds for all of them.
    """

    basis_points: int
    valid_from: date
    workshop_id: int | None = None
    category_id: int | None = None
    floor_idr: int | None = None
    cap_idr: int | None = None


def set_commission(entry: CommissionEntry, by: int, why: str) -> int:
    """Let `entry` count from its day on; of two for the same pieces and day the later one counts.

    Raises:
        CommissionOutOfRange, Backdated, TooFarAhead, FloorAboveCap
        NotFound: no such workshop or category.
    """
    _check(entry)
    with transaction():
        for model, ident in ((Workshop, entry.workshop_id), (Category, entry.category_id)):
            if ident is not None and db.session.get(model, ident) is None:
                raise NotFound(model.__name__, ident)
        row = CommissionRate(
            workshop_id=entry.workshop_id,
            category_id=entry.category_id,
            basis_points=entry.basis_points,
            floor_idr=entry.floor_idr,
            cap_idr=entry.cap_idr,
            valid_from=entry.valid_from,
            created_by=by,
            created_at=clock.now(),
        )
        db.session.add(row)
        db.session.flush()
        record("commission.set", SUBJECT, row.id, by, after=_facts(row), reason=why)
        return row.id


def _check(entry: CommissionEntry) -> None:
    if not 0 <= entry.basis_points <= MOST_BP:
        raise CommissionOutOfRange
    if entry.valid_from < clock.today():
        raise Backdated
    if entry.valid_from > clock.today() + FARTHEST:
        raise TooFarAhead
    floor, cap = entry.floor_idr or 0, entry.cap_idr
    if floor < 0 or (cap is not None and cap < floor):
        raise FloorAboveCap


def withdraw_commission(rate_id: int, by: int, why: str) -> None:
    """Take back a rate whose day has not come.

    Raises:
        InForce: it counts already, lines may have frozen it.
    """
    with transaction():
        row = locked(CommissionRate, rate_id)
        if row.valid_from <= clock.today():
            raise InForce
        record("commission.withdraw", SUBJECT, row.id, by, before=_facts(row), reason=why)
        db.session.delete(row)


def _facts(row: CommissionRate) -> dict[str, str | int]:
    facts: dict[str, str | int | None] = {
        "basis_points": row.basis_points,
        "workshop_id": row.workshop_id,
        "category_id": row.category_id,
        "floor_idr": row.floor_idr,
        "cap_idr": row.cap_idr,
        "valid_from": row.valid_from.isoformat(),
    }
    return {name: value for name, value in facts.items() if value is not None}

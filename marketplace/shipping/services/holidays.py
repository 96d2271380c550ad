"""A workshop's holidays and the days of ceremony that it keeps. Closing and opening happen by the calendar alone.

Pages read the rows of the day; what is told here is only that the kept copies of public pages are old.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.catalog import versions
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.tasks import sweeper
from marketplace.workshops.models import CLOSED_DAYS, Closure, Workshop

from ..calendar import LONGEST

MOST_HOLIDAYS = 30  # of one workshop, those that are over left out
LONGEST_MESSAGE = 300
COMING, ON, OVER = "coming", "on", "over"
BATCH = 500


class HolidayInvalid(DomainError):
    """`errors` holds a sentence for each field of HolidayPlan that has one."""

    message = _l("Check the marked fields: the holiday could not be saved.")

    def __init__(self, errors: Mapping[str, Lazy | str]) -> None:
        self.errors = dict(errors)
        super().__init__()


class TooManyHolidays(DomainError):
    message = _l("A workshop can plan %(most)s holidays. Remove one first.")


@dataclass(frozen=True, slots=True)
class HolidayPlan:
    """Both days included. `takes_orders`: orders are taken meanwhile, their dates move; else nothing can be ordered."""

    starts_on: date
    ends_on: date
    takes_orders: bool = False
    message_en: str = ""
    message_id: str = ""


def save_holiday(workshop_id: int, plan: HolidayPlan, by: int) -> int:
    """Plan a holiday; the same days once more replace what was said about them. Gives its number.

    Promises made before are not moved. Holidays may overlap: the calendar counts each day once.

    Raises:
        HolidayInvalid: a day that is over, the last before the first, more than a year ahead.
        TooManyHolidays.
    """
    today = clock.today()
    errors = _errors(plan, today)
    if errors:
        raise HolidayInvalid(errors)
    with transaction():
        locked(Workshop, workshop_id)
        coming = _coming(workshop_id, today)
        row = next((row for row in coming if (row.starts_on, row.ends_on) == (plan.starts_on, plan.ends_on)), None)
        if row is None:
            if len(coming) >= MOST_HOLIDAYS:
                raise TooManyHolidays(most=MOST_HOLIDAYS)
            row = Closure(
                workshop_id=workshop_id,
                starts_on=plan.starts_on,
                ends_on=plan.ends_on,
                created_by=by,
                created_at=clock.now(),
            )
            db.session.add(row)
        row.takes_orders, row.shown_state = plan.takes_orders, _state(plan.starts_on, plan.ends_on, today)
        row.message_en, row.message_id = plan.message_en[:LONGEST_MESSAGE], plan.message_id[:LONGEST_MESSAGE]
        _show([workshop_id])
        db.session.flush()
        record("holiday.save", "workshop", workshop_id, by, after=_facts(row))
        return row.id


def _errors(plan: HolidayPlan, today: date) -> dict[str, Lazy | str]:
    errors: dict[str, Lazy | str] = {}
    if plan.starts_on < today:
        errors["starts_on"] = _l("This day is over. Begin today or later.")
    if plan.ends_on < plan.starts_on:
        errors["ends_on"] = _l("The last day is before the first. Change one of them.")
    elif plan.ends_on > today + timedelta(LONGEST):
        errors["ends_on"] = _l("Plan at most a year ahead.")
    return errors


def _coming(workshop_id: int, today: date) -> list[Closure]:
    query = sa.select(Closure).where(Closure.workshop_id == workshop_id, Closure.ends_on >= today)
    return list(db.session.scalars(query.order_by(Closure.id).execution_options(populate_existing=True)))


def _facts(row: Closure) -> dict[str, object]:
    return {"from": row.starts_on.isoformat(), "to": row.ends_on.isoformat(), "takes_orders": row.takes_orders}


def _state(starts_on: date, ends_on: date, today: date) -> str:
    return COMING if today < starts_on else ON if today <= ends_on else OVER


def remove_holiday(closure_id: int, workshop_id: int, by: int) -> None:
    """Take it out of the calendar, also while it runs: the workshop is open again then.

    Raises:
        NotFound: there is none, or it is another workshop's.
    """
    with transaction():
        row = locked(Closure, closure_id, workshop_id=workshop_id)
        record("holiday.remove", "workshop", workshop_id, by, before=_facts(row))
        db.session.delete(row)
        _show([workshop_id])


def keep_days(workshop_id: int, codes: Collection[str], by: int) -> None:
    """Which days of ceremony the benches rest; other words than those of `CLOSED_DAYS` are left out."""
    with transaction():
        workshop = locked(Workshop, workshop_id)
        before, after = list(workshop.closed_days), [code for code in CLOSED_DAYS if code in codes]
        if after == before:
            return
        workshop.closed_days = after
        record("holiday.days", "workshop", workshop_id, by, before={"days": before}, after={"days": after})
        _show([workshop_id])


@sweeper("holidays")
def turn_holidays() -> int:
    """Holidays that began or ended since the last look: the kept pages of their workshops are old. Gives how many."""
    done = 0
    while ids := list(db.session.scalars(_turned().with_only_columns(Closure.id).limit(BATCH))):
        with transaction():
            query = _turned().where(Closure.id.in_(ids)).with_for_update(skip_locked=True)
            rows = list(db.session.scalars(query.execution_options(populate_existing=True)))
            for row in rows:
                row.shown_state = _state(row.starts_on, row.ends_on, clock.today())
            _show({row.workshop_id for row in rows})
        if not rows:  # another process is at them
            break
        done += len(rows)
    return done


def _turned() -> sa.Select[Closure]:
    today = clock.today()
    begun = sa.and_(Closure.shown_state == COMING, Closure.starts_on <= today)
    ended = sa.and_(Closure.shown_state != OVER, Closure.ends_on < today)
    return sa.select(Closure).where(sa.or_(begun, ended)).order_by(Closure.id)


def _show(workshop_ids: Collection[int]) -> None:
    """The pages of these workshops and of their pieces say something else now."""
    versions.bump(versions.workshop_scope(ident) for ident in workshop_ids)

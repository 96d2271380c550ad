"""Which days a workshop keeps free, and when it is closed: read for the dates on pages, the bag and the checkout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import is_fallback, pick

from ..models import CLOSED_DAYS, Closure, Workshop

ONE_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Holiday:
    """From the first day to the last, both included. `takes_orders`: orders are taken meanwhile, their dates move."""

    id: int
    starts_on: date
    ends_on: date
    takes_orders: bool
    message_en: str = ""
    message_id: str = ""

    @property
    def message(self) -> str:
        return pick(self.message_en, self.message_id)

    @property
    def is_message_fallback(self) -> bool:
        return is_fallback(self.message_en, self.message_id)

    @property
    def day_count(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    def covers(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class Closing:
    """A time in which nothing can be ordered; holidays that overlap or follow each other are one."""

    starts_on: date
    ends_on: date
    holiday: Holiday  # that of its first day from today on, whose message is shown

    @property
    def opens_on(self) -> date:
        return self.ends_on + ONE_DAY


@dataclass(frozen=True, slots=True)
class Keeping:
    """What one workshop keeps: its days of ceremony (codes of `CLOSED_DAYS`) and its holidays from today on."""

    closed_days: frozenset[str] = frozenset(CLOSED_DAYS)
    holidays: tuple[Holiday, ...] = ()  # by their first day

    def closed_on(self, day: date) -> Closing | None:
        """The closing that this day is in."""
        return next((closing for closing in self._closings() if closing.starts_on <= day <= closing.ends_on), None)

    def next_closing(self, day: date) -> Closing | None:
        """The one that this day is in, else the first that is to come."""
        return next((closing for closing in self._closings() if closing.ends_on >= day), None)

    def _closings(self) -> list[Closing]:
        found: list[Closing] = []
        for holiday in self.holidays:
            if holiday.takes_orders:
                continue
            if found and holiday.starts_on <= found[-1].opens_on:
                last = found[-1]
                found[-1] = Closing(last.starts_on, max(last.ends_on, holiday.ends_on), last.holiday)
            else:
                found.append(Closing(holiday.starts_on, holiday.ends_on, holiday))
        return found


def keepings(workshop_ids: Iterable[int]) -> dict[int, Keeping]:
    """Of these workshops, in one statement; one that is not there keeps the usual days (`Keeping()`)."""
    ids = sorted(set(workshop_ids))
    days: dict[int, Sequence[str]] = {}
    found: dict[int, list[Holiday]] = {ident: [] for ident in ids}
    if ids:
        for row in db.session.execute(_kept(), {"ids": ids, "today": clock.today()}):
            days[row.workshop_id] = row.closed_days
            if row.id is not None:
                found[row.workshop_id].append(_holiday(row))
    return {
        ident: Keeping(frozenset(days.get(ident, CLOSED_DAYS)), tuple(sorted(found[ident], key=_in_order)))
        for ident in ids
    }


def keeping_of(workshop_id: int) -> Keeping:
    return keepings([workshop_id])[workshop_id]


@cache
def _kept() -> Any:
    """Built once: every page of a piece asks it."""
    return (
        sa.select(
            Workshop.id.label("workshop_id"),
            Workshop.closed_days,
            Closure.id,
            Closure.starts_on,
            Closure.ends_on,
            Closure.takes_orders,
            Closure.message_en,
            Closure.message_id,
        )
        .outerjoin(Closure, sa.and_(Closure.workshop_id == Workshop.id, Closure.ends_on >= sa.bindparam("today")))
        .where(Workshop.id.in_(sa.bindparam("ids", expanding=True)))
    )


def _holiday(row: sa.Row[Any]) -> Holiday:
    return Holiday(row.id, row.starts_on, row.ends_on, row.takes_orders, row.message_en, row.message_id)


def _in_order(holiday: Holiday) -> tuple[date, date, int]:
    return holiday.starts_on, holiday.ends_on, holiday.id


def closed_now(workshop_id: int) -> Closing | None:
    """Whether nothing can be ordered from it today; one statement."""
    return keeping_of(workshop_id).closed_on(clock.today())


def next_of(workshop_id: int) -> Closing | None:
    """The closing that runs, else the next one; one statement. `starts_on` tells which of the two it is."""
    return keeping_of(workshop_id).next_closing(clock.today())

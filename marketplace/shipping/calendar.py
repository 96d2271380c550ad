"""The days on which the benches of Celuk rest. Pure arithmetic; source: domain.md 5.

The Pawukon counts 210 days (30 wuku of 7). Nyepi follows the moon and cannot be computed: its days are data
(`data/nyepi_dates.csv`, one new row a year; docs/calendar.md).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from marketplace.workshops.models import CLOSED_DAYS
from marketplace.workshops.queries.holidays import Keeping

CYCLE = 210
EPOCH = 1721279  # added to date.toordinal(): day 0 is Redite (Sunday) of wuku Sinta
SUNDAY = 6
GALUNGAN, KUNINGAN, TUMPEK_LANDEP = 73, 83, 13

# Which days around an event the workshops are closed, counted from the event itself.
EVENTS = {"galungan": GALUNGAN, "kuningan": KUNINGAN, "tumpek-landep": TUMPEK_LANDEP}
CLOSED_AROUND = {"galungan": (-1, 1), "kuningan": (-1, 0), "tumpek-landep": (0, 0), "nyepi": (-1, 1)}
_CEREMONY_OF = {  # by the place in the cycle
    EVENTS[code] + offset: code
    for code, (first, last) in CLOSED_AROUND.items()
    if code in EVENTS
    for offset in range(first, last + 1)
}
LONGEST = 366  # days: nobody plans a holiday further ahead, and no counting goes on for ever
ONE_DAY = timedelta(1)


def pawukon(day: date) -> int:
    """The day's place in the 210-day cycle, 0 to 209."""
    return (day.toordinal() + EPOCH) % CYCLE


@cache
def nyepi_days() -> frozenset[date]:
    with (Path(__file__).parent / "data" / "nyepi_dates.csv").open(encoding="utf-8") as source:
        return frozenset(date.fromisoformat(row["date"]) for row in csv.DictReader(source))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of ceremony that a workshop keeps, and its holidays: (first day, last day), in any order.

    `nyepi` None: the known days of the data file.
    """

    kept: frozenset[str] = frozenset(CLOSED_DAYS)
    holidays: tuple[tuple[date, date], ...] = ()
    nyepi: frozenset[date] | None = None

    def is_closed(self, day: date) -> bool:
        return self.is_ceremony(day) or any(first <= day <= last for first, last in self.holidays)

    def is_ceremony(self, day: date) -> bool:
        """Whether the benches rest on a day of its own: Sundays, Galungan, Kuningan, the day of tools, Nyepi."""
        if day.weekday() == SUNDAY and "sunday" in self.kept:
            return True
        if _CEREMONY_OF.get(pawukon(day)) in self.kept:
            return True
        return "nyepi" in self.kept and self._is_silent(day)

    def _is_silent(self, day: date) -> bool:
        silent = nyepi_days() if self.nyepi is None else self.nyepi
        first, last = CLOSED_AROUND["nyepi"]
        return any(day - timedelta(offset) in silent for offset in range(first, last + 1))


USUAL = Calendar()


def calendar_of(keeping: Keeping) -> Calendar:
    return Calendar(keeping.closed_days, tuple((holiday.starts_on, holiday.ends_on) for holiday in keeping.holidays))


def after_working_days(start: date, count: int, calendar: Calendar = USUAL) -> date:
    """The `count`-th working day after `start`, which itself does not count.

    Holidays that lie further than `LONGEST` days after `start` are not looked at (none can be entered), so that the
    counting always ends.
    """
    day, horizon = start, start + timedelta(LONGEST)
    while count > 0:
        day += ONE_DAY
        count -= not (calendar.is_closed(day) if day <= horizon else calendar.is_ceremony(day))
    return day


def next_days(code: str, today: date, nyepi: Iterable[date] | None = None) -> tuple[date, date] | None:
    """The first and the last closed day of the next such ceremony, the one that runs included.

    None for a Nyepi whose day the government has not yet named.
    """
    if code == "sunday":
        day = today + timedelta((SUNDAY - today.weekday()) % 7)
        return day, day
    first, last = (timedelta(offset) for offset in CLOSED_AROUND[code])
    if code == "nyepi":
        coming = [day for day in sorted(nyepi_days() if nyepi is None else nyepi) if day + last >= today]
        return (coming[0] + first, coming[0] + last) if coming else None
    ahead = (EVENTS[code] - pawukon(today - last)) % CYCLE
    event = today - last + timedelta(ahead)
    return event + first, event + last

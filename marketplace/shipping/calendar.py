"""The days on which the benches of Celuk rest. Pure arithmetic; source: domain.md 5.

The Pawukon counts 210 days (30 wuku of 7). Nyepi follows the moon and cannot be computed: its days are data
(`data/nyepi_dates.csv`, one new row a year).
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import cache
from pathlib import Path

CYCLE = 210
EPOCH = 1721279  # added to date.toordinal(): day 0 is Redite (Sunday) of wuku Sinta
SUNDAY = 6
GALUNGAN, KUNINGAN, TUMPEK_LANDEP = 73, 83, 13

# Which days around an event the workshops are closed, counted from the event itself.
CLOSED_AROUND = {GALUNGAN: (-1, 1), KUNINGAN: (-1, 0), TUMPEK_LANDEP: (0, 0)}
NYEPI_AROUND = (-1, 1)
_CLOSED = frozenset(
    event + offset for event, (first, last) in CLOSED_AROUND.items() for offset in range(first, last + 1)
)


def pawukon(day: date) -> int:
    """The day's place in the 210-day cycle, 0 to 209."""
    return (day.toordinal() + EPOCH) % CYCLE


@cache
def nyepi_days() -> frozenset[date]:
    with (Path(__file__).parent / "data" / "nyepi_dates.csv").open(encoding="utf-8") as source:
        return frozenset(date.fromisoformat(row["date"]) for row in csv.DictReader(source))


def is_closed(day: date, nyepi: frozenset[date] | None = None) -> bool:
    """Whether the benches rest: Sundays, Galungan, Kuningan, the day of tools, Nyepi."""
    if day.weekday() == SUNDAY or pawukon(day) in _CLOSED:
        return True
    silent = nyepi_days() if nyepi is None else nyepi
    first, last = NYEPI_AROUND
    return any(day - timedelta(offset) in silent for offset in range(first, last + 1))


def after_working_days(start: date, count: int, nyepi: frozenset[date] | None = None) -> date:
    """The `count`-th working day after `start`, which itself does not count."""
    day = start
    while count > 0:
        day += timedelta(1)
        count -= not is_closed(day, nyepi)
    return day

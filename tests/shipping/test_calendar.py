"""The days on which the benches rest, against published dates."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from marketplace.shipping.calendar import USUAL, Calendar, after_working_days, next_days, nyepi_days, pawukon

DATES = list(csv.DictReader((Path(__file__).parent / "pawukon_dates.csv").open(encoding="utf-8")))
WITHOUT_NYEPI = Calendar(nyepi=frozenset())


def test_every_published_and_computed_day_has_its_place_in_the_cycle() -> None:
    assert len(DATES) == 286
    assert [(row["date"], pawukon(date.fromisoformat(row["date"]))) for row in DATES] == [
        (row["date"], int(row["cycle_index"])) for row in DATES
    ]


def test_the_pivots_of_the_literature() -> None:
    assert pawukon(date(2024, 7, 14)) == 0
    assert pawukon(date(1970, 1, 1)) == 32
    assert pawukon(date(2000, 1, 1)) == 69


@pytest.mark.parametrize(
    ("event", "offsets"),
    [("galungan", (-1, 0, 1)), ("kuningan", (-1, 0)), ("tumpek-landep", (0,))],
)
def test_benches_rest_around_the_holy_days(event: str, offsets: tuple[int, ...]) -> None:
    days = [date.fromisoformat(row["date"]) for row in DATES if row["event"] == event]
    assert days
    for day in days:
        assert all(WITHOUT_NYEPI.is_closed(day + timedelta(offset)) for offset in offsets)
        outside = [day + timedelta(offset) for offset in (min(offsets) - 1, max(offsets) + 1)]
        assert [other for other in outside if WITHOUT_NYEPI.is_closed(other)] == [
            other for other in outside if other.weekday() == 6
        ]


def test_nyepi_is_data_and_closes_three_days() -> None:
    assert date(2026, 3, 19) in nyepi_days()
    assert [USUAL.is_closed(date(2026, 3, day)) for day in (17, 18, 19, 20, 21)] == [False, True, True, True, False]
    assert not WITHOUT_NYEPI.is_closed(date(2026, 3, 19))


def test_two_working_days_from_a_tuesday() -> None:
    assert after_working_days(date(2026, 11, 24), 2) == date(2026, 11, 26)


def test_sundays_are_skipped() -> None:
    assert after_working_days(date(2026, 11, 27), 2) == date(2026, 11, 30)


def test_galungan_stretches_a_lead_time() -> None:
    """Galungan is on Wednesday 13 January 2027: the 12th to the 14th are closed."""
    assert after_working_days(date(2027, 1, 11), 1) == date(2027, 1, 15)
    assert after_working_days(date(2027, 1, 9), 2) == date(2027, 1, 15)


@pytest.mark.parametrize(
    ("code", "today", "expected"),
    [
        ("sunday", date(2026, 11, 24), (date(2026, 11, 29), date(2026, 11, 29))),
        ("sunday", date(2026, 11, 29), (date(2026, 11, 29), date(2026, 11, 29))),
        ("galungan", date(2026, 11, 24), (date(2027, 1, 12), date(2027, 1, 14))),
        ("galungan", date(2027, 1, 14), (date(2027, 1, 12), date(2027, 1, 14))),
        ("galungan", date(2027, 1, 15), (date(2027, 8, 10), date(2027, 8, 12))),
        ("kuningan", date(2026, 11, 24), (date(2027, 1, 22), date(2027, 1, 23))),
        ("tumpek-landep", date(2026, 11, 24), (date(2027, 6, 12), date(2027, 6, 12))),
        ("nyepi", date(2026, 3, 1), (date(2026, 3, 18), date(2026, 3, 20))),
        ("nyepi", date(2026, 3, 20), (date(2026, 3, 18), date(2026, 3, 20))),
    ],
)
def test_the_next_days_of_a_ceremony(code: str, today: date, expected: tuple[date, date]) -> None:
    assert next_days(code, today) == expected


def test_a_nyepi_that_is_not_announced_has_no_day_yet() -> None:
    assert next_days("nyepi", date(2026, 11, 24), nyepi=[date(2026, 3, 19)]) is None

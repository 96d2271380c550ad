"""Promised dates against any calendar: never on a closed day, never before the making is done, never endless."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.shipping.calendar import LONGEST, Calendar, after_working_days, nyepi_days
from marketplace.shipping.queries import READY_DAYS, ship_by
from marketplace.workshops.models import CLOSED_DAYS

Span = tuple[date, date]

starts = st.dates(date(2024, 1, 1), date(2032, 12, 31))
leads = st.integers(0, 120)
kept = st.frozensets(st.sampled_from(CLOSED_DAYS))
# (days until it begins, its length), counted from the start: what a workshop can enter at most
spans = st.lists(st.tuples(st.integers(-20, LONGEST), st.integers(1, 60)), max_size=6)
nyepi = st.one_of(st.none(), st.frozensets(starts, max_size=4))


def holidays_from(start: date, days: list[tuple[int, int]]) -> tuple[Span, ...]:
    """As `shipping.services.save_holiday` lets them through: nothing ends later than a year ahead."""
    latest = start + timedelta(LONGEST)
    first = [(start + timedelta(ahead), length) for ahead, length in days]
    return tuple((begin, min(begin + timedelta(length - 1), latest)) for begin, length in first)


def open_days(start: date, until: date, calendar: Calendar) -> int:
    """Working days after `start` up to `until`, itself included; counted the slow way."""
    days = (start + timedelta(ahead) for ahead in range(1, (until - start).days + 1))
    return sum(not calendar.is_closed(day) for day in days)


@settings(max_examples=300, deadline=None)
@given(starts, leads, kept, spans, nyepi)
def test_a_promised_day_is_open_and_leaves_time_for_the_making(
    start: date, lead: int, days: frozenset[str], away: list[tuple[int, int]], silent: frozenset[date] | None
) -> None:
    calendar = Calendar(days, holidays_from(start, away), silent)
    promised = ship_by(lead, start, calendar)
    assert not calendar.is_closed(promised)
    assert open_days(start, promised, calendar) == max(lead, READY_DAYS)


@settings(max_examples=200, deadline=None)
@given(starts, leads, kept, spans)
def test_a_longer_making_is_never_promised_for_an_earlier_day(
    start: date, lead: int, days: frozenset[str], away: list[tuple[int, int]]
) -> None:
    calendar = Calendar(days, holidays_from(start, away))
    assert after_working_days(start, lead + 1, calendar) > after_working_days(start, lead, calendar)


@settings(max_examples=200, deadline=None)
@given(
    starts, leads, kept, spans, st.tuples(st.integers(-20, LONGEST), st.integers(1, 60)), st.sampled_from(CLOSED_DAYS)
)
def test_a_holiday_or_a_day_of_ceremony_more_never_makes_it_earlier(
    start: date, lead: int, days: frozenset[str], away: list[tuple[int, int]], one: tuple[int, int], code: str
) -> None:
    without = ship_by(lead, start, Calendar(days, holidays_from(start, away)))
    assert ship_by(lead, start, Calendar(days, holidays_from(start, [*away, one]))) >= without
    assert ship_by(lead, start, Calendar(days | {code}, holidays_from(start, away))) >= without


@settings(max_examples=200, deadline=None)
@given(starts, leads, kept, spans)
def test_holidays_that_overlap_count_each_day_once_in_any_order(
    start: date, lead: int, days: frozenset[str], away: list[tuple[int, int]]
) -> None:
    once = holidays_from(start, away)
    singles = tuple({(day, day) for begin, end in once for day in _days(begin, end)})
    expected = ship_by(lead, start, Calendar(days, once))
    assert ship_by(lead, start, Calendar(days, (*reversed(once), *once))) == expected
    assert ship_by(lead, start, Calendar(days, singles)) == expected


def _days(begin: date, end: date) -> list[date]:
    return [begin + timedelta(ahead) for ahead in range((end - begin).days + 1)]


@settings(max_examples=50, deadline=None)
@given(starts, leads, st.integers(0, 100_000))
def test_a_calendar_that_is_always_closed_ends_all_the_same(start: date, lead: int, length: int) -> None:
    """Such a row cannot be entered; should it be there, holidays beyond a year are not looked at."""
    for_ever = (start - timedelta(1), min(start + timedelta(LONGEST) + timedelta(length), date(9999, 12, 31)))
    promised = ship_by(lead, start, Calendar(holidays=(for_ever,)))
    assert start + timedelta(LONGEST) < promised <= start + timedelta(LONGEST + 2 * max(lead, READY_DAYS) + 10)


@given(starts)
def test_a_workshop_that_keeps_no_day_works_on_all_of_them(start: date) -> None:
    free = Calendar(frozenset())
    assert after_working_days(start, 10, free) == start + timedelta(10)


def test_a_workshop_may_work_on_sundays_and_on_nyepi() -> None:
    sunday, silent = date(2026, 11, 29), date(2026, 3, 19)
    assert silent in nyepi_days()
    for day, code in ((sunday, "sunday"), (silent, "nyepi")):
        assert Calendar().is_closed(day)
        assert not Calendar(frozenset(CLOSED_DAYS) - {code}).is_closed(day)

"""A workshop's holidays: planned from–to, closing and opening by themselves, told to the kept copies of pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.audit.models import AuditRow
from marketplace.catalog.models import DataVersion
from marketplace.core import clock
from marketplace.core.clock import BALI, Hands
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.shipping import services
from marketplace.shipping.calendar import calendar_of
from marketplace.shipping.queries import Parcel, estimate, quotes, ship_by
from marketplace.shipping.services import HolidayInvalid, HolidayPlan, TooManyHolidays
from marketplace.workshops.models import CLOSED_DAYS, Closure, Workshop
from marketplace.workshops.queries import holidays
from tests.factories.accounts import UserFactory
from tests.factories.workshops import WorkshopFactory

TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def hands(app: Flask) -> Iterator[Hands]:
    """Tuesday morning in Celuk."""
    with clock.stopped(datetime(2026, 11, 24, 9, 0, tzinfo=BALI)) as stopped:
        yield stopped


@pytest.fixture
def bench() -> Workshop:
    return WorkshopFactory()


@pytest.fixture
def luh() -> int:
    return int(UserFactory().id)


def plan(first: int, last: int, **more: object) -> HolidayPlan:
    """Of days in December 2026."""
    return HolidayPlan(date(2026, 12, first), date(2026, 12, last), **more)  # type: ignore[arg-type]


def version_of(workshop: Workshop) -> int:
    db.session.rollback()
    scope = f"workshop:{workshop.id}"
    return db.session.scalar(sa.select(DataVersion.number).where(DataVersion.scope == scope)) or 0


class TestPlanning:
    def test_pages_are_old_from_the_moment_it_is_planned(self, bench: Workshop, luh: int) -> None:
        before = version_of(bench)
        services.save_holiday(bench.id, plan(2, 4, message_en="Temple festival."), luh)
        assert version_of(bench) == before + 1
        [holiday] = holidays.keeping_of(bench.id).holidays
        assert (holiday.starts_on, holiday.day_count, holiday.message) == (date(2026, 12, 2), 3, "Temple festival.")

    @pytest.mark.parametrize(
        ("first", "last", "field", "words"),
        [
            (-1, 3, "starts_on", "This day is over."),
            (5, 4, "ends_on", "before the first"),
            (300, 367, "ends_on", "at most a year ahead"),
        ],
    )
    def test_days_that_cannot_be(
        self, bench: Workshop, luh: int, first: int, last: int, field: str, words: str
    ) -> None:
        impossible = HolidayPlan(TUESDAY + timedelta(first), TUESDAY + timedelta(last))
        with pytest.raises(HolidayInvalid) as refused:
            services.save_holiday(bench.id, impossible, luh)
        assert words in str(refused.value.errors[field])
        assert holidays.keeping_of(bench.id).holidays == ()

    def test_today_and_a_whole_year_can_be(self, bench: Workshop, luh: int) -> None:
        services.save_holiday(bench.id, HolidayPlan(TUESDAY, TUESDAY + timedelta(366)), luh)
        closing = holidays.closed_now(bench.id)
        assert closing is not None
        assert closing.opens_on == date(2027, 11, 26)

    def test_the_same_days_once_more_replace_what_was_said(self, bench: Workshop, luh: int) -> None:
        first = services.save_holiday(bench.id, plan(2, 4, message_en="Odalan."), luh)
        assert services.save_holiday(bench.id, plan(2, 4, takes_orders=True), luh) == first
        [holiday] = holidays.keeping_of(bench.id).holidays
        assert (holiday.takes_orders, holiday.message) == (True, "")

    def test_nobody_plans_without_end(self, bench: Workshop, luh: int) -> None:
        for ahead in range(services.holidays.MOST_HOLIDAYS):
            day = TUESDAY + timedelta(ahead)
            services.save_holiday(bench.id, HolidayPlan(day, day), luh)
        with pytest.raises(TooManyHolidays):
            services.save_holiday(bench.id, plan(30, 31), luh)

    def test_another_workshop_s_holiday_is_not_found(self, bench: Workshop, luh: int) -> None:
        ident = services.save_holiday(bench.id, plan(2, 4), luh)
        with pytest.raises(NotFound):
            services.remove_holiday(ident, WorkshopFactory().id, luh)
        services.remove_holiday(ident, bench.id, luh)
        assert holidays.keeping_of(bench.id).holidays == ()

    def test_who_planned_and_who_took_it_back_is_recorded(self, bench: Workshop, luh: int) -> None:
        ident = services.save_holiday(bench.id, plan(2, 4), luh)
        services.remove_holiday(ident, bench.id, luh)
        services.keep_days(bench.id, ["nyepi"], luh)
        rows = db.session.execute(sa.select(AuditRow.action, AuditRow.actor_id).order_by(AuditRow.id)).all()
        assert [tuple(row) for row in rows] == [("holiday.save", luh), ("holiday.remove", luh), ("holiday.days", luh)]


class TestClosing:
    def test_it_closes_and_opens_by_itself_at_midnight_in_celuk(self, bench: Workshop, luh: int, hands: Hands) -> None:
        services.save_holiday(bench.id, plan(2, 4), luh)
        states = []
        for moment in ((1, 23, 59), (2, 0, 0), (4, 23, 59), (5, 0, 0)):
            hands.moment = datetime(2026, 12, *moment, tzinfo=BALI)
            states.append(holidays.closed_now(bench.id) is not None)
        assert states == [False, True, True, False]

    def test_while_orders_are_taken_it_is_not_closed(self, bench: Workshop, luh: int, hands: Hands) -> None:
        services.save_holiday(bench.id, plan(2, 4, takes_orders=True), luh)
        hands.moment = datetime(2026, 12, 3, 12, tzinfo=BALI)
        assert holidays.closed_now(bench.id) is None
        assert holidays.next_of(bench.id) is None

    def test_holidays_that_touch_or_overlap_are_one_closing(self, bench: Workshop, luh: int, hands: Hands) -> None:
        for first, last, words in ((5, 9, "Second."), (2, 4, "First."), (3, 6, "Between."), (12, 13, "Later.")):
            services.save_holiday(bench.id, plan(first, last, message_en=words), luh)
        coming = holidays.next_of(bench.id)
        assert coming is not None
        assert (coming.starts_on, coming.ends_on, coming.holiday.message) == (
            date(2026, 12, 2),
            date(2026, 12, 9),
            "First.",
        )
        hands.moment = datetime(2026, 12, 10, 12, tzinfo=BALI)
        later = holidays.next_of(bench.id)
        assert later is not None
        assert later.starts_on == date(2026, 12, 12)

    def test_the_timer_tells_the_pages_once_at_each_turn(self, bench: Workshop, luh: int, hands: Hands) -> None:
        services.save_holiday(bench.id, plan(2, 4), luh)
        other, told = WorkshopFactory(), []
        for day in (1, 2, 3, 5, 6):
            hands.moment = datetime(2026, 12, day, 0, 1, tzinfo=BALI)
            before = version_of(bench)
            told.append((services.turn_holidays(), version_of(bench) - before))
            assert services.turn_holidays() == 0
        assert told == [(0, 0), (1, 1), (0, 0), (1, 1), (0, 0)]
        assert version_of(other) == 0

    def test_a_timer_that_slept_through_a_holiday_catches_up(self, bench: Workshop, luh: int, hands: Hands) -> None:
        services.save_holiday(bench.id, plan(2, 4), luh)
        hands.moment = datetime(2027, 2, 1, tzinfo=BALI)
        assert services.turn_holidays() == 1
        assert db.session.scalar(sa.select(Closure.shown_state)) == "over"


class TestDates:
    def test_a_holiday_lengthens_the_time_until_a_piece_leaves(self, bench: Workshop, luh: int) -> None:
        services.load_rates()
        services.save_holiday(bench.id, HolidayPlan(date(2026, 11, 25), date(2026, 11, 27), takes_orders=True), luh)
        found = quotes([Parcel(bench.id, 90), Parcel(WorkshopFactory().id, 90)], "AU")
        assert [offers[0].ship_by for offers in found.values()] == [date(2026, 11, 30), date(2026, 11, 26)]
        quote = estimate(Parcel(bench.id, 90), "AU")
        assert quote is not None
        assert (quote.arrives_from - quote.ship_by).days == 8

    def test_who_works_on_sundays_sends_earlier(self, bench: Workshop, luh: int, hands: Hands) -> None:
        hands.moment = datetime(2026, 11, 28, 9, tzinfo=BALI)  # a Saturday
        usual = ship_by(2, calendar=calendar_of(holidays.keeping_of(bench.id)))
        before = version_of(bench)
        services.keep_days(bench.id, [code for code in CLOSED_DAYS if code != "sunday"], luh)
        assert (usual, ship_by(2, calendar=calendar_of(holidays.keeping_of(bench.id)))) == (
            date(2026, 12, 1),
            date(2026, 11, 30),
        )
        assert version_of(bench) == before + 1

    def test_words_that_are_no_day_of_ceremony_are_left_out(self, bench: Workshop, luh: int) -> None:
        services.keep_days(bench.id, ["nyepi", "friday", "galungan"], luh)
        assert holidays.keeping_of(bench.id).closed_days == {"galungan", "nyepi"}
        assert db.session.get_one(Workshop, bench.id, populate_existing=True).closed_days == ["galungan", "nyepi"]

"""Months as the money pages name and compare them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date

from marketplace.core import clock
from marketplace.core.i18n import days, language
from marketplace.core.money import Money
from marketplace.orders.queries.shares import MonthSold


def month_name(first: date, *, year: bool = True) -> str:
    """November 2026"""
    return format_date(first, "LLLL y" if year else "LLLL", locale=language())


def short_day(when: date | datetime) -> str:
    """27 Nov, as in tags and narrow columns; a moment's day is that of Celuk."""
    if isinstance(when, datetime):
        when = clock.local(when).date()
    return format_date(when, "d MMM", locale=language())


def month_code(first: date) -> str:
    """2026-11, as in the address of a statement."""
    return f"{first:%Y-%m}"


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """`rise` in per cent of the same days a month before, 0 when it did not rise."""

    name: str
    code: str
    sold: Money
    count: int
    before: Money
    before_days: str
    rise: int


def month_facts(month: MonthSold) -> MonthFacts:
    sold, before = month.sold.amount, month.before.amount
    return MonthFacts(
        name=month_name(month.month, year=False),
        code=month_code(month.month),
        sold=month.sold,
        count=month.count,
        before=month.before,
        before_days=days(month.before_until.replace(day=1), month.before_until),
        rise=(sold - before) * 100 // before if before and sold > before else 0,
    )

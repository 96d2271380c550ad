"""Eight bars for eight weeks: a drawing without inline style or script, with its finding in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date

from marketplace.core.i18n import day, language, money, number
from marketplace.core.i18n import gettext as _
from marketplace.orders.queries import Week

HEIGHT, FLOOR, WIDTH, STEP = 104, 120.0, 28, 40
MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: str
    height: str
    label: str  # the day below it
    month: str  # below the day, where a month begins
    value: str  # above it, where it says something
    is_now: bool


@dataclass(frozen=True, slots=True)
class Chart:
    bars: Sequence[Bar]
    finding: str
    rows: Sequence[tuple[str, str]]  # the same as a table


def weeks_chart(weeks: Sequence[Week]) -> Chart | None:
    """None while there is nothing to draw."""
    highest = max((week.payable.amount for week in weeks), default=0)
    if not highest:
        return None
    bars = [_bar(weeks, index, highest) for index in range(len(weeks))]
    finding = _(
        "What was sold in the last %(count)s weeks. Highest %(highest)s, this week %(now)s.",
        count=len(weeks),
        highest=money(max(weeks, key=lambda week: week.payable.amount).payable),
        now=money(weeks[-1].payable),
    )
    return Chart(bars, finding, [(day(week.monday, year=False), money(week.payable)) for week in weeks])


def _bar(weeks: Sequence[Week], index: int, highest: int) -> Bar:
    week, is_now = weeks[index], index == len(weeks) - 1
    begins = index == 0 or weeks[index - 1].monday.month != week.monday.month
    height = round(HEIGHT * week.payable.amount / highest, 1)
    is_named = week.payable.amount == highest or (is_now and week.payable.amount > 0)
    month = _month(week.monday) if begins else ""
    value = number((week.payable.amount / MILLION).quantize(Decimal("0.1"))) if is_named else ""
    label = str(week.monday.day)
    return Bar(6 + STEP * index, f"{FLOOR - height:.1f}", f"{height:.1f}", label, month, value, is_now)


def _month(day_of: date) -> str:
    """Okt, Nov"""
    return format_date(day_of, "MMM", locale=language())

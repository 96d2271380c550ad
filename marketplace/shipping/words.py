"""The calendar in words: names of the days of ceremony, and how long a holiday is."""

from __future__ import annotations

from datetime import date

from marketplace.core import clock
from marketplace.core.i18n import Lazy, days, ngettext
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.workshops.models import CLOSED_DAYS
from marketplace.workshops.queries.holidays import Holiday

from .calendar import next_days

NAMES: dict[str, Lazy | str] = {
    "sunday": _l("Sunday"),
    "galungan": "Galungan",
    "kuningan": "Kuningan",
    "nyepi": "Nyepi",
    "tumpek-landep": "Tumpek Landep",
}


def span(first: date, last: date) -> str:
    """12–15 January 2027"""
    return f"{days(first, last)} {last.year}"


def when(holiday: Holiday) -> str:
    """12–15 January 2027, 4 days"""
    count = ngettext("%(num)s day", "%(num)s days", holiday.day_count)
    return f"{span(holiday.starts_on, holiday.ends_on)}, {count}"


def ceremonies() -> list[tuple[str, str]]:
    """Every day of ceremony with its code, and when it is next: Galungan (12–14 January 2027)."""
    return [(code, f"{NAMES[code]} ({_next(code)})") for code in CLOSED_DAYS]


def _next(code: str) -> str:
    if code == "sunday":
        return str(_("every week"))
    found = next_days(code, clock.today())
    return span(*found) if found else str(_("the day is not announced yet"))

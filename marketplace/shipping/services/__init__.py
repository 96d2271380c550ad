"""The rate table of parcels, and the days on which a workshop is closed. Each verb is one transaction."""

from .holidays import (
    LONGEST_MESSAGE,
    HolidayInvalid,
    HolidayPlan,
    TooManyHolidays,
    keep_days,
    remove_holiday,
    save_holiday,
    turn_holidays,
)
from .rates import load_rates

__all__ = [
    "LONGEST_MESSAGE",
    "HolidayInvalid",
    "HolidayPlan",
    "TooManyHolidays",
    "keep_days",
    "load_rates",
    "remove_holiday",
    "save_holiday",
    "turn_holidays",
]

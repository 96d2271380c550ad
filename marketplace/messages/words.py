"""Words that both sides' pages say: how soon a workshop answers, which day it was, who a buyer is."""

from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.core import clock
from marketplace.core.i18n import Lazy, day
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l

HOUR, DAY = 60, 24 * 60
# Half of a workshop's answers came within so many minutes. Slower than the last says nothing: no word is a promise.
PACES = (
    (HOUR, _l("Usually answers within an hour")),
    (4 * HOUR, _l("Usually answers within a few hours")),
    (12 * HOUR, _l("Usually answers on the same day")),
    (DAY, _l("Usually answers within a day")),
    (3 * DAY, _l("Usually answers within three days")),
)


def pace(minutes: int | None) -> Lazy | str:
    """'' when there is nothing to say: too few answers, or too slow ones."""
    if minutes is None:
        return ""
    return next((words for most, words in PACES if minutes <= most), "")


def day_word(moment: datetime) -> str:
    """Today, yesterday, or the day, in Celuk."""
    today, then = clock.today(), clock.local(moment).date()
    if then == today:
        return _("Today")
    if then == today - timedelta(days=1):
        return _("Yesterday")
    return day(moment, year=then.year != today.year)


def buyer_name(*names: str | None) -> str:
    """The first name that is one; an address of mail is not shown as a name (features.md F11)."""
    found = next((name for name in names if name and "@" not in name), "")
    return found or str(_("A buyer"))

"""A row of the queue on the first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marketplace.core import clock
from marketplace.core.i18n import day
from marketplace.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Job:
    icon: str
    title: str
    text: str
    href: str
    due: date
    is_bad: bool = False

    @property
    def due_text(self) -> str:
        is_today = self.due == clock.today()
        return str(_("Due today") if is_today else _("Due %(day)s", day=day(self.due, year=False)))

    @property
    def due_kind(self) -> str:
        if self.due < clock.today():
            return "bad"
        return "warn" if self.due == clock.today() else ""

"""Deadlines in words, and the order of the bench: what leaves first stands on top. Closed days are none to work on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.core import clock
from marketplace.core.i18n import day, ngettext
from marketplace.core.i18n import gettext as _
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.orders.queries import SellerPart
from marketplace.shipping.calendar import USUAL, Calendar, after_working_days
from marketplace.shipping.queries import calendars

Tag = tuple[str, str]
OPEN = (Status.PAID, Status.ACCEPTED, Status.STARTED)
ONE_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Bench:
    """The open parts in three heaps, each by due date: what must leave now, what waits for an answer, the rest."""

    urgent: Sequence[SellerPart]
    to_answer: Sequence[SellerPart]
    later: Sequence[SellerPart]

    @property
    def count(self) -> int:
        return len(self.urgent) + len(self.to_answer) + len(self.later)

    @property
    def late(self) -> int:
        return sum(row.part.is_late for row in (*self.urgent, *self.to_answer, *self.later))

    @property
    def first_things(self) -> list[SellerPart]:
        """All of them as one list to work through: late ones, what leaves now, answers, what waits at the bench."""
        rows = (*self.urgent, *self.to_answer, *self.later)
        return sorted(rows, key=lambda row: not row.part.is_late)


@dataclass(frozen=True, slots=True)
class Desk:
    """A workshop's today: `next_day` is the working day after it, by the workshop's own calendar."""

    today: date
    next_day: date
    is_closed: bool = False

    def is_urgent(self, row: SellerPart) -> bool:
        """Accepted, and to be posted by the next working day at the latest."""
        return row.part.status in OPEN[1:] and row.part.left_count > 0 and row.part.ship_by_on <= self.next_day

    def tag_of(self, row: SellerPart) -> Tag:
        """What the list says of a part: its deadline while something of it is to be sent, its state otherwise."""
        part, due = row.part, row.part.ship_by_on
        if part.status not in OPEN:
            return part.word, part.kind
        if not part.left_count:
            return _("Refunded"), ""
        if due < self.today:
            return _("Late since %(day)s", day=day(due, year=False)), "bad"
        if due == self.today:
            return _("Post today"), "bad"
        if due == self.today + ONE_DAY:
            return _("Post by tomorrow"), "bad"
        if part.status is Status.PAID:
            return _("New"), "acc"
        return _("Leaves by %(day)s", day=day(due, weekday=True, year=False)), "bad" if due <= self.next_day else ""

    def headline(self, row: SellerPart) -> str:
        """The first sentence of an order's page."""
        due = row.part.ship_by_on
        named = day(due, year=False)
        if due < self.today:
            return str(_("This should have been posted by %(day)s", day=named))
        if due == self.today:
            return str(_("Post it today, %(day)s", day=named))
        if due == self.today + ONE_DAY:
            return str(_("Post it by tomorrow, %(day)s", day=named))
        if due <= self.next_day:
            return str(_("Post it by %(day)s: that is the next working day", day=day(due, weekday=True, year=False)))
        return str(_("Post it by %(day)s", day=day(due, weekday=True, year=False)))

    def bench_of(self, rows: Iterable[SellerPart]) -> Bench:
        heaps: tuple[list[SellerPart], list[SellerPart], list[SellerPart]] = ([], [], [])
        for row in rows:
            heaps[1 if row.part.status is Status.PAID else 0 if self.is_urgent(row) else 2].append(row)
        return Bench(*heaps)


def desk_of(workshop_id: int) -> Desk:
    """One statement."""
    return desk(calendars([workshop_id])[workshop_id])


def desk(calendar: Calendar = USUAL) -> Desk:
    today = clock.today()
    return Desk(today, after_working_days(today, 1, calendar), calendar.is_closed(today))


def schedule(rows: Iterable[SellerPart], days: int = 5) -> list[tuple[str, str, str | None]]:
    """The next days on which something leaves, for ui/track.html."""
    by_day: dict[date, int] = {}
    for row in rows:
        by_day[row.part.ship_by_on] = by_day.get(row.part.ship_by_on, 0) + (row.part.left_count > 0)
    found = sorted((when, count) for when, count in by_day.items() if count)[:days]
    return [
        (
            day(when, weekday=True, year=False),
            "now" if index == 0 else "next",
            ngettext("%(num)s parcel to post", "%(num)s parcels to post", count),
        )
        for index, (when, count) in enumerate(found)
    ]

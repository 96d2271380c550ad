"""Deadlines as tags, and the order of the bench: what leaves first stands on top."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.core import clock
from marketplace.core.i18n import day, ngettext
from marketplace.core.i18n import gettext as _
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.orders.queries import SellerPart

Tag = tuple[str, str]
OPEN = (Status.PAID, Status.ACCEPTED, Status.STARTED)


def is_urgent(row: SellerPart) -> bool:
    """Accepted, and to be posted by tomorrow at the latest."""
    return row.part.status in OPEN[1:] and row.part.ship_by_on <= clock.today() + timedelta(1)


def tag_of(row: SellerPart) -> Tag:
    """What the list says of a part: its deadline while it is open, its state afterwards."""
    part, today = row.part, clock.today()
    if part.status not in OPEN:
        return part.word, part.kind
    if part.ship_by_on < today:
        return _("Late since %(day)s", day=day(part.ship_by_on, year=False)), "bad"
    if part.ship_by_on == today:
        return _("Post today"), "bad"
    if part.ship_by_on == today + timedelta(1):
        return _("Post by tomorrow"), "bad"
    if part.status is Status.PAID:
        return _("New"), "acc"
    return _("Leaves by %(day)s", day=day(part.ship_by_on, weekday=True, year=False)), ""


def headline(row: SellerPart) -> str:
    """The first sentence of an order's page."""
    part, today = row.part, clock.today()
    named = day(part.ship_by_on, year=False)
    if part.ship_by_on < today:
        return str(_("This should have been posted by %(day)s", day=named))
    if part.ship_by_on == today:
        return str(_("Post it today, %(day)s", day=named))
    if part.ship_by_on == today + timedelta(1):
        return str(_("Post it by tomorrow, %(day)s", day=named))
    return str(_("Post it by %(day)s", day=day(part.ship_by_on, weekday=True, year=False)))


@dataclass(frozen=True, slots=True)
class Bench:
    """The open parts in three heaps, each by due date."""

    urgent: Sequence[SellerPart]
    to_answer: Sequence[SellerPart]
    later: Sequence[SellerPart]

    @property
    def count(self) -> int:
        return len(self.urgent) + len(self.to_answer) + len(self.later)

    @property
    def late(self) -> int:
        return sum(row.part.is_late for row in (*self.urgent, *self.to_answer, *self.later))


def bench_of(rows: Iterable[SellerPart]) -> Bench:
    heaps: tuple[list[SellerPart], list[SellerPart], list[SellerPart]] = ([], [], [])
    for row in rows:
        heaps[1 if row.part.status is Status.PAID else 0 if is_urgent(row) else 2].append(row)
    return Bench(*heaps)


def schedule(rows: Iterable[SellerPart], days: int = 5) -> list[tuple[str, str, str | None]]:
    """The next days on which something leaves, for ui/track.html."""
    by_day: dict[date, int] = {}
    for row in rows:
        by_day[row.part.ship_by_on] = by_day.get(row.part.ship_by_on, 0) + 1
    found = sorted(by_day.items())[:days]
    return [
        (
            day(when, weekday=True, year=False),
            "now" if index == 0 else "next",
            ngettext("%(num)s parcel to post", "%(num)s parcels to post", count),
        )
        for index, (when, count) in enumerate(found)
    ]

"""What waits, as rows of one queue in the order in which it is due."""

from __future__ import annotations

from flask import url_for

from marketplace.core import clock
from marketplace.core.i18n import and_list, money, ngettext
from marketplace.core.i18n import gettext as _
from marketplace.moderation.queries.today import Today, due_on

from . import words
from .job import Job
from .money_jobs import money_jobs


def jobs_of(today: Today, unquoted: list[str]) -> tuple[list[Job], list[Job]]:
    """(due today or before, due later), each in order; `unquoted` are the currencies without a rate."""
    jobs = [*_rates(unquoted), *_troubles(today), *money_jobs(today), *_late(today)]
    jobs += [*_applications(today), *_reviews(today)]
    jobs.sort(key=lambda job: (job.due, not job.is_bad))
    return [job for job in jobs if job.due <= clock.today()], [job for job in jobs if job.due > clock.today()]


def _rates(unquoted: list[str]) -> list[Job]:
    if not unquoted:
        return []
    title = _("Enter the rate of %(currencies)s", currencies=and_list(unquoted))
    text = _("Without it these prices cannot be shown")
    return [Job("alert", title, text, url_for("admin_rates.index"), clock.today(), is_bad=True)]


def _troubles(today: Today) -> list[Job]:
    return [
        Job(
            "alert",
            _("Payment does not fit its order"),
            f"{row.public_no}, {money(row.total)}. " + (row.text or _("The money came after the order had ended.")),
            url_for("admin_orders.show", order_id=row.order_id),
            clock.local(row.since).date(),
            is_bad=True,
        )
        for row in today.troubles
    ]


def _late(today: Today) -> list[Job]:
    found = []
    for number, part in today.late:
        late = (clock.today() - part.ship_by_on).days
        text = ngettext("%(num)s day past the promise", "%(num)s days past the promise", late)
        href = url_for("admin_orders.show", order_id=part.order_id)
        found.append(Job("clock", _("Late parcel"), f"{number}, {part.workshop_name}. {text}", href, part.ship_by_on))
    return found


def _applications(today: Today) -> list[Job]:
    return [
        Job(
            "user",
            _("Application: %(name)s", name=row.workshop_name),
            " ".join(
                (
                    and_list([str(words.LACKING[name]) for name in row.lacks]) + "." if row.lacks else _("Complete."),
                    _("Waiting %(age)s", age=words.age(row.submitted_at)),
                )
            ),
            url_for("admin_applications.show", application_id=row.id),
            due_on(row.submitted_at),
        )
        for row in today.applications
    ]


def _reviews(today: Today) -> list[Job]:
    queue = today.reviews
    if queue.oldest_at is None:
        return []
    title = ngettext("%(num)s piece to check", "%(num)s pieces to check", queue.count)
    text = _("Oldest %(age)s", age=words.age(queue.oldest_at))
    return [Job("ring", title, text, url_for("admin_listings.index"), due_on(queue.oldest_at))]

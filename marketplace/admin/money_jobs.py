"""What waits in the money: disputes with the bank's own deadline, refunds, payouts, the books."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from marketplace.core import clock
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import money, ngettext
from marketplace.moderation.queries.payouts import OpenRun, StuckPayout
from marketplace.moderation.queries.today import REFUND_DAYS, Today, due_on
from marketplace.payments.queries.disputes import DisputeRow
from marketplace.payments.queries.refunds import OpenRefund

from . import payout_words
from .job import Job


def money_jobs(today: Today) -> Iterator[Job]:
    yield from (_dispute(row) for row in today.disputes)
    yield from (_refund(row) for row in today.refunds)
    yield from _owed(today)
    yield from (_payout(row) for row in today.payouts)
    yield from (_run(row) for row in today.runs)
    yield from _differences(today)


def _dispute(row: DisputeRow) -> Job:
    is_answer = row.task == "answer"
    since = row.closed_at or row.opened_at
    due = clock.local(row.due_by).date() if is_answer and row.due_by else due_on(since, REFUND_DAYS)
    return Job(
        "alert",
        _("Answer a dispute") if is_answer else _("Say who bears a lost dispute"),
        f"{row.order_no}, {money(row.total)}. {row.reason}",
        url_for("admin_disputes.show", dispute_id=row.id),
        due,
        is_bad=True,
    )


def _refund(row: OpenRefund) -> Job:
    if row.can_retry:
        title = _("Refund failed")
    elif row.must_send:
        title = _("Refund to send by bank transfer")
    elif row.must_assign:
        title = _("Refund without a parcel")
    else:
        title = _("Refund without an answer")
    return Job(
        "back",
        title,
        " ".join(part for part in (f"{row.order_number}, {money(row.refund.total)}.", row.refund.error) if part),
        url_for("admin_orders.show", order_id=row.order_id, _anchor="refunds"),
        due_on(row.refund.requested_at, REFUND_DAYS),
        is_bad=row.can_retry or row.must_send,
    )


def _owed(today: Today) -> Iterator[Job]:
    for number, part in today.owed:
        text = _(
            "%(number)s, %(sum)s. %(workshop)s could not send it",
            number=number,
            sum=money(part.total),
            workshop=part.workshop_name,
        )
        due = due_on(part.moments.get(part.status) or clock.now(), REFUND_DAYS)
        href = url_for("admin_orders.show", order_id=part.order_id)
        yield Job("back", _("Money to return"), text, href, due, is_bad=True)


def _payout(row: StuckPayout) -> Job:
    word, _kind = payout_words.payout_tag(row.status)
    return Job(
        "wallet",
        _("Payout: %(state)s", state=word),
        " ".join(part for part in (f"{row.workshop_name}, {money(row.amount)}.", row.reason) if part),
        url_for("admin_payout_runs.show", run_id=row.run_id),
        due_on(row.since, 1),
        is_bad=True,
    )


def _run(row: OpenRun) -> Job:
    return Job(
        "wallet",
        _("Send a run of payouts") if row.is_approved else _("Approve a run of payouts"),
        _("Number %(number)s", number=row.id),
        url_for("admin_payout_runs.show", run_id=row.id),
        due_on(row.at, 1),
    )


def _differences(today: Today) -> Iterator[Job]:
    if today.difference_count:
        title = ngettext("%(num)s difference in the books", "%(num)s differences in the books", today.difference_count)
        yield Job(
            "alert", title, _("Nothing was changed: a person decides"), url_for("admin_books.index"), clock.today()
        )

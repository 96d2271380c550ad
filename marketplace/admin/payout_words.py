"""Payouts in words: why a workshop is paid or not, how far a payout is, how far a run."""

from __future__ import annotations

from marketplace.core.i18n import Lazy, day, moment
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.orders.words import Step
from marketplace.payouts.models import PayoutStatus
from marketplace.payouts.queries import Due, NextPayout, RunView
from marketplace.payouts.queries.due import (
    ACCOUNT_ON_HOLD,
    ACCOUNT_PROBLEM,
    CARRIED,
    DISPUTED,
    HELD,
    NO_ACCOUNT,
    READY,
    RUNNING,
)
from marketplace.payouts.queries.runs import APPROVED, CANCELED, DONE, DRAFT, SENT

_DUE: dict[str, tuple[Lazy, str]] = {
    READY: (_l("Ready"), "ok"),
    CARRIED: (_l("Carried over"), ""),
    DISPUTED: (_l("Held for a dispute"), "warn"),
    RUNNING: (_l("In a run already"), "acc"),
    HELD: (_l("Held by us"), "warn"),
    NO_ACCOUNT: (_l("No bank account"), "warn"),
    ACCOUNT_ON_HOLD: (_l("Account changed"), "warn"),
    ACCOUNT_PROBLEM: (_l("Account does not work"), "bad"),
}
PAYOUT: dict[PayoutStatus, tuple[Lazy, str]] = {
    PayoutStatus.DRAFT: (_l("Prepared"), ""),
    PayoutStatus.APPROVED: (_l("Approved"), "acc"),
    PayoutStatus.SENDING: (_l("On its way"), "warn"),
    PayoutStatus.UNKNOWN: (_l("Not known"), "bad"),
    PayoutStatus.PAID: (_l("Paid"), "ok"),
    PayoutStatus.FAILED: (_l("Failed"), "bad"),
    PayoutStatus.RETURNED: (_l("Sent back by the bank"), "bad"),
    PayoutStatus.CANCELED: (_l("Taken out"), ""),
}
RUN: dict[str, tuple[Lazy, str]] = {
    DRAFT: (_l("Waits for approval"), "warn"),
    APPROVED: (_l("Approved, not sent"), "warn"),
    SENT: (_l("On its way"), "acc"),
    DONE: (_l("Done"), "ok"),
    CANCELED: (_l("Canceled"), ""),
}
PROVIDERS: dict[str, Lazy | str] = {"manual": _l("Bank file"), "stripe": "Stripe"}
STOPPED = (HELD, NO_ACCOUNT, ACCOUNT_ON_HOLD, ACCOUNT_PROBLEM, DISPUTED)


def due_tag(row: Due) -> tuple[str, str]:
    word, kind = _DUE[row.state]
    return str(word), kind


def why(row: Due) -> str:
    """The sentence beside a workshop that is not paid now."""
    if row.state == ACCOUNT_ON_HOLD and row.usable_at:
        return str(_("The account was changed. It can be paid from %(day)s on.", day=day(row.usable_at)))
    if row.state == NO_ACCOUNT:
        return str(_("The workshop has not given a bank account yet."))
    if row.state == DISPUTED:
        return str(_("Everything it is owed belongs to orders under dispute."))
    return row.reason


def run_tag(state: str) -> tuple[str, str]:
    word, kind = RUN[state]
    return str(word), kind


def payout_tag(status: PayoutStatus) -> tuple[str, str]:
    word, kind = PAYOUT[status]
    return str(word), kind


def steps(run: RunView) -> list[Step]:
    """Prepared, approved, sent: by whom and when."""
    rows = (
        (_("Prepared"), run.prepared_by_name, run.prepared_at),
        (_("Approved"), run.approved_by_name, run.approved_at),
        (_("Sent"), run.sent_by_name, run.sent_at),
    )
    found: list[Step] = []
    for word, name, at in rows:
        if at:
            found.append((word, "done", f"{moment(at)}, {name}"))
        elif run.canceled_at is None:
            found.append((word, "now" if not found or found[-1][1] == "done" else "next", None))
    if run.canceled_at:
        found.append((_("Canceled"), "done", moment(run.canceled_at)))
    return found


def next_word(coming: NextPayout) -> str:
    """Why nothing is paid out to a workshop next, with what a person or the bank wrote."""
    if coming.reason == "nothing":
        return str(_("Nothing is due."))
    word = str(_DUE[coming.reason][0]) if coming.reason in _DUE else coming.reason
    return f"{word}. {coming.words}" if coming.words else f"{word}."

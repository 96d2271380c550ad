"""What comes next to a workshop's bank, when, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from marketplace.core import clock
from marketplace.core.money import Money

from ..setup import takes_real_money
from .due import ACCOUNT_ON_HOLD, READY, RUNNING, due

FRIDAY = 4  # runs are made on Fridays by custom; one can be prepared on any day


@dataclass(frozen=True, slots=True)
class NextPayout:
    """`on` is a Friday in Bali; `amount` what is open now, negative when the workshop owes.

    `reason` is '' when it will come, else a state of queries/due.py ('no_account', 'account_on_hold', 'carried', …)
    or 'nothing'; 'running' when a payout of this amount is under way already. `words` are a person's or the bank's.
    """

    on: date
    amount: Money
    line_count: int
    order_count: int
    reason: str
    words: str
    bank: str
    disputed: Money
    usable_at: datetime | None


def next_payout(workshop_id: int, *, livemode: bool | None = None) -> NextPayout:
    """Of the kind of money that the shop takes now, unless `livemode` says which; six statements."""
    mode = takes_real_money() if livemode is None else livemode
    rows = due(mode, workshop_ids=[workshop_id])
    if not rows:
        nothing = Money(0, "IDR")
        return NextPayout(next_friday(clock.today()), nothing, 0, 0, "nothing", "", "", nothing, None)
    (row,) = rows
    day = clock.today()
    if row.state == ACCOUNT_ON_HOLD and row.usable_at is not None:
        day = max(day, clock.local(row.usable_at).date())
    return NextPayout(
        on=next_friday(day),
        amount=row.amount,
        line_count=row.line_count,
        order_count=row.order_count,
        reason="" if row.state == READY else RUNNING if row.state == RUNNING else row.state,
        words=row.reason,
        bank=row.bank,
        disputed=row.disputed,
        usable_at=row.usable_at,
    )


def next_friday(day: date) -> date:
    """The day itself when it is one."""
    return day + timedelta(days=(FRIDAY - day.weekday()) % 7)

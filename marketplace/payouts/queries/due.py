"""Who can be paid now, and why the others cannot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.workshops.banks import masked, name_of
from marketplace.workshops.models import BankAccount, Workshop

from ..models import RUNNING_PAYOUTS, Payout, PayoutAccount, PayoutHold
from ..providers import MANUAL
from .open_lines import OpenAccount, open_accounts

READY, CARRIED, DISPUTED, RUNNING, HELD = "ready", "carried", "disputed", "running", "held"
NO_ACCOUNT, ACCOUNT_ON_HOLD, ACCOUNT_PROBLEM = "no_account", "account_on_hold", "account_problem"


@dataclass(frozen=True, slots=True)
class Due:
    """A workshop with open money. Only READY ones enter a run; a suspended one may: what it earned is its own.

    `state` is READY, or why not: CARRIED (nothing or a debt: netted by a later payout), DISPUTED (all of it is held),
    RUNNING (`amount` is then the running payout's), HELD (by an admin), NO_ACCOUNT, ACCOUNT_ON_HOLD until
    `usable_at`, ACCOUNT_PROBLEM. `reason` holds a person's or the bank's words.
    """

    workshop_id: int
    name: str
    initials: str
    amount: Money
    line_count: int
    order_count: int
    state: str
    reason: str
    disputed: Money  # left out because of disputes
    bank: str  # 'BRI ···4417', or the provider's account
    account_id: int | None
    usable_at: datetime | None
    is_suspended: bool

    @property
    def is_ready(self) -> bool:
        return self.state == READY


def due(livemode: bool, *, provider: str = MANUAL, workshop_ids: Collection[int] | None = None) -> list[Due]:
    """Every workshop with open or running money, by name; seven statements."""
    return judged(open_accounts(livemode, workshop_ids), livemode, provider=provider, workshop_ids=workshop_ids)


def judged(
    accounts: Mapping[int, OpenAccount], livemode: bool, *, provider: str, workshop_ids: Collection[int] | None
) -> list[Due]:
    """The same of open lines that were read already: what is judged is what will be paid."""
    running = _running(livemode, workshop_ids)
    idents = sorted({*accounts, *running})
    reach = _bank_accounts(idents) if provider == MANUAL else _provider_accounts(idents, provider)
    holds = _holds(idents)
    query = sa.select(Workshop.id, Workshop.name, Workshop.initials, Workshop.suspended_at)
    rows = db.session.execute(query.where(Workshop.id.in_(idents)).order_by(Workshop.name, Workshop.id))
    nothing = OpenAccount((), ())
    found = []
    for workshop_id, name, initials, suspended_at in rows:
        account = accounts.get(workshop_id, nothing)
        way = reach.get(workshop_id, _Reach("", None, NO_ACCOUNT))
        state, reason = _state(account, way, holds.get(workshop_id), is_running=workshop_id in running)
        amount = running[workshop_id] if state == RUNNING else account.amount
        found.append(
            Due(
                workshop_id=workshop_id,
                name=name,
                initials=initials,
                amount=Money(amount, "IDR"),
                line_count=len(account.lines),
                order_count=len({line.seller_order_id for line in account.lines if line.seller_order_id}),
                state=state,
                reason=reason,
                disputed=Money(account.held_amount, "IDR"),
                bank=way.label,
                account_id=way.account_id,
                usable_at=way.usable_at,
                is_suspended=suspended_at is not None,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Reach:
    """Where a workshop can be paid; `state` '' when it can be now."""

    label: str
    account_id: int | None
    state: str = ""
    reason: str = ""
    usable_at: datetime | None = None


def _state(account: OpenAccount, way: _Reach, hold: str | None, *, is_running: bool) -> tuple[str, str]:
    if is_running:
        return RUNNING, ""
    if account.amount <= 0:
        return (DISPUTED if account.held and account.amount == 0 else CARRIED), ""
    if hold is not None:
        return HELD, hold
    return (way.state, way.reason) if way.state else (READY, "")


def _running(livemode: bool, workshop_ids: Collection[int] | None) -> dict[int, int]:
    query = sa.select(Payout.workshop_id, Payout.amount).where(
        Payout.status.in_(RUNNING_PAYOUTS), Payout.livemode == livemode
    )
    if workshop_ids is not None:
        query = query.where(Payout.workshop_id.in_(workshop_ids))
    return dict(db.session.execute(query).all())


def _bank_accounts(idents: Collection[int]) -> dict[int, _Reach]:
    query = sa.select(BankAccount).where(BankAccount.workshop_id.in_(idents), BankAccount.replaced_at.is_(None))
    now, found = clock.now(), {}
    for row in db.session.scalars(query.execution_options(populate_existing=True)):
        state = ACCOUNT_PROBLEM if row.problem else ACCOUNT_ON_HOLD if row.usable_at > now else ""
        label = f"{name_of(row.bank_code)} {masked(row.last_digits)}"
        found[row.workshop_id] = _Reach(label, row.id, state, row.problem, row.usable_at)
    return found


def _provider_accounts(idents: Collection[int], provider: str) -> dict[int, _Reach]:
    query = sa.select(PayoutAccount).where(
        PayoutAccount.workshop_id.in_(idents), PayoutAccount.provider == provider, PayoutAccount.external_id != ""
    )
    return {
        row.workshop_id: _Reach(row.external_id, row.id, "" if row.payable else ACCOUNT_PROBLEM, row.reason)
        for row in db.session.scalars(query.execution_options(populate_existing=True))
    }


def _holds(idents: Collection[int]) -> dict[int, str]:
    query = sa.select(PayoutHold.workshop_id, PayoutHold.reason)
    rows = db.session.execute(query.where(PayoutHold.workshop_id.in_(idents), PayoutHold.released_at.is_(None)))
    return dict(rows.all())

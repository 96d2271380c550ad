"""Reads about bank accounts. Only `bank_details`, for the bank's file, opens a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.core.sealing import Unreadable, unseal

from ..banks import masked, name_of
from ..models import BankAccount


@dataclass(frozen=True, slots=True)
class BankView:
    """A workshop's current account as its own page and the collective's see it."""

    id: int
    bank_code: str
    bank_name: str
    masked: str  # '···4417'
    holder: str  # '' when no key of the shop opens it
    changed_at: datetime
    usable_at: datetime
    is_on_hold: bool
    problem: str  # what the bank said when it sent money back


@dataclass(frozen=True, slots=True)
class BankDetails:
    """Everything that a bank needs; never for a page or a log."""

    account_id: int
    bank_code: str
    bank_name: str
    number: str = field(repr=False)
    holder: str = field(repr=False)


def bank_account_of(workshop_id: int) -> BankView | None:
    query = sa.select(BankAccount).where(BankAccount.workshop_id == workshop_id, BankAccount.replaced_at.is_(None))
    account = db.session.scalar(query)
    if account is None:
        return None
    return BankView(
        id=account.id,
        bank_code=account.bank_code,
        bank_name=name_of(account.bank_code),
        masked=masked(account.last_digits),
        holder=_opened(account.holder_sealed),
        changed_at=account.changed_at,
        usable_at=account.usable_at,
        is_on_hold=account.usable_at > clock.now(),
        problem=account.problem,
    )


def bank_details(account_id: int) -> BankDetails:
    """The account behind a payout, replaced or not.

    Raises:
        NotFound
        Unreadable: it was sealed with a key that the shop no longer has.
    """
    account = db.session.get(BankAccount, account_id)
    if account is None:
        raise NotFound("BankAccount", account_id)
    number, holder = unseal(account.number_sealed), unseal(account.holder_sealed)
    return BankDetails(account.id, account.bank_code, name_of(account.bank_code), number, holder)


def _opened(sealed: str) -> str:
    try:
        return unseal(sealed)
    except Unreadable:
        return ""

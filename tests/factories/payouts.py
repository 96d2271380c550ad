"""Money that workshops are owed, the accounts it goes to, and the people who send it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.core.sealing import seal
from marketplace.ledger import accounts
from marketplace.ledger.models import Kind
from marketplace.ledger.services import credit, debit, post
from marketplace.workshops.models import BankAccount, Workshop

from .accounts import AdminFactory
from .workshops import WorkshopFactory

_subjects = itertools.count(1)


@dataclass(frozen=True)
class Admins:
    """Three people of the collective: one prepares, one approves, one more."""

    sari: int
    made: int
    wayan: int


def admins() -> Admins:
    names = ("Sari", "Made Sutami", "Wayan")
    return Admins(*(AdminFactory(full_name=name, language="id").id for name in names))


def bank_account(workshop_id: int, number: str = "0012345678", *, code: str = "014", **facts: object) -> BankAccount:
    """A current account, usable now, sealed as the real one is."""
    values: dict[str, object] = {"changed_at": clock.now(), "usable_at": clock.now(), **facts}
    holder = str(values.pop("holder", "NI LUH AYU SELAKA"))
    row = BankAccount(
        workshop_id=workshop_id,
        bank_code=code,
        number_sealed=seal(number),
        holder_sealed=seal(holder),
        last_digits=number[-4:],
        **values,
    )
    db.session.add(row)
    db.session.commit()
    return row


def workshop(name: str = "", *, number: str = "0012345678") -> Workshop:
    """A workshop that can be paid."""
    row: Workshop = WorkshopFactory(**({"name": name} if name else {}))
    bank_account(row.id, number)
    return row


def earned(workshop_id: int, amount: int, *, livemode: bool = False, at: datetime | None = None, **whose: int) -> None:
    """Rupiah that the books owe to a workshop; a negative amount is a debt, as a refund after a payout leaves it."""
    money, kind = Money(abs(amount), "IDR"), Kind.EARN if amount > 0 else Kind.REFUND
    owed, other = accounts.seller(workshop_id), accounts.BUYER_FUNDS if amount > 0 else accounts.REFUNDS_DUE
    sides = [debit(other, money), credit(owed, money)] if amount > 0 else [debit(owed, money), credit(other, money)]
    post(kind, f"test-{next(_subjects)}", sides, livemode=livemode, workshop_id=workshop_id, at=at, **whose)

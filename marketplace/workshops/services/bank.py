"""The bank account of a workshop: entered, changed, found wrong. Numbers are sealed, never logged, never audited."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from marketplace.accounts.services import prove_password
from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.sealing import Unreadable, seal, unseal

from .. import mails
from ..banks import bank_of, masked, name_of
from ..models import BankAccount, Member, MemberRole, Workshop

HOLD_AFTER_CHANGE = timedelta(days=3)  # whoever took over a session cannot have the next payout
LONGEST_HOLDER = 70
SUBJECT = "bank_account"
_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015]+")
_SIGNS = " .,'/()-"


class BankEntryInvalid(DomainError):
    """`errors` holds a sentence for each field of BankEntry that has one."""

    message = _l("Check the marked fields: the account could not be saved.")

    def __init__(self, errors: Mapping[str, Lazy | str]) -> None:
        self.errors = dict(errors)
        super().__init__()


class NotTheOwner(DomainError):
    message = _l("Only the owner of the workshop can enter or change its bank account.")
    status = 403


class NoBankAccount(DomainError):
    message = _l("There is no bank account yet.")


@dataclass(frozen=True, slots=True)
class BankEntry:
    """What was typed: a code of banks.py, a number (text, leading zeros kept), the name as in the passbook."""

    bank_code: str
    number: str = field(repr=False)
    holder: str = field(repr=False)


def clean(entry: BankEntry) -> BankEntry:
    """The entry as it is kept: digits without separators, the name in capitals with single spaces.

    Raises:
        BankEntryInvalid: with a sentence per field.
    """
    number = _SEPARATORS.sub("", entry.number)
    holder = " ".join(entry.holder.replace("’", "'").split()).upper()
    errors: dict[str, Lazy | str] = {}
    if bank_of(entry.bank_code) is None:
        errors["bank_code"] = _l(
            "Choose the bank from the list. An LPD account cannot receive transfers from other banks: "
            "use an account at a bank."
        )
    for name, sentence in (("number", _wrong_number(entry.bank_code, number)), ("holder", _wrong_holder(holder))):
        if sentence is not None:
            errors[name] = sentence
    if errors:
        raise BankEntryInvalid(errors)
    return BankEntry(entry.bank_code, number, holder)


def _wrong_number(code: str, number: str) -> Lazy | str | None:
    bank = bank_of(code)
    if not number:
        return _l("Enter the account number as it stands in the passbook.")
    if not (number.isascii() and number.isdigit()):
        return _l("An account number has digits only, as in the passbook. Leading zeros count.")
    if not number.strip("0"):
        return _l("This number has zeros only. Enter it as it stands in the passbook.")
    if bank is None or len(number) in bank.lengths:
        return None
    facts = {"bank": bank.name, "count": len(number), "least": min(bank.lengths), "most": max(bank.lengths)}
    if len(bank.lengths) == 1:
        return _l("Numbers of %(bank)s have %(least)s digits, this one has %(count)s. Leading zeros count.", **facts)
    return _l(
        "Numbers of %(bank)s have %(least)s to %(most)s digits, this one has %(count)s. Leading zeros count.", **facts
    )


def _wrong_holder(holder: str) -> Lazy | str | None:
    if not holder:
        return _l("Enter the name as it stands in the passbook.")
    if len(holder) > LONGEST_HOLDER:
        return _l("The name is longer than %(most)s letters. Shorten it as the bank does.", most=LONGEST_HOLDER)
    letters = [letter for letter in holder if letter not in _SIGNS]
    if len(letters) < 2 or holder[0] in _SIGNS or not all(map(_is_latin, letters)):
        return _l("A name has letters only, as in the passbook: no digits and no signs.")
    return None


def _is_latin(letter: str) -> bool:
    """Letters that a bank can print: those that are one of ours with or without a mark."""
    base = unicodedata.normalize("NFKD", letter)[0]
    return letter.isalpha() and base.isascii() and base.isalpha()


def change_bank_account(workshop_id: int, entry: BankEntry, by: int, password: str) -> int:
    """Keep a new account beside the old ones; gives its number. The first one can be paid to at once.

    A change holds payouts for three days, and is told to the workshop's address and to its owners. Entering what is
    there already changes nothing.

    Raises:
        BankEntryInvalid: with a sentence per field.
        NotTheOwner: the person is no owner of this workshop.
        WrongPassword, TooManyTries: see accounts.services.prove_password.
    """
    entry = clean(entry)
    if not _is_owner(workshop_id, by):
        raise NotTheOwner
    prove_password(by, password)
    with transaction():
        workshop = locked(Workshop, workshop_id)
        current = _current(workshop_id)
        if current is not None and _is_same(current, entry):
            return current.id
        now = clock.now()
        if current is not None:
            current.replaced_at = now
            db.session.flush()
        account = BankAccount(
            workshop_id=workshop_id,
            bank_code=entry.bank_code,
            number_sealed=seal(entry.number),
            holder_sealed=seal(entry.holder),
            last_digits=entry.number[-4:],
            changed_at=now,
            changed_by=by,
            usable_at=now if current is None else now + HOLD_AFTER_CHANGE,
        )
        db.session.add(account)
        db.session.flush()
        action = "bank_account.add" if current is None else "bank_account.change"
        record(action, SUBJECT, account.id, by, _facts(current), _facts(account))
        mails.bank_changed(workshop, account, is_first=current is None)
        return account.id


def note_bank_problem(account_id: int, problem: str, by: int | None) -> None:
    """The bank sent money back: nothing is paid there until the account is changed, or a person clears it."""
    with transaction():
        account = locked(BankAccount, account_id)
        before, account.problem = account.problem, problem[:200]
        record("bank_account.problem", SUBJECT, account_id, by, {"problem": before}, _facts(account), problem)


def clear_bank_problem(workshop_id: int, by: int, note: str) -> None:
    """An admin has made sure that the account is right after all.

    Raises:
        NoBankAccount
    """
    with transaction():
        locked(Workshop, workshop_id)
        account = _current(workshop_id)
        if account is None:
            raise NoBankAccount
        before, account.problem = account.problem, ""
        record("bank_account.clear", SUBJECT, account.id, by, {"problem": before}, _facts(account), note)


def _current(workshop_id: int) -> BankAccount | None:
    query = sa.select(BankAccount).where(BankAccount.workshop_id == workshop_id, BankAccount.replaced_at.is_(None))
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _is_owner(workshop_id: int, user_id: int) -> bool:
    query = sa.select(Member.id).where(
        Member.workshop_id == workshop_id, Member.user_id == user_id, Member.role == MemberRole.OWNER
    )
    return db.session.scalar(query) is not None


def _is_same(account: BankAccount, entry: BankEntry) -> bool:
    """An account that no key of ours opens is never the same."""
    try:
        kept = (account.bank_code, unseal(account.number_sealed), unseal(account.holder_sealed))
    except Unreadable:
        return False
    return kept == (entry.bank_code, entry.number, entry.holder)


def _facts(account: BankAccount | None) -> dict[str, str]:
    """What an audit row may hold: never the number, never the name."""
    if account is None:
        return {}
    return {
        "bank": name_of(account.bank_code),
        "number": masked(account.last_digits),
        "usable_at": account.usable_at.isoformat(),
    }

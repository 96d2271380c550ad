"""A workshop's bank account: entered once, changed with the password, a hold and a word to everybody."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.errors import TooManyTries, WrongPassword
from marketplace.audit.models import AuditRow
from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.notifications.models import Mail
from marketplace.workshops import banks, queries, services
from marketplace.workshops.models import BankAccount, MemberRole
from marketplace.workshops.services import BankEntry, BankEntryInvalid, NotTheOwner
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.helpers import mails

BCA = BankEntry("014", "0012345678", "Ni Luh Ayu Selaka")
BRI = BankEntry("002", "0120 0100 4417 509", "NI LUH AYU SELAKA")


class Selaka:
    def __init__(self) -> None:
        self.workshop = WorkshopFactory(name="Luh Selaka", email="selaka@example.test", language="id")
        self.luh = UserFactory(email="luh@example.test", language="id")
        MemberFactory(workshop_id=self.workshop.id, user_id=self.luh.id)

    def change(self, entry: BankEntry = BCA, *, by: int | None = None, password: str = PASSWORD) -> int:
        return services.change_bank_account(self.workshop.id, entry, by or self.luh.id, password)

    def view(self) -> queries.BankView | None:
        db.session.rollback()
        return queries.bank_account_of(self.workshop.id)


@pytest.fixture
def selaka(app: Flask) -> Selaka:
    return Selaka()


def rows() -> list[BankAccount]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(BankAccount).order_by(BankAccount.id)))


def test_the_first_account_can_be_paid_to_at_once(selaka: Selaka) -> None:
    assert selaka.view() is None
    account_id = selaka.change()
    view = selaka.view()
    assert view is not None
    assert (view.bank_name, view.masked, view.holder) == ("BCA", "···5678", "NI LUH AYU SELAKA")
    assert (view.is_on_hold, view.problem) == (False, "")
    details = queries.bank_details(account_id)
    assert (details.number, details.bank_code) == ("0012345678", "014")


def test_a_change_waits_three_days_and_is_told_to_workshop_and_owner(selaka: Selaka, stopped_clock: Hands) -> None:
    first = selaka.change()
    second = selaka.change(BRI)
    view = selaka.view()
    assert view is not None
    assert (view.id, view.bank_name, view.is_on_hold) == (second, "BRI", True)
    assert view.usable_at == clock.now() + timedelta(days=3)
    told = [mail for mail in mails() if "diganti" in mail.subject or "changed" in mail.subject]
    assert {mail.to for mail in told} == {"selaka@example.test", "luh@example.test"}
    assert all("7509" in mail.text for mail in told)
    assert not any("120010044" in mail.text + mail.html for mail in mails())
    stopped_clock.forward(days=3)
    view = selaka.view()
    assert view is not None
    assert not view.is_on_hold
    old, new = rows()
    assert (old.id, old.replaced_at is not None, new.replaced_at) == (first, True, None)


def test_a_number_is_never_kept_readable_or_logged(selaka: Selaka, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        selaka.change()
        selaka.change(BRI)
    kept = [row.number_sealed + row.holder_sealed for row in rows()]
    trail = [str((row.before, row.after, row.reason)) for row in db.session.scalars(sa.select(AuditRow))]
    written = [str(row.context) for row in db.session.scalars(sa.select(Mail))]
    for text in [*kept, *trail, *written, caplog.text, repr(BCA), repr(queries.bank_details(rows()[0].id))]:
        assert "12345678" not in text
        assert "01200100" not in text
        assert "SELAKA" not in text.replace("Luh Selaka", "")


def test_each_act_leaves_its_row_in_the_trail(selaka: Selaka) -> None:
    selaka.change()
    selaka.change(BRI)
    trail = [(row.action, row.actor_id, row.before, row.after) for row in db.session.scalars(sa.select(AuditRow))]
    assert [(action, actor) for action, actor, *_ in trail] == [
        ("bank_account.add", selaka.luh.id),
        ("bank_account.change", selaka.luh.id),
    ]
    assert trail[1][2]["number"] == "···5678"
    assert trail[1][3]["number"] == "···7509"


def test_the_same_account_again_changes_nothing(selaka: Selaka) -> None:
    first = selaka.change()
    assert selaka.change(BankEntry("014", " 001-234.5678 ", "ni luh  ayu selaka")) == first
    assert len(rows()) == 1
    view = selaka.view()
    assert view is not None
    assert not view.is_on_hold


def test_another_name_on_the_same_number_is_a_change(selaka: Selaka) -> None:
    selaka.change()
    selaka.change(BankEntry("014", BCA.number, "I Made Orang Lain"))
    view = selaka.view()
    assert view is not None
    assert view.is_on_hold


def test_without_the_password_nothing_changes_and_guessing_ends(selaka: Selaka) -> None:
    selaka.change()
    for _ in range(10):
        with pytest.raises(WrongPassword):
            selaka.change(BRI, password="a guess")
    with pytest.raises(TooManyTries):
        selaka.change(BRI)
    view = selaka.view()
    assert view is not None
    assert view.bank_name == "BCA"


def test_only_an_owner_of_this_workshop_may(selaka: Selaka) -> None:
    packer, stranger = UserFactory(), UserFactory()
    MemberFactory(workshop_id=selaka.workshop.id, user_id=packer.id, role=MemberRole.PACKER)
    MemberFactory(workshop_id=WorkshopFactory().id, user_id=stranger.id)
    for person in (packer, stranger):
        with pytest.raises(NotTheOwner):
            selaka.change(by=person.id)
    assert rows() == []


def test_a_problem_stays_until_the_account_is_changed_or_an_admin_clears_it(selaka: Selaka) -> None:
    admin = UserFactory(is_admin=True)
    account_id = selaka.change()
    services.note_bank_problem(account_id, "Rekening tutup", admin.id)
    view = selaka.view()
    assert view is not None
    assert view.problem == "Rekening tutup"
    services.clear_bank_problem(selaka.workshop.id, admin.id, "The bank had a bad day; called Bu Luh.")
    view = selaka.view()
    assert view is not None
    assert view.problem == ""
    services.note_bank_problem(account_id, "Rekening tutup", admin.id)
    selaka.change(BRI)
    view = selaka.view()
    assert view is not None
    assert view.problem == ""


@pytest.mark.parametrize(
    ("entry", "field", "words"),
    [
        (BankEntry("", "0012345678", "NI LUH"), "bank_code", "LPD"),
        (BankEntry("999", "0012345678", "NI LUH"), "bank_code", "LPD"),
        (BankEntry("014", "", "NI LUH"), "number", "passbook"),
        (BankEntry("014", "12345678", "NI LUH"), "number", "10 digits, this one has 8"),
        (BankEntry("002", "0012345678", "NI LUH"), "number", "15 digits, this one has 10"),
        (BankEntry("129", "123456789", "NI LUH"), "number", "10 to 16 digits, this one has 9"),
        (BankEntry("014", "00123456 7A", "NI LUH"), "number", "digits only"),
        (BankEntry("014", "١٢٣٤٥٦٧٨٩٠", "NI LUH"), "number", "digits only"),
        (BankEntry("014", "-1234567890", "NI LUH"), "", ""),
        (BankEntry("014", "0000000000", "NI LUH"), "number", "zeros only"),
        (BankEntry("014", "9" * 5000, "NI LUH"), "number", "this one has 5000"),
        (BankEntry("014", "0012345678", ""), "holder", "passbook"),
        (BankEntry("014", "0012345678", "  "), "holder", "passbook"),
        (BankEntry("014", "0012345678", "NI LUH 2"), "holder", "letters only"),
        (BankEntry("014", "0012345678", "=SUM(A1)"), "holder", "letters only"),
        (BankEntry("014", "0012345678", "<b>LUH</b>"), "holder", "letters only"),
        (BankEntry("014", "0012345678", "L" * 71), "holder", "70"),
        (BankEntry("014", "0012345678", "I."), "holder", "letters only"),
    ],
)
def test_each_mistake_has_a_sentence_at_its_field(app: Flask, entry: BankEntry, field: str, words: str) -> None:
    if not field:
        assert services.clean(entry).number == "1234567890"
        return
    with pytest.raises(BankEntryInvalid) as refused:
        services.clean(entry)
    assert set(refused.value.errors) == {field}
    assert words in str(refused.value.errors[field])


@pytest.mark.parametrize(
    "name", ["I GUSTI NYOMAN RAI, S.SN.", "NI LUH O'BRIEN", "I MADE (ALM) SUTAMI", "CV. BUN PATRA", "DEWA-AYU"]
)
def test_names_as_passbooks_have_them(app: Flask, name: str) -> None:
    assert services.clean(BankEntry("014", "0012345678", name.lower())).holder == name


BANK = st.sampled_from(banks.BANKS)


@given(bank=BANK, data=st.data())
def test_a_number_of_the_bank_keeps_its_zeros_however_it_is_typed(bank: banks.Bank, data: st.DataObject) -> None:
    length = data.draw(st.sampled_from(bank.lengths))
    digits = data.draw(st.text("0123456789", min_size=length, max_size=length).filter(lambda text: text.strip("0")))
    gaps = data.draw(st.lists(st.sampled_from(["", " ", ".", "-", " - "]), min_size=length, max_size=length))
    typed = "".join(gap + digit for gap, digit in zip(gaps, digits, strict=True))
    assert services.clean(BankEntry(bank.code, typed, "Ni Luh")).number == digits


@given(bank=BANK, typed=st.text(max_size=40))
def test_whatever_is_typed_is_a_number_of_the_bank_or_refused(bank: banks.Bank, typed: str) -> None:
    try:
        number = services.clean(BankEntry(bank.code, typed, "Ni Luh")).number
    except BankEntryInvalid:
        return
    assert len(number) in bank.lengths
    assert number.isascii()
    assert number.isdigit()


@given(typed=st.text(max_size=90))
def test_whatever_is_typed_as_a_name_is_safe_in_a_file(typed: str) -> None:
    try:
        holder = services.clean(BankEntry("014", "0012345678", typed)).holder
    except BankEntryInvalid:
        return
    assert holder[0].isalpha()
    assert not set(holder) & set('=+@"<>;\t\r\n')
    assert len(holder) <= 70


def test_every_bank_has_its_own_three_digits() -> None:
    codes = [bank.code for bank in banks.BANKS]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 3 and code.isdigit() for code in codes)
    assert {"014", "002", "008", "009", "129", "200", "022", "013", "011", "451", "028", "019", "016"} <= set(codes)

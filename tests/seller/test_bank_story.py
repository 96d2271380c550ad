"""Where the money goes: entered once, changed with the password, held after a change, shown with dots."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.services.second_factor import forget
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import day, gettext, speaking
from marketplace.workshops.models import BankAccount, Member, MemberRole
from marketplace.workshops.queries import bank_account_of, bank_details
from marketplace.workshops.services import note_bank_problem
from tests.factories.accounts import PASSWORD, Phone, UserFactory, two_step
from tests.factories.workshops import MemberFactory
from tests.helpers import mails, sign_in
from tests.helpers import send as post
from tests.seller.conftest import Maker, fields_of, make_maker

PAGE = "/seller/bank/"
BPD = {"bank_code": "129", "number": "0100 2021 2345 6789", "holder": "Ni Luh Ayu Selaka", "password": PASSWORD}
BRI = {"bank_code": "002", "number": "012301004417507", "holder": "NI LUH AYU SELAKA", "password": PASSWORD}


def accounts(maker: Maker) -> list[BankAccount]:
    db.session.rollback()
    query = sa.select(BankAccount).where(BankAccount.workshop_id == maker.workshop.id).order_by(BankAccount.id)
    return list(db.session.scalars(query))


@pytest.fixture
def luh(luh: Maker) -> Maker:
    """With her phone: the code was given a moment ago."""
    two_step(luh.user)
    sign_in(luh.browser, luh.user, code_minutes_ago=1)
    return luh


@pytest.fixture
def wayan(wayan: Maker) -> Maker:
    two_step(wayan.user)
    sign_in(wayan.browser, wayan.user, code_minutes_ago=1)
    return wayan


def send(maker: Maker, typed: dict[str, str]) -> Any:
    return maker.send(PAGE, typed, PAGE)


def speak(maker: Maker, language: str) -> None:
    maker.user.language = language
    db.session.commit()


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_first_account_is_used_at_once_and_a_change_waits_three_days(luh: Maker, language: str) -> None:
    speak(luh, language)
    with speaking(language):
        nothing = gettext("None yet. Without an account nothing can be paid out; what is owed stays safe until then.")
        assert nothing in luh.get("/seller/settings/").text
        assert send(luh, BPD).status_code == 303
        shown = luh.get(PAGE).text
        assert gettext("Saved. The next payout goes to this account.") in shown
        assert "BPD Bali" in shown
        assert "6789" in shown
        assert "NI LUH AYU SELAKA" in shown
        assert "0100202123456789" not in shown
        assert bank_details(accounts(luh)[0].id).number == "0100202123456789", "the zero in front counts"

        assert send(luh, BRI).status_code == 303
        until = day(clock.now() + timedelta(3), year=False)
        for page in (PAGE, "/seller/settings/"):
            shown = luh.get(page).text
            assert gettext("New account, payouts begin again on %(day)s", day=until) in shown
            assert "BRI" in shown
            assert "7507" in shown
    old, new = accounts(luh)
    assert old.replaced_at is not None
    assert new.usable_at - new.changed_at == timedelta(3)
    assert any(luh.workshop.email in mail.to for mail in mails()), "the owner hears of it"


def test_a_wrong_entry_says_what_and_where_and_keeps_everything_but_the_password(luh: Maker) -> None:
    answer = send(luh, {"bank_code": "014", "number": "12345", "holder": "Luh 2", "password": PASSWORD})
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    assert (kept["bank_code"], kept["number"], kept["holder"]) == ("014", "12345", "Luh 2")
    assert PASSWORD not in answer.text
    for name in ("number", "holder"):
        assert f'href="#{name}"' in answer.text, name
        assert f'id="{name}-e"' in answer.text, name
    assert accounts(luh) == []


def test_everything_that_is_missing_is_said_at_once(luh: Maker) -> None:
    answer = send(luh, {"bank_code": "", "number": "", "holder": "", "password": ""})
    assert answer.status_code == 422
    for name in ("bank_code", "number", "holder", "password"):
        assert f'id="{name}-e"' in answer.text, name


@pytest.mark.parametrize(
    "number", ["-12345678", "1234567890123456789012345", "NaN", "١٢٣٤٥٦٧٨٩٠", "0" * 10, "=1+1", "1" * 61]
)
def test_what_is_no_number_is_refused(luh: Maker, number: str) -> None:
    answer = send(luh, {**BPD, "bank_code": "014", "number": number})
    assert answer.status_code == 422
    assert 'id="number-e"' in answer.text
    assert accounts(luh) == []


def test_a_bank_that_is_not_on_the_list_is_refused(luh: Maker) -> None:
    answer = send(luh, {**BPD, "bank_code": "999"})
    assert answer.status_code == 422
    assert 'id="bank_code-e"' in answer.text


def test_without_the_right_password_nothing_changes(luh: Maker) -> None:
    send(luh, BPD)
    answer = send(luh, {**BRI, "password": "not the one"})
    assert answer.status_code == 422
    assert 'href="#password"' in answer.text
    assert fields_of(answer.text)["number"] == BRI["number"]
    bank = bank_account_of(luh.workshop.id)
    assert bank is not None
    assert bank.bank_name == "BPD Bali"
    assert not bank.is_on_hold
    for _try in range(12):
        answer = send(luh, {**BRI, "password": "not the one"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_the_same_account_once_more_changes_nothing(luh: Maker) -> None:
    send(luh, BPD)
    send(luh, BPD)
    assert len(accounts(luh)) == 1
    bank = bank_account_of(luh.workshop.id)
    assert bank is not None
    assert not bank.is_on_hold


def test_only_the_owner_changes_it(luh: Maker) -> None:
    send(luh, BPD)
    member = db.session.scalars(sa.select(Member).where(Member.user_id == luh.user.id)).one()
    form = fields_of(luh.get(PAGE).text)
    for role in (MemberRole.MAKER, MemberRole.PACKER):
        member.role = role
        db.session.commit()
        assert luh.get(PAGE).status_code == 403
        assert luh.browser.post(PAGE, data={**form, **BRI}).status_code == 403
    assert len(accounts(luh)) == 1


def test_without_a_second_factor_it_is_set_up_first_and_leads_back(app: Flask, new_client: Any) -> None:
    ketut = make_maker(new_client, name="Ketut Wiru")
    for answer in (ketut.get(PAGE), ketut.browser.post(PAGE, data=BPD)):
        assert answer.status_code == 303
        assert answer.location.startswith("/id/account/security/two-step")
    door = ketut.get(PAGE).location
    begun = post(ketut.browser, "/account/security/two-step/set-up", {"password": PASSWORD, "next": PAGE}, page=door)
    assert begun.status_code == 303
    secret = re.findall(r"<code>([A-Z2-7 ]+)</code>", ketut.get(begun.location).text)[0].replace(" ", "")
    done = post(
        ketut.browser,
        "/account/security/two-step/confirmation",
        {"code": pyotp.TOTP(secret).at(clock.now()), "next": PAGE},
        page=begun.location,
    )
    assert f'href="{PAGE}"' in done.text, "on to where one was"
    assert ketut.get(PAGE).status_code == 200
    assert send(ketut, BPD).status_code == 303
    assert len(accounts(ketut)) == 1


def test_a_code_older_than_a_quarter_of_an_hour_is_asked_again(luh: Maker) -> None:
    phone = two_step_anew(luh)
    sign_in(luh.browser, luh.user, code_minutes_ago=16)
    answer = luh.get(PAGE)
    assert answer.status_code == 303
    assert answer.location.startswith("/id/confirm-code")
    assert luh.browser.post(PAGE, data=BPD).status_code == 303
    assert accounts(luh) == []
    wrong = post(luh.browser, "/confirm-code", {"code": "000000", "next": PAGE}, page=answer.location)
    assert wrong.status_code == 422
    right = post(luh.browser, "/confirm-code", {"code": phone.code(), "next": PAGE}, page=answer.location)
    assert right.location == PAGE
    assert luh.get(PAGE).status_code == 200
    sign_in(luh.browser, luh.user)
    by_paper = post(luh.browser, "/confirm-code", {"code": phone.recovery[0].lower(), "next": PAGE})
    assert by_paper.location == PAGE, "a recovery code does as well"
    assert send(luh, BPD).status_code == 303


def two_step_anew(maker: Maker) -> Phone:
    forget(maker.user.id, by=maker.user.id)
    return two_step(maker.user)


def test_every_owner_hears_of_a_change_and_who_made_it(luh: Maker) -> None:
    other = UserFactory(language="en", full_name="Made Wiradana")
    MemberFactory(workshop_id=luh.workshop.id, user_id=other.id)
    packer = UserFactory()
    MemberFactory(workshop_id=luh.workshop.id, user_id=packer.id, role=MemberRole.PACKER)
    send(luh, BPD)
    heard = {mail.to: mail for mail in mails() if "Rekening" in mail.subject or "ank account" in mail.subject}
    assert set(heard) == {luh.workshop.email, luh.user.email, other.email}
    assert luh.user.full_name in heard[other.email].text


def test_an_old_sign_in_is_asked_for_the_password_first(
    app: Flask, luh: Maker, new_client: Callable[[], FlaskClient]
) -> None:
    old = new_client()
    sign_in(old, luh.user, minutes_ago=5 * 60, code_minutes_ago=1)
    for answer in (old.get(PAGE), old.post(PAGE, data=BPD)):
        assert answer.status_code == 303
        assert "/confirm-password" in answer.location
    assert accounts(luh) == []


def test_a_form_of_another_page_changes_nothing(luh: Maker, wayan: Maker) -> None:
    assert luh.browser.post(PAGE, data=BPD).status_code == 422
    assert luh.browser.post(PAGE, data={**BPD, "csrf_token": wayan.token()}).status_code == 422
    assert accounts(luh) == []


def test_the_workshop_is_never_taken_from_the_form(luh: Maker, wayan: Maker) -> None:
    send(wayan, {**BPD, "workshop_id": str(luh.workshop.id)})
    assert accounts(luh) == []
    assert len(accounts(wayan)) == 1


def test_money_that_came_back_says_what_to_do(luh: Maker) -> None:
    send(luh, BPD)
    note_bank_problem(accounts(luh)[0].id, "Rekening ditutup", by=None)
    for page in (PAGE, "/seller/settings/"):
        assert "Rekening ditutup" in luh.get(page).text
    send(luh, BRI)
    assert "Rekening ditutup" not in luh.get(PAGE).text

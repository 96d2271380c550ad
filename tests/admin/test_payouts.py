"""Payouts on the collective's pages: two people for each run, a file for the bank, and what became of each payout."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.core import clock
from marketplace.core.audience import FRESH_HOURS
from marketplace.core.db import db
from marketplace.payouts.models import Payout, PayoutRun, PayoutStatus
from tests.admin.conftest import enter, post
from tests.factories.accounts import AdminFactory
from tests.factories.payouts import bank_account, earned, workshop
from tests.factories.workshops import WorkshopFactory

HOME = "/admin/payouts/"


@pytest.fixture
def sari(client: FlaskClient) -> User:
    user: Any = AdminFactory(full_name="Sari")
    enter(client, user)
    return user


@pytest.fixture
def made() -> User:
    user: Any = AdminFactory(full_name="Made Sutami", language="id")
    return user


def runs() -> list[PayoutRun]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(PayoutRun).order_by(PayoutRun.id)))


def payouts() -> list[Payout]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Payout).order_by(Payout.id)))


def actions() -> list[str]:
    rows = db.session.scalars(
        sa.select(AuditRow.action).where(AuditRow.action.startswith("payout")).order_by(AuditRow.id)
    )
    return list(rows)


def two_workshops() -> tuple[int, int]:
    first, second = workshop("Luh Selaka", number="0000004417"), workshop("Kala Wengi Silver", number="1234507730")
    earned(first.id, 3_180_000)
    earned(second.id, 5_970_000)
    return first.id, second.id


def prepared(client: FlaskClient, *workshop_ids: int) -> str:
    answer = post(client, HOME, {"workshops": [str(ident) for ident in workshop_ids]})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def approved(client: FlaskClient, run: str, sari: User, made: User) -> None:
    enter(client, made)
    assert post(client, f"{run}/approval").status_code == 303
    enter(client, sari)


def sent(client: FlaskClient, sari: User, made: User, *workshop_ids: int) -> str:
    run = prepared(client, *workshop_ids)
    approved(client, run, sari, made)
    assert post(client, f"{run}/sending").status_code == 303
    return run


def test_who_is_due_and_why_others_are_not(client: FlaskClient, sari: User) -> None:
    assert "Nothing is due." in client.get(HOME).text
    two_workshops()
    without, debtor, changed, closed = (
        WorkshopFactory(name="Alit Rupa"),
        workshop("Kembang"),
        *[WorkshopFactory(name=name) for name in ("Bun Patra", "Palu Alus")],
    )
    bank_account(changed.id, usable_at=clock.now() + timedelta(days=2))
    bank_account(closed.id, problem="Account closed")
    for one, amount in ((without, 100_000), (debtor, -245_000), (changed, 2_215_000), (closed, 1_930_000)):
        earned(one.id, amount)
    page = client.get(HOME).text
    for words in (
        "6 workshops",
        "···4417",
        "No bank account",
        "Carried over",
        "\u2212Rp\u00a0245.000",
        "Account changed",
        "It can be paid from",
        "Account does not work",
        "Account closed",
        "No workshop above its balance",
        "Only test orders among them",
        "TEST",
    ):
        assert words in page, words
    assert page.count("checked") == 2
    assert "Rp\u00a09.150.000" in page


def test_a_run_needs_two_people(client: FlaskClient, sari: User, made: User) -> None:
    first, second = two_workshops()
    assert "Tick at least one workshop." in post(client, HOME, {}).text
    run = prepared(client, first, second)
    page = client.get(run).text
    assert "You cannot approve a run that you prepared" in page
    assert f"{run}/approval" not in page
    assert "Approve a run of payouts" in client.get("/admin/").text
    refused = post(client, f"{run}/approval", follow_redirects=True).text
    assert "A payout needs a second person" in refused
    assert "Equals its 2 booked lines" in page
    enter(client, made)
    page = client.get(run).text
    assert 'lang="id"' in page
    assert f"{run}/approval" in page
    post(client, f"{run}/approval")
    assert f"{run}/sending" not in client.get(run).text
    post(client, f"{run}/sending")
    assert {payout.status for payout in payouts()} == {PayoutStatus.APPROVED}
    enter(client, sari)
    page = client.get(run).text
    assert "Make the bank file, Rp\u00a09.150.000" in page
    post(client, f"{run}/sending")
    assert {payout.status for payout in payouts()} == {PayoutStatus.SENDING}
    assert actions() == ["payout_run.prepare", "payout_run.approve", "payout_run.send"]


def test_the_bank_file_needs_a_fresh_sign_in_and_leaves_a_trace(client: FlaskClient, sari: User, made: User) -> None:
    first, _second = two_workshops()
    run = prepared(client, first)
    answer = client.get(f"{run}/file", follow_redirects=True)
    assert "This run has not been sent" in answer.text
    approved(client, run, sari, made)
    post(client, f"{run}/sending")
    assert "Download the bank file" in client.get(run).text
    answer = client.get(f"{run}/file")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=TEST-")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "0000004417" in answer.text
    assert actions()[-1] == "payout_run.file"
    enter(client, sari, minutes_ago=FRESH_HOURS * 60 + 1)
    assert "/confirm-password" in client.get(f"{run}/file").headers["Location"]


def test_each_payout_is_noted_as_paid_failed_or_returned(client: FlaskClient, sari: User, made: User) -> None:
    first, second = two_workshops()
    run = sent(client, sari, made, first, second)
    selaka, wengi = sorted(payouts(), key=lambda payout: payout.amount)
    paid, failed = f"{run}/payouts/{selaka.id}/payment", f"{run}/payouts/{wengi.id}/failure"
    assert post(client, paid, {"reference": ""}).status_code == 422
    assert "Noted as paid." in post(client, paid, {"reference": "FT26330"}, follow_redirects=True).text
    assert post(client, failed, {"said": "failed", "reason": ""}).status_code == 422
    assert post(client, failed, {"said": "", "reason": "no"}).status_code == 422
    page = post(client, failed, {"said": "failed", "reason": "Number unknown"}, follow_redirects=True).text
    assert "The sum is due again" in page
    assert "Number unknown" in page
    assert [payout.status for payout in payouts()] == [
        PayoutStatus.PAID if payout.id == selaka.id else PayoutStatus.FAILED for payout in payouts()
    ]
    post(client, f"{run}/payouts/{selaka.id}/failure", {"said": "returned", "reason": "Account closed"})
    assert db.session.get_one(Payout, selaka.id, populate_existing=True).status is PayoutStatus.RETURNED
    page = client.get("/admin/").text
    assert "Payout: Failed" in page
    assert "Payout: Sent back by the bank" in page
    assert "2 to look at" in client.get(HOME).text
    assert {"payout.paid", "payout.failed", "payout.returned"} <= set(actions())


def test_all_that_are_on_their_way_are_paid_at_once(client: FlaskClient, sari: User, made: User) -> None:
    run = sent(client, sari, made, *two_workshops())
    assert post(client, f"{run}/payment", {"reference": " "}).status_code == 422
    post(client, f"{run}/payment", {"reference": "BPD 0042"})
    assert {(payout.status, payout.bank_ref) for payout in payouts()} == {(PayoutStatus.PAID, "BPD 0042")}
    assert "Done" in client.get(run).text


def test_a_run_or_one_of_it_is_given_up_before_it_is_sent(client: FlaskClient, sari: User) -> None:
    run = prepared(client, *two_workshops())
    one = payouts()[0].id
    assert post(client, f"{run}/payouts/{one}/cancellation", {"why": ""}).status_code == 422
    post(client, f"{run}/payouts/{one}/cancellation", {"why": "The owner asked to wait"})
    page = client.get(run).text
    assert "1 payout" in page
    assert "The owner asked to wait" in page
    assert post(client, f"{run}/cancellation", {"why": ""}).status_code == 422
    post(client, f"{run}/cancellation", {"why": "Wrong day"})
    assert {payout.status for payout in payouts()} == {PayoutStatus.CANCELED}
    assert client.get(HOME).text.count("checked") == 2


def test_a_payout_of_another_run_is_not_found(client: FlaskClient, sari: User, made: User) -> None:
    first, second = two_workshops()
    run, other = sent(client, sari, made, first), sent(client, sari, made, second)
    foreign = next(payout.id for payout in payouts() if f"/{payout.run_id}" in other)
    for act, form in (
        ("payment", {"reference": "FT"}),
        ("failure", {"said": "failed", "reason": "no"}),
        ("cancellation", {"why": "no reason"}),
        ("resending", {}),
    ):
        assert post(client, f"{run}/payouts/{foreign}/{act}", form).status_code == 404, act
    assert {payout.status for payout in payouts()} == {PayoutStatus.SENDING}


def test_a_workshop_is_held_and_let_go(client: FlaskClient, sari: User) -> None:
    first, _second = two_workshops()
    place = f"/admin/workshops/{first}"
    page = client.get(place).text
    assert "Rp\u00a03.180.000" in page
    assert "···4417" in page
    assert "Commission in force" in page
    assert post(client, f"{place}/payout-hold", {"why": ""}).status_code == 422
    post(client, f"{place}/payout-hold", {"why": "The owner has died"})
    assert "The owner has died" in client.get(place).text
    assert "Held by us" in client.get(HOME).text
    post(client, f"{place}/payout-hold/removal", {"why": "The heirs have a power of attorney"})
    assert "Held by us" not in client.get(HOME).text
    assert actions() == ["payouts.hold", "payouts.release"]


def test_an_account_that_works_again(client: FlaskClient, sari: User) -> None:
    closed = WorkshopFactory(name="Palu Alus")
    bank_account(closed.id, problem="Account closed")
    earned(closed.id, 1_930_000)
    place = f"/admin/workshops/{closed.id}"
    assert "The account does not work" in client.get(place).text
    assert post(client, f"{place}/bank-account/clearance", {"why": ""}).status_code == 422
    post(client, f"{place}/bank-account/clearance", {"why": "The bank has opened it again"})
    assert "The account does not work" not in client.get(place).text
    assert "Ready" in client.get(HOME).text


def test_without_a_provider_nobody_opens_an_account_there(client: FlaskClient, sari: User) -> None:
    first, _second = two_workshops()
    assert post(client, f"/admin/workshops/{first}/payout-account", {"country": "NL"}).status_code == 404
    assert "payout-account" not in client.get(f"/admin/workshops/{first}").text

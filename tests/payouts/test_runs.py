"""A run's life: prepared by one, approved by another, sent, and what of it reaches the bank."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.errors import IllegalTransition
from marketplace.core.money import Money
from marketplace.payouts import queries, services
from marketplace.payouts.errors import NothingToPay, ReasonMissing, SamePerson, TestMoneyByHand, UnknownProvider
from marketplace.payouts.models import Payout, PayoutLine, PayoutRun, PayoutStatus
from marketplace.workshops.models import BankAccount
from marketplace.workshops.queries import bank_account_of
from marketplace.workshops.services import note_bank_problem
from tests.factories.payouts import Admins, bank_account, earned, workshop
from tests.factories.workshops import WorkshopFactory
from tests.helpers import mails

from .conftest import acts, breaches, fresh, in_bank, owed, paid, payouts_of_run, prepared, sent


def states(*, livemode: bool = False) -> dict[str, str]:
    db.session.rollback()
    return {row.name: row.state for row in services.due(livemode)}


def test_from_the_books_to_the_bank(people: Admins) -> None:
    selaka = workshop("Luh Selaka")
    earned(selaka.id, 2_290_800)
    earned(selaka.id, 889_200)
    run_id = services.prepare_run([selaka.id], people.sari, livemode=False)
    (payout,) = payouts_of_run(run_id)
    assert (payout.amount, payout.status) == (3_180_000, PayoutStatus.DRAFT)
    assert services.approve_run(run_id, people.made) == 1
    assert services.send_run(run_id, people.sari) == 1
    assert owed(selaka.id) == 3_180_000  # until it has left the bank
    name, content = services.bank_file(run_id, people.sari)
    assert name.startswith("TEST-")
    assert b'"0012345678"' in content
    services.mark_paid(payout.id, " FT2633012345 ", people.sari)

    assert (owed(selaka.id), in_bank()) == (0, -3_180_000)
    payout = fresh(payout.id)
    assert (payout.status, payout.bank_ref, payout.provider) == (PayoutStatus.PAID, "FT2633012345", "manual")
    assert states() == {}
    assert [row.action for row in acts()] == [
        "payout_run.prepare",
        "payout_run.approve",
        "payout_run.send",
        "payout_run.file",
        "payout.paid",
    ]
    assert [row.actor_id for row in acts()] == [people.sari, people.made, people.sari, people.sari, people.sari]
    (letter,) = mails()
    assert letter.to == selaka.email
    assert "3.180.000" in letter.subject
    assert "FT2633012345" in letter.text
    assert f"/seller/payouts/{payout.id}" in letter.text
    assert "0012345678" not in letter.text + letter.html
    view = queries.run(run_id)
    assert view is not None
    assert (view.state, view.amount, view.lines_amount) == ("done", Money(3_180_000, "IDR"), Money(3_180_000, "IDR"))
    assert (view.prepared_by_name, view.approved_by_name, view.sent_by_name) == ("Sari", "Made Sutami", "Sari")
    assert breaches() == []


def test_why_each_workshop_can_or_cannot_be_paid(people: Admins) -> None:
    ready = workshop("ready")
    running = workshop("running")
    earned(running.id, 100)
    prepared(people, running.id)
    carried, held, changed, broken = (
        workshop("carried"),
        workshop("held"),
        WorkshopFactory(name="on hold"),
        workshop("x"),
    )
    bank_account(changed.id, usable_at=clock.now() + timedelta(days=3))
    without = WorkshopFactory(name="without")
    for row in (ready, held, changed, broken, without):
        earned(row.id, 500_000)
    earned(carried.id, -245_000)
    services.hold_payouts(held.id, "Complaint about hallmarks, see file 7", people.sari)
    note_bank_problem(bank_account_of(broken.id).id, "Account closed", people.sari)
    assert states() == {
        "ready": "ready",
        "running": "running",
        "carried": "carried",
        "held": "held",
        "on hold": "account_on_hold",
        "x": "account_problem",
        "without": "no_account",
    }
    rows = {row.name: row for row in services.due(False)}
    assert rows["carried"].amount == Money(-245_000, "IDR")  # never hidden
    assert (rows["held"].reason, rows["x"].reason) == ("Complaint about hallmarks, see file 7", "Account closed")
    assert rows["ready"].bank == "BCA ···5678"
    everybody = [row.workshop_id for row in rows.values()]
    run_id = services.prepare_run(everybody, people.sari, livemode=False)
    assert [payout.workshop_id for payout in payouts_of_run(run_id)] == [ready.id]
    assert services.due(True) == []


def test_a_run_with_nobody_in_it_is_not_made(people: Admins) -> None:
    carried = workshop()
    earned(carried.id, -5)
    for idents in ([], [carried.id], [10**9]):
        with pytest.raises(NothingToPay):
            services.prepare_run(idents, people.sari, livemode=False)
    db.session.rollback()
    assert db.session.scalars(sa.select(PayoutRun)).all() == []


def test_a_second_person_approves_and_another_sends(people: Admins) -> None:
    selaka = workshop()
    earned(selaka.id, 100)
    run_id = prepared(people, selaka.id)
    with pytest.raises(SamePerson):
        services.approve_run(run_id, people.sari)
    with pytest.raises(IllegalTransition):
        services.send_run(run_id, people.sari)
    services.approve_run(run_id, people.made)
    with pytest.raises(SamePerson):
        services.send_run(run_id, people.made)
    with pytest.raises(IllegalTransition):
        services.approve_run(run_id, people.wayan)
    services.send_run(run_id, people.wayan)
    with pytest.raises(IllegalTransition):
        services.send_run(run_id, people.wayan)
    with pytest.raises(IllegalTransition):
        services.cancel_run(run_id, "too late", people.sari)


def test_a_canceled_run_gives_its_lines_back(people: Admins) -> None:
    one, two = workshop(), workshop()
    earned(one.id, 100)
    earned(two.id, 200)
    run_id = prepared(people, one.id, two.id)
    with pytest.raises(ReasonMissing):
        services.cancel_run(run_id, " ", people.sari)
    services.cancel_run(run_id, "Nyepi: the bank is closed", people.sari)
    assert {payout.status for payout in payouts_of_run(run_id)} == {PayoutStatus.CANCELED}
    view = queries.run(run_id)
    assert view is not None
    assert view.state == "canceled"
    again = prepared(people, one.id, two.id)
    assert sorted(payout.amount for payout in payouts_of_run(again)) == [100, 200]
    assert breaches() == []


def test_taking_the_last_workshop_out_cancels_the_run(people: Admins) -> None:
    selaka = workshop()
    earned(selaka.id, 100)
    run_id = prepared(people, selaka.id)
    (payout,) = payouts_of_run(run_id)
    services.cancel_payout(payout.id, "Ibu asked to wait", people.sari)
    view = queries.run(run_id)
    assert view is not None
    assert (view.state, view.payouts[0].reason) == ("canceled", "Ibu asked to wait")


def test_real_and_test_money_never_share_a_payout(people: Admins) -> None:
    selaka = workshop("Luh Selaka")
    earned(selaka.id, 1_000, livemode=True)
    earned(selaka.id, 70)
    real, test = prepared(people, selaka.id, livemode=True), prepared(people, selaka.id)
    assert [payout.amount for payout in payouts_of_run(real)] == [1_000]
    assert [payout.amount for payout in payouts_of_run(test)] == [70]
    with pytest.raises(UnknownProvider):
        services.prepare_run([selaka.id], people.sari, livemode=True, provider="stripe")


def test_test_money_is_not_for_an_api(people: Admins, app: Flask) -> None:
    from marketplace.payouts.providers.stripe import StripeProvider

    app.extensions["payout_providers"]["stripe"] = StripeProvider("sk_test_x", "http://127.0.0.1:1")
    try:
        for livemode in (True, False):
            with pytest.raises(TestMoneyByHand):
                services.prepare_run([1], people.sari, livemode=livemode, provider="stripe")
    finally:
        del app.extensions["payout_providers"]["stripe"]


def test_a_debt_after_a_payout_is_netted_by_the_next_one(people: Admins) -> None:
    selaka = workshop("Luh Selaka")
    earned(selaka.id, 500)
    paid(people, selaka.id)
    earned(selaka.id, -300)
    assert owed(selaka.id) == -300
    assert states() == {"Luh Selaka": "carried"}
    earned(selaka.id, 450)
    payout = fresh(paid(people, selaka.id))
    assert payout.amount == 150
    assert owed(selaka.id) == 0


def drop(change: str, selaka_id: int, account_id: int, people: Admins) -> None:
    """What can happen between preparing a payout and sending it."""
    if change == "refund":
        earned(selaka_id, -1)
    elif change == "new account":
        db.session.execute(sa.update(BankAccount).filter_by(id=account_id).values(replaced_at=clock.now()))
        db.session.commit()
        bank_account(selaka_id, "0098765432", usable_at=clock.now() + timedelta(days=3))
    elif change == "problem":
        note_bank_problem(account_id, "closed", None)
    elif change == "hold":
        services.hold_payouts(selaka_id, "a complaint", people.sari)


@pytest.mark.parametrize("change", ["refund", "new account", "problem", "hold"])
@pytest.mark.parametrize("when", ["prepared", "approved"])
def test_what_changed_since_falls_out_before_it_is_sent(people: Admins, change: str, when: str) -> None:
    selaka, other = workshop("Luh Selaka"), workshop("Toya Ning", number="0055554444")
    earned(selaka.id, 900)
    earned(other.id, 50)
    run_id = prepared(people, selaka.id, other.id)
    if when == "approved":
        services.approve_run(run_id, people.made)
    drop(change, selaka.id, payouts_of_run(run_id)[0].bank_account_id or 0, people)
    if when == "prepared":
        assert services.approve_run(run_id, people.made) == 1
    assert services.send_run(run_id, people.sari) == 1
    out, kept = payouts_of_run(run_id)
    assert (out.status, kept.status) == (PayoutStatus.CANCELED, PayoutStatus.SENDING)
    _name, content = services.bank_file(run_id, people.sari)
    assert b"0012345678" not in content
    view = queries.run(run_id)
    assert view is not None
    assert len(view.payouts[0].reason) > 20  # a sentence, no code
    assert view.amount == Money(50, "IDR")
    assert breaches() == []


def test_a_run_of_which_nothing_is_left_is_canceled(people: Admins) -> None:
    selaka = workshop()
    earned(selaka.id, 900)
    run_id = prepared(people, selaka.id)
    earned(selaka.id, -900)
    assert services.approve_run(run_id, people.made) == 0
    view = queries.run(run_id)
    assert view is not None
    assert (view.state, view.approved_at) == ("canceled", None)


def test_what_is_earned_after_preparing_waits_for_the_next_run(people: Admins) -> None:
    selaka = workshop()
    earned(selaka.id, 900)
    run_id = prepared(people, selaka.id)
    earned(selaka.id, 77)
    services.approve_run(run_id, people.made)
    services.send_run(run_id, people.sari)
    (payout,) = payouts_of_run(run_id)
    services.mark_paid(payout.id, "ref", people.sari)
    assert owed(selaka.id) == 77
    assert [row.amount for row in services.due(False)] == [Money(77, "IDR")]


def test_a_suspended_workshop_is_paid_what_it_earned_unless_an_admin_holds_it(people: Admins) -> None:
    selaka = workshop("Luh Selaka")
    db.session.execute(sa.text("update workshops set suspended_at = approved_at"))
    db.session.commit()
    earned(selaka.id, 900)
    (row,) = services.due(False)
    assert (row.state, row.is_suspended) == ("ready", True)
    with pytest.raises(ReasonMissing):
        services.hold_payouts(selaka.id, "", people.sari)
    services.hold_payouts(selaka.id, "Whose pieces are these?", people.sari)
    services.hold_payouts(selaka.id, "Again", people.made)
    with pytest.raises(NothingToPay):
        prepared(people, selaka.id)
    services.release_payouts(selaka.id, "Settled", people.made)
    services.release_payouts(selaka.id, "Settled", people.made)
    assert payouts_of_run(prepared(people, selaka.id))
    assert [row.action for row in acts("payouts.hold", "payouts.release")] == ["payouts.hold", "payouts.release"]


def test_runs_are_listed_with_their_state(people: Admins, stopped_clock: Hands) -> None:
    selaka, other = workshop(), workshop()
    earned(selaka.id, 900)
    earned(other.id, 100)
    first = sent(people, selaka.id, other.id)
    one, two = payouts_of_run(first)
    services.mark_paid(one.id, "ref", people.sari)
    services.mark_failed(two.id, "Nomor salah", people.sari)
    earned(selaka.id, 5)
    second = prepared(people, selaka.id)
    newest, oldest = queries.runs().rows
    assert (newest.id, newest.state, newest.amount.amount) == (second, "draft", 5)
    assert (oldest.id, oldest.state, oldest.amount.amount) == (first, "done", 900)
    assert (oldest.payout_count, oldest.problem_count) == (1, 1)
    page = queries.runs(limit=1)
    assert [row.id for row in queries.runs(page.after, limit=1).rows] == [first]


def test_the_reads_of_a_run_do_not_grow_with_it(people: Admins, statements: type) -> None:
    counts = []
    for size in (1, 6):
        rows = [workshop() for _ in range(size)]
        for row in rows:
            earned(row.id, 100)
        run_id = prepared(people, *[row.id for row in rows])
        db.session.rollback()
        with statements() as seen:
            services.due(False)
            queries.run(run_id)
            queries.runs()
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_line_is_settled_by_one_payout_whatever_the_code_does(people: Admins) -> None:
    """The database's own word, behind the locks."""
    selaka = workshop()
    earned(selaka.id, 100)
    run_id = prepared(people, selaka.id)
    line = db.session.scalars(sa.select(PayoutLine)).one()
    twin = PayoutLine(payout_id=line.payout_id, txn_id=line.txn_id, amount=100)
    db.session.add(twin)
    with pytest.raises(sa.exc.IntegrityError):
        db.session.commit()
    db.session.rollback()
    (payout,) = payouts_of_run(run_id)
    copy = {name: getattr(payout, name) for name in ("run_id", "workshop_id", "provider", "livemode", "amount")}
    db.session.add(Payout(key="another", created_at=clock.now(), **copy))
    with pytest.raises(sa.exc.IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_the_file_parses_back_to_the_run(people: Admins) -> None:
    rows = [workshop(f"Workshop {number}", number=f"00{number:08}") for number in range(1, 5)]
    for number, row in enumerate(rows):
        earned(row.id, 1_000_000 + number)
    run_id = sent(people, *[row.id for row in rows])
    _name, content = services.bank_file(run_id, people.sari)
    _test, _head, *lines, last = csv.reader(io.StringIO(content.decode()))
    assert [int(line[7]) for line in lines] == [payout.amount for payout in payouts_of_run(run_id)]
    assert int(last[7]) == sum(int(line[7]) for line in lines)
    assert [line[4] for line in lines] == [f"00{number:08}" for number in range(1, 5)]

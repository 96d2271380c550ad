"""Money that leaves once, however many press at the same instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.db import db
from marketplace.core.errors import DomainError
from marketplace.ledger import queries as books
from marketplace.ledger.models import Kind, LedgerTxn
from marketplace.payouts import services
from marketplace.payouts.models import RUNNING_PAYOUTS, Payout, PayoutLine, PayoutRun, PayoutStatus
from marketplace.workshops.models import BankAccount
from marketplace.workshops.services import BankEntry, change_bank_account
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.payouts import Admins, admins, earned, workshop
from tests.factories.workshops import MemberFactory
from tests.races.test_checkout_races import at_once

pytestmark = pytest.mark.races


@pytest.fixture
def people(app: Flask) -> Admins:
    return admins()


def told(act: Callable[[], object]) -> Callable[[], str]:
    """What the person reads: the error's name, or 'done'."""

    def press() -> str:
        try:
            act()
        except DomainError as error:
            return type(error).__name__
        return "done"

    return press


def all_payouts() -> list[Payout]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Payout).order_by(Payout.id).execution_options(populate_existing=True)))


def booked(kind: Kind) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).where(LedgerTxn.kind == kind)) or 0


def test_eight_that_prepare_at_once_make_one_payout_per_workshop(app: Flask, people: Admins) -> None:
    rows = [workshop().id for _ in range(3)]
    for ident in rows:
        earned(ident, 1_000)
        earned(ident, -100)

    def prepare(idents: list[int]) -> Callable[[], str]:
        return told(lambda: services.prepare_run(idents, people.sari, livemode=False))

    answers = at_once(app, [prepare(rows if number % 2 else list(reversed(rows))) for number in range(8)])
    assert Counter(answers) == {"done": 1, "NothingToPay": 7}
    assert [(payout.amount, payout.status) for payout in all_payouts()] == [(900, PayoutStatus.DRAFT)] * 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PayoutLine)) == 6
    assert len(db.session.scalars(sa.select(PayoutRun)).all()) == 1


def test_runs_that_overlap_never_share_a_workshop(app: Flask, people: Admins) -> None:
    rows = [workshop().id for _ in range(4)]
    for ident in rows:
        earned(ident, 1_000)
    groups = [rows[:2], rows[1:3], rows[2:], [rows[3], rows[0]]] * 2
    at_once(
        app, [told(lambda group=group: services.prepare_run(group, people.sari, livemode=False)) for group in groups]
    )
    assert sorted(payout.workshop_id for payout in all_payouts()) == sorted(rows)
    assert all(payout.amount == 1_000 for payout in all_payouts())


def test_two_approve_and_two_send_and_one_cancels(app: Flask, people: Admins) -> None:
    for _round in range(4):
        ident = workshop().id
        earned(ident, 1_000)
        run_id = services.prepare_run([ident], people.sari, livemode=False)
        acts = [told(partial(services.approve_run, run_id, who)) for who in (people.made, people.wayan)]
        answers = at_once(app, [*acts, told(partial(services.cancel_run, run_id, "no", people.sari))])
        assert answers.count("done") in (1, 2)  # approved and then canceled is two people's will
        assert answers[:2].count("done") <= 1
        payout = all_payouts()[-1]
        if payout.status is not PayoutStatus.APPROVED:
            assert payout.status is PayoutStatus.CANCELED
            continue
        answers = at_once(
            app,
            [
                *[told(partial(services.send_run, run_id, people.sari))] * 3,
                told(partial(services.cancel_run, run_id, "no", people.made)),
            ],
        )
        assert answers.count("done") == 1
        assert all_payouts()[-1].status in (PayoutStatus.SENDING, PayoutStatus.CANCELED)


def sent(people: Admins, ident: int) -> int:
    run_id = services.prepare_run([ident], people.sari, livemode=False)
    services.approve_run(run_id, people.made)
    services.send_run(run_id, people.sari)
    return all_payouts()[-1].id


def test_paid_failed_and_returned_at_once_book_once(app: Flask, people: Admins) -> None:
    ident = workshop().id
    earned(ident, 1_000)
    payout_id = sent(people, ident)
    acts = [told(lambda: services.mark_paid(payout_id, "ref", people.sari))] * 4
    acts += [told(lambda: services.mark_failed(payout_id, "no", people.made))] * 4
    answers = at_once(app, acts)
    assert Counter(answers) == {"done": 1, "IllegalTransition": 7}
    status = all_payouts()[-1].status
    assert status in (PayoutStatus.PAID, PayoutStatus.FAILED)
    assert booked(Kind.PAYOUT) == (1 if status is PayoutStatus.PAID else 0)
    if status is PayoutStatus.PAID:
        answers = at_once(app, [told(lambda: services.mark_returned(payout_id, "closed", people.made))] * 6)
        assert Counter(answers) == {"done": 1, "IllegalTransition": 5}
        assert booked(Kind.PAYOUT_RETURNED) == 1
    assert books.owed_to(ident).amount == 1_000


def test_a_payout_against_refunds_is_never_above_the_balance(app: Flask, people: Admins) -> None:
    """Debts are booked while runs are prepared, approved and sent: what is sent was owed when it was sent."""
    ident = workshop().id
    earned(ident, 1_000)

    def whole_run() -> None:
        run_id = services.prepare_run([ident], people.sari, livemode=False)
        services.approve_run(run_id, people.made)
        services.send_run(run_id, people.sari)

    acts = [told(whole_run), told(lambda: earned(ident, -400)), told(whole_run), told(lambda: earned(ident, -300))] * 2
    at_once(app, acts)
    running = [payout for payout in all_payouts() if payout.status in RUNNING_PAYOUTS]
    assert len(running) <= 1
    lines = db.session.scalars(sa.select(PayoutLine).where(PayoutLine.released_at.is_(None))).all()
    assert len({line.txn_id for line in lines}) == len(lines)
    assert sum(payout.amount for payout in running) == sum(line.amount for line in lines)


def test_a_new_account_against_sending_holds_or_comes_too_late(app: Flask, people: Admins) -> None:
    for _round in range(4):
        ident, luh = workshop().id, UserFactory()
        MemberFactory(workshop_id=ident, user_id=luh.id)
        earned(ident, 1_000)
        run_id = services.prepare_run([ident], people.sari, livemode=False)
        services.approve_run(run_id, people.made)
        entry = BankEntry("014", "1111111111", "I MADE ORANG LAIN")
        at_once(
            app,
            [
                told(partial(services.send_run, run_id, people.sari)),
                told(partial(change_bank_account, ident, entry, luh.id, PASSWORD)),
            ],
        )
        payout = all_payouts()[-1]
        assert payout.status in (PayoutStatus.SENDING, PayoutStatus.CANCELED)
        account = db.session.get_one(BankAccount, payout.bank_account_id)
        assert account.last_digits == "5678"  # the account that was approved, never the new one


def test_six_changes_of_an_account_leave_one_current(app: Flask) -> None:
    ident, luh = workshop().id, UserFactory()
    MemberFactory(workshop_id=ident, user_id=luh.id)
    numbers = [f"{number}111111111" for number in range(1, 7)]
    user_id = luh.id
    acts = [
        told(lambda number=number: change_bank_account(ident, BankEntry("014", number, "NI LUH"), user_id, PASSWORD))
        for number in numbers
    ]
    assert at_once(app, acts) == ["done"] * 6
    db.session.rollback()
    rows = db.session.scalars(sa.select(BankAccount).filter_by(workshop_id=ident)).all()
    assert len(rows) == 7
    assert [row.last_digits for row in rows if row.replaced_at is None] == ["1111"]

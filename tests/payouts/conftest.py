"""The shop with two people who send money, and words for what stories do with a run."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.audit.models import AuditRow
from marketplace.core.db import db
from marketplace.ledger import accounts
from marketplace.ledger import queries as books
from marketplace.payouts import services
from marketplace.payouts.check import Breach, check
from marketplace.payouts.models import Payout, PayoutStatus
from tests.factories.payouts import Admins
from tests.factories.payouts import admins as make_admins


@pytest.fixture
def people(app: Flask) -> Admins:
    return make_admins()


def payouts_of_run(run_id: int) -> list[Payout]:
    db.session.rollback()
    query = sa.select(Payout).where(Payout.run_id == run_id).order_by(Payout.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def fresh(payout_id: int) -> Payout:
    db.session.rollback()
    return db.session.get_one(Payout, payout_id, populate_existing=True)


def prepared(people: Admins, *workshop_ids: int, livemode: bool = False) -> int:
    return services.prepare_run(workshop_ids, people.sari, livemode=livemode)


def sent(people: Admins, *workshop_ids: int, livemode: bool = False) -> int:
    """A run that one prepared, another approved and the first one sent."""
    run_id = prepared(people, *workshop_ids, livemode=livemode)
    services.approve_run(run_id, people.made)
    services.send_run(run_id, people.sari)
    return run_id


def paid(people: Admins, workshop_id: int) -> int:
    """A payout that has left the bank."""
    (payout,) = payouts_of_run(sent(people, workshop_id))
    services.mark_paid(payout.id, "FT2633012345", people.sari)
    assert fresh(payout.id).status is PayoutStatus.PAID
    return payout.id


def owed(workshop_id: int) -> int:
    db.session.rollback()
    return books.owed_to(workshop_id).amount


def in_bank() -> int:
    db.session.rollback()
    return books.balance(accounts.BANK, "IDR").amount


def acts(*actions: str) -> list[AuditRow]:
    """The audit rows, oldest first, of these acts only when some are named."""
    db.session.rollback()
    query = sa.select(AuditRow).order_by(AuditRow.id)
    return [row for row in db.session.scalars(query) if not actions or row.action in actions]


def breaches() -> list[Breach]:
    """What the books' check says of payouts; money made for a story has no order behind it, which is another rule."""
    db.session.rollback()
    return [breach for breach in check() if breach.rule == "payouts"]

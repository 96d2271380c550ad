"""Accounts closed and opened, admins made and unmade, rates entered: each with its record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import LoginSession, User
from marketplace.audit.models import AuditRow
from marketplace.catalog.pricing import present, rates
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.moderation import services
from tests.factories.accounts import AdminFactory, UserFactory
from tests.factories.catalog import quote_rates
from tests.helpers import sign_in

pytestmark = pytest.mark.usefixtures("app")


def fresh(user: User) -> User:
    return db.session.get_one(User, user.id, populate_existing=True)


def open_sessions(user: User) -> int:
    query = sa.select(sa.func.count()).where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
    return db.session.scalar(query) or 0


def acts() -> list[tuple[str, int | None, str]]:
    rows = db.session.scalars(sa.select(AuditRow).order_by(AuditRow.id))
    return [(row.action, row.actor_id, row.reason) for row in rows]


def test_disabling_ends_every_session_and_enabling_lets_in_again(new_client: Any) -> None:
    user, admin = UserFactory(), AdminFactory()
    clients = [new_client(), new_client()]
    for client in clients:
        sign_in(client, user)
    services.disable_person(user.id, admin.id, "Asked for it")
    assert not fresh(user).is_active
    assert open_sessions(user) == 0
    services.enable_person(user.id, admin.id, "Asked again")
    assert fresh(user).is_active
    assert open_sessions(user) == 0, "old sessions stay ended"
    assert acts() == [("user.disable", admin.id, "Asked for it"), ("user.enable", admin.id, "Asked again")]


def test_rights_are_given_and_taken_in_every_session(new_client: Any) -> None:
    user, admin = UserFactory(), AdminFactory()
    sign_in(new_client(), user)
    services.make_admin(user.id, admin.id, "New in the office")
    assert fresh(user).is_admin
    assert open_sessions(user) == 0
    sign_in(new_client(), user)
    services.unmake_admin(user.id, admin.id, "Left the office")
    assert not fresh(user).is_admin
    assert open_sessions(user) == 0
    assert [action for action, _by, _why in acts()] == ["user.make_admin", "user.unmake_admin"]


def test_nobody_decides_about_themselves() -> None:
    admin = AdminFactory()
    for act in (services.disable_person, services.make_admin, services.unmake_admin):
        with pytest.raises(services.NotYourself):
            act(admin.id, admin.id, "why")
    assert fresh(admin).is_admin
    assert fresh(admin).is_active
    assert not acts()


def test_one_admin_always_remains() -> None:
    """Two admins who close each other in the same instant: the one who comes second finds only themselves left."""
    last, gone = AdminFactory(), AdminFactory(disabled_at=clock.now())
    for act in (services.disable_person, services.unmake_admin):
        with pytest.raises(services.LastAdmin):
            act(last.id, gone.id, "why")
    assert fresh(last).is_admin
    assert fresh(last).is_active
    assert not acts()


def test_a_new_rate_counts_from_now_on(stopped_clock: Any) -> None:
    quote_rates()
    admin = AdminFactory()
    before = present(1_665_000, "USD", rates())
    stopped_clock.forward(hours=1)
    services.enter_rate("USD", Decimal("15000"), "Bank Indonesia", admin.id)
    assert before.amount == 10_000
    assert present(1_665_000, "USD", rates()).amount == 11_100
    row = db.session.scalars(sa.select(AuditRow)).one()
    assert (row.action, row.actor_id, row.reason) == ("rate.enter", admin.id, "Bank Indonesia")
    assert Decimal(row.before["rate"]) == 16650
    assert row.after == {"currency": "USD", "rate": "15000"}


@pytest.mark.parametrize(
    ("currency", "rate"), [("USD", "1665"), ("USD", "166500"), ("USD", "0"), ("USD", "-1"), ("IDR", "1"), ("XXX", "5")]
)
def test_a_slip_of_the_finger_is_no_rate(currency: str, rate: str) -> None:
    quote_rates()
    with pytest.raises(services.RateOutOfRange):
        services.enter_rate(currency, Decimal(rate), "Bank Indonesia", AdminFactory().id)
    assert rates().rate("USD").rate == 16650
    assert not acts()

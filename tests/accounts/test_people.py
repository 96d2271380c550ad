"""Accounts made and closed by the house; the command of the first admin (security.md 21, 23, 43)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.accounts import queries, services
from marketplace.accounts.errors import EmailTaken, NotYourself
from marketplace.accounts.models import AccountLink, Hit, LinkPurpose, LoginSession, User
from marketplace.audit.queries import of_subject
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.tasks import sweep
from tests.factories.accounts import AdminFactory, UserFactory


def create(app: Flask, *arguments: str, password: str = "four wet umbrellas drip") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["admin", "create", *arguments], input=f"{password}\n{password}\n")
    return result.exit_code, result.output


def test_the_first_admin_is_made_on_the_command_line(app: Flask) -> None:
    code, output = create(app, "--email", " Ketut@Celuk.example ", "--name", "Ketut Sudarma")
    assert code == 0, output
    assert "four wet" not in output
    user_id = services.authenticate("ketut@celuk.example", "four wet umbrellas drip", "127.0.0.1")
    person = queries.person(user_id)
    assert person is not None
    assert (person.is_admin, person.is_confirmed, person.language) == (True, True, "id")
    assert [row.action for row in of_subject("user", user_id)] == ["user.create_admin"]


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("ketut", "four wet umbrellas drip", "not an email"),
        ("ketut@celuk.example", "celuk-demo-1915", "a guesser tries"),
        ("ketut@celuk.example", "short", "10 characters"),
        ("taken@celuk.example", "four wet umbrellas drip", "an account with this email already"),
    ],
)
def test_what_makes_no_admin(app: Flask, email: str, password: str, words: str) -> None:
    UserFactory(email="taken@celuk.example")
    code, output = create(app, "--email", email, "--name", "Ketut", password=password)
    assert code != 0
    assert words in output
    assert not db.session.scalars(sa.select(User).where(User.is_admin)).all()


def test_the_seed_may_make_any_account_once(app: Flask) -> None:
    services.create_user("buyer@demo.test", "celuk-demo-1915", "Maya", "en", confirmed=True)
    assert services.authenticate("buyer@demo.test", "celuk-demo-1915", "127.0.0.1")
    with pytest.raises(EmailTaken):
        services.create_user("BUYER@demo.test ", "celuk-demo-1915", "Maya", "en")


def test_closing_and_opening_leave_their_rows(app: Flask) -> None:
    admin, user = AdminFactory(full_name="Ketut"), UserFactory()
    for _ in range(2):
        services.disable(user.id, admin.id, "asked for it")
    services.enable(user.id, admin.id, "came back")
    rows = of_subject("user", user.id)
    assert [(row.action, row.actor_name, row.reason) for row in rows] == [
        ("user.enable", "Ketut", "came back"),
        ("user.disable", "Ketut", "asked for it"),
    ]
    assert rows[1].before == {"disabled": False}
    assert rows[1].after == {"disabled": True}
    with pytest.raises(NotYourself):
        services.disable(admin.id, admin.id, "by mistake")


def test_the_sweep_forgets_what_is_over(app: Flask) -> None:
    user, now = UserFactory(), clock.now()
    services.link_for(user.id, LinkPurpose.RESET)
    for days in (0, 5, 40):
        at = now - timedelta(days=days)
        row = LoginSession(
            token_hash=f"{days:064}", user_id=None, data={}, created_at=at, seen_at=at, ended_at=at if days else None
        )
        db.session.add_all([row, Hit(bucket="sign-in:account:x", at=at)])
    db.session.commit()
    assert sweep()["accounts"] == 3
    assert db.session.query(Hit).count() == 1
    assert db.session.query(LoginSession).count() == 2
    assert db.session.query(AccountLink).count() == 1

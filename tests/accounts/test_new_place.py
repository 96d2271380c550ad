"""A sign-in from where the account has not been before is told to its owner; an old acquaintance's is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts import services
from marketplace.accounts.models import LoginSession, User
from marketplace.core import clock
from marketplace.core.db import db
from tests.factories.accounts import PASSWORD, UserFactory, two_step
from tests.helpers import links_in, mails, send

PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"
NEWER_PHONE = PHONE.replace("130", "131")
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
SUBJECT = "New sign-in to your account"


def come_in(client: FlaskClient, user: User, agent: str, address: str = "36.85.1.7") -> Any:
    more = {"headers": {"User-Agent": agent}, "environ_base": {"REMOTE_ADDR": address}}
    return send(client, "/sign-in", {"email": user.email, "password": PASSWORD}, **more)


def told() -> int:
    return sum(mail.subject == SUBJECT for mail in mails())


def test_a_new_device_or_network_is_told_once_with_what_to_do(new_client: Any) -> None:
    user = UserFactory(email="maya@example.com")
    come_in(new_client(), user, PHONE)
    assert told() == 0, "the first sign-in is the person's own"
    come_in(new_client(), user, NEWER_PHONE, "36.85.240.9")
    assert told() == 0, "the same phone, updated, elsewhere in its provider's network"
    come_in(new_client(), user, DESK)
    assert told() == 1
    mail = mails()[-1]
    assert mail.to == "maya@example.com"
    assert "Windows, Firefox" in mail.text
    assert "36.85.1.7" in mail.text
    assert links_in(mail.text)[0] == "/account/security", "where sessions are ended and the password is changed"
    come_in(new_client(), user, DESK)
    assert told() == 1
    come_in(new_client(), user, PHONE, "203.0.113.9")
    assert told() == 2


def test_it_speaks_the_owners_language_and_comes_with_the_second_step_only(new_client: Any) -> None:
    user = UserFactory(language="id")
    come_in(new_client(), user, PHONE)
    phone, client = two_step(user), new_client()
    come_in(client, user, DESK)
    before = len(mails())
    more = {"headers": {"User-Agent": DESK}, "environ_base": {"REMOTE_ADDR": "36.85.1.7"}}
    send(client, "/sign-in/code", {"code": "000000"}, **more)
    assert len(mails()) == before
    send(client, "/sign-in/code", {"code": phone.code()}, **more)
    assert len(mails()) == before + 1
    assert links_in(mails()[-1].text)[0] == "/id/account/security"


def test_an_account_that_slept_for_months_hears_of_it(new_client: Any) -> None:
    user = UserFactory(created_at=clock.now() - timedelta(days=200))
    come_in(new_client(), user, PHONE)
    assert told() == 1


def test_places_are_remembered_for_a_season_and_visitors_for_a_week(new_client: Any, stopped_clock: Any) -> None:
    user = UserFactory()
    client = new_client()
    come_in(client, user, PHONE)
    send(client, "/sign-out", page="/account/security")
    send(new_client(), "/sign-in", {"email": "nobody@example.com", "password": "x"}, page="/reset")
    stopped_clock.forward(days=60)
    services.forget_old_rows()
    kept = db.session.scalars(sa.select(LoginSession.user_id)).all()
    assert set(kept) == {user.id}
    come_in(new_client(), user, PHONE)
    assert told() == 0
    stopped_clock.forward(days=200)
    services.forget_old_rows()
    assert db.session.scalars(sa.select(LoginSession)).all() == []

"""Who gets in: nobody but the collective, and for an act only with a fresh password (security.md 18, 28)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.core.audience import FRESH_HOURS, Audience
from marketplace.core.forms import TOKEN_FIELD
from tests.admin.conftest import TOKEN
from tests.factories.accounts import AdminFactory, UserFactory
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.helpers import sign_in

NOBODY = 987_654  # the number of nothing
SAFE = {"GET", "HEAD", "OPTIONS"}
SECRETS = (f"/admin/payouts/{NOBODY}/file",)  # whole account numbers: looking at them is an act


def endpoints(app: Flask) -> list[tuple[str, str]]:
    """(method, address) of every page and every act under /admin, with the number of nothing in every address."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            address = rule.build(dict.fromkeys(rule.arguments, NOBODY))
            assert address is not None
            found += [(method, address[1]) for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})]
    return sorted(found)


def test_every_address_of_the_back_office_is_for_admins(app: Flask) -> None:
    views = [rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin")]
    assert len(views) >= 25
    assert {app.view_functions[name].audience for name in views} == {Audience.ADMIN}  # type: ignore[attr-defined]


def test_a_stranger_is_asked_to_sign_in(app: Flask, client: FlaskClient) -> None:
    for method, address in endpoints(app):
        answer = client.open(address, method=method)
        assert answer.status_code == 303, (method, address)
        assert "/sign-in" in answer.headers["Location"], (method, address)


@pytest.mark.parametrize("role", ["buyer", "seller"])
def test_others_are_refused(app: Flask, client: FlaskClient, role: str) -> None:
    user: Any = UserFactory()
    if role == "seller":
        MemberFactory(workshop_id=WorkshopFactory().id, user_id=user.id)
    sign_in(client, user)
    for method, address in endpoints(app):
        assert client.open(address, method=method).status_code == 403, (method, address)


def test_a_closed_account_is_a_stranger(app: Flask, client: FlaskClient) -> None:
    from marketplace.core import clock

    sign_in(client, AdminFactory(disabled_at=clock.now()))
    assert client.get("/admin/").status_code == 303


def test_an_act_after_hours_needs_the_password_again(app: Flask, client: FlaskClient) -> None:
    user: Any = AdminFactory()
    sign_in(client, user, minutes_ago=FRESH_HOURS * 60 + 1)
    for method, address in endpoints(app):
        answer = client.open(address, method=method)
        if method in SAFE and address not in SECRETS:
            assert answer.status_code in (200, 404), (method, address)
        else:
            assert answer.status_code == 303, (method, address)
            assert "/confirm-password" in answer.headers["Location"], (method, address)


def test_what_is_not_there_is_not_found(app: Flask, client: FlaskClient, admin: User) -> None:
    for method, address in endpoints(app):
        if str(NOBODY) not in address:
            continue
        form = {TOKEN_FIELD: TOKEN, "why": "a good reason", "decision": "yes"}
        answer = client.open(address, method=method, data=form if method not in SAFE else None)
        if method in SAFE:
            assert answer.status_code == 404, (method, address)
        else:
            assert answer.status_code in (404, 422), (method, address)

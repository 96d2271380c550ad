"""An admin who has just signed in, whose browser sends each form with its token."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.core.forms import TOKEN_FIELD
from tests.factories.accounts import AdminFactory
from tests.helpers import sign_in

TOKEN = "the-token-of-this-session"


def enter(client: FlaskClient, user: Any, **options: Any) -> None:
    """Sign in with a session whose form token is TOKEN."""
    sign_in(client, user, **options).data = {"form_token": TOKEN}
    db.session.commit()


def post(client: FlaskClient, address: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
    """Send a form as its page would."""
    return client.post(address, data={TOKEN_FIELD: TOKEN, **(data or {})}, **options)


@pytest.fixture
def admin(client: FlaskClient) -> User:
    """`client` is this admin's browser."""
    user: Any = AdminFactory(full_name="Komang Adi")
    enter(client, user)
    return user

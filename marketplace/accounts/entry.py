"""Walking in: the session is renewed for its person, and the news goes up in the same transaction."""

from __future__ import annotations

from typing import cast

from flask import abort, request, session

from marketplace.core.db import transaction
from marketplace.core.forms import Form
from marketplace.core.web import client_address

from . import sessions, signals
from .sessions import DatabaseSession


def current_session() -> DatabaseSession:
    return cast(DatabaseSession, session._get_current_object())  # type: ignore[attr-defined]


def current_session_id() -> int | None:
    row = current_session().load().row
    return row.id if row is not None else None


def enter(user_id: int) -> None:
    """Sign this person in; the bag of the visitor's session moves over (signals.signed_in)."""
    before = current_session_id()
    with transaction():
        agent = request.headers.get("User-Agent", "")
        sessions.sign_in(current_session(), user_id, address=client_address(), agent=agent)
        signals.signed_in.send(None, user_id=user_id, session_id=before)


def check_token() -> None:
    """For acts whose form is one button: the token of this session, besides the origin (security.md 30)."""
    if not Form().validate():
        abort(403)


def leave() -> None:
    sessions.sign_out(current_session())

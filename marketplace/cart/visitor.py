"""Whose cart this request is about. Only a POST makes a session; looking at an empty cart does not."""

from __future__ import annotations

from typing import cast

from flask import request, session
from flask_login import current_user

from marketplace.accounts.sessions import DatabaseSession, ensure
from marketplace.core.web import client_address

from .services import Owner


def visitor() -> Owner | None:
    """The owner, or None for somebody who has no session yet."""
    if current_user.is_authenticated:
        return Owner(user_id=int(current_user.id))
    row = cast(DatabaseSession, session).load().row
    return Owner(session_id=row.id) if row is not None else None


def make_visitor() -> Owner:
    """The owner; a first-time visitor gets a session with this answer."""
    known = visitor()
    if known is not None:
        return known
    agent = request.headers.get("User-Agent", "")
    return Owner(session_id=ensure(cast(DatabaseSession, session), address=client_address(), agent=agent))

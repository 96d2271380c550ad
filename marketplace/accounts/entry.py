"""Walking in: the session is renewed for its person, and the news goes up in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import abort, request, session, url_for

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.forms import Form
from marketplace.core.web import client_address

from . import sessions, signals
from .services import places, second_factor
from .sessions import DatabaseSession

_WAITING = "second_step"
_WAITING_SECONDS = 10 * 60


def current_session() -> DatabaseSession:
    return cast(DatabaseSession, session._get_current_object())  # type: ignore[attr-defined]


def current_session_id() -> int | None:
    row = current_session().load().row
    return row.id if row is not None else None


def come_in(user_id: int, target: str) -> str:
    """Sign this person in, or ask for the second step first: nobody is signed in before. Gives where to go next."""
    if not second_factor.is_on(user_id):
        enter(user_id)
        return target
    sessions.renew(current_session())
    session[_WAITING] = {
        "user_id": user_id,
        "next": target,
        "mark": second_factor.standing(user_id),
        "at": clock.now().timestamp(),
    }
    return url_for("account_codes.sign_in")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who has given the password, or opened the link, and not yet the code."""

    user_id: int
    target: str


def waiting() -> Waiting | None:
    """The person of the second step, for ten minutes, unless the password changed or the account was closed."""
    held = session.get(_WAITING)
    if not held or clock.now().timestamp() - held["at"] > _WAITING_SECONDS:
        return None
    if not held["mark"] or second_factor.standing(held["user_id"]) != held["mark"]:
        return None
    return Waiting(held["user_id"], held["next"])


def enter(user_id: int, *, second_factor_given: bool = False) -> None:
    """Sign this person in; the bag of the visitor's session moves over (signals.signed_in)."""
    before = current_session_id()
    agent = request.headers.get("User-Agent", "")
    with transaction():
        if places.is_new(user_id, client_address(), agent):
            places.tell(user_id, client_address(), agent)
        sessions.sign_in(
            current_session(), user_id, address=client_address(), agent=agent, second_factor=second_factor_given
        )
        signals.signed_in.send(None, user_id=user_id, session_id=before)


def check_token() -> None:
    """For acts whose form is one button: the token of this session, besides the origin (security.md 30)."""
    if not Form().validate():
        abort(403)


def leave() -> None:
    sessions.sign_out(current_session())

"""Making, closing and opening accounts; ending sessions; forgetting what is over."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa

from marketplace.accounts import passwords, sessions
from marketplace.accounts.errors import EmailTaken, NotYourself
from marketplace.accounts.models import AccountLink, Hit, LoginSession, User
from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, insert_ignore, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.core.tasks import sweeper

from . import links

log = logging.getLogger("accounts")
REMEMBERED = timedelta(days=90)  # where a person has signed in, so that a stranger's sign-in stands out


def create_user(
    email: str,
    password: str,
    full_name: str,
    language: str,
    is_admin: bool = False,
    confirmed: bool = False,
) -> int:
    """An account made by us (the seed, the command line); the password is not judged here.

    Raises:
        EmailTaken: there is one with this email.
    """
    email, now, password_hash = email.strip().lower(), clock.now(), passwords.hashed(password)
    with transaction():
        is_new = insert_ignore(
            User,
            email=email,
            email_confirmed_at=now if confirmed else None,
            password_hash=password_hash,
            full_name=full_name,
            language=language,
            is_admin=is_admin,
            created_at=now,
        )
        if not is_new:
            raise EmailTaken
        user_id = db.session.scalars(sa.select(User.id).where(User.email == email)).one()
        if is_admin:
            record("user.create_admin", "user", user_id, None, after={"is_admin": True})
    return user_id


def disable(user_id: int, by: int, reason: str) -> None:
    """Close the account: every session and every open link of it ends at once; an audit row says who and why."""
    if user_id == by:
        raise NotYourself
    with transaction():
        user = locked(User, user_id)
        if user.disabled_at is not None:
            return
        user.disabled_at = clock.now()
        sessions.end_all(user_id)
        links.kill_others(user_id)
        record("user.disable", "user", user_id, by, {"disabled": False}, {"disabled": True}, reason)


def enable(user_id: int, by: int, reason: str) -> None:
    """Open a closed account again."""
    with transaction():
        user = locked(User, user_id)
        if user.disabled_at is None:
            return
        user.disabled_at = None
        record("user.enable", "user", user_id, by, {"disabled": True}, {"disabled": False}, reason)


def end_session(user_id: int, session_id: int) -> None:
    """End one of one's own sessions.

    Raises:
        NotFound: it is not theirs.
    """
    with transaction():
        row = locked(LoginSession, session_id, user_id=user_id)
        if row.ended_at is None:
            row.ended_at = clock.now()


def end_other_sessions(user_id: int, *, session_id: int | None) -> int:
    """End all but this one, and tell how many those were."""
    if session_id is None:
        raise NotFound("LoginSession", session_id)
    return sessions.end_all(user_id, but=session_id)


@sweeper("accounts")
def forget_old_rows() -> int:
    """Delete counted tries of yesterday, links and visitors' sessions after a week, people's after REMEMBERED."""
    now = clock.now()
    last_week = now - timedelta(days=7)
    is_person = LoginSession.user_id.is_not(None)
    over = sa.or_(_over(last_week) & ~is_person, _over(now - REMEMBERED) & is_person)
    statements = (
        sa.delete(Hit).where(Hit.at < now - timedelta(days=1)),
        sa.delete(AccountLink).where(AccountLink.expires_at < last_week),
        sa.delete(LoginSession).where(over),
    )
    with transaction():
        return sum(_deleted(statement) for statement in statements)


def _over(before: datetime) -> sa.ColumnElement[bool]:
    """Sessions that ended, by an act or by their age, before this moment."""
    return sa.or_(
        LoginSession.ended_at < before,
        LoginSession.seen_at < before - sessions.IDLE,
        LoginSession.created_at < before - sessions.ABSOLUTE,
    )


def _deleted(statement: sa.Delete) -> int:
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]

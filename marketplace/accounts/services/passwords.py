"""Forgotten, changed and asked-again passwords (security.md 23)."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.accounts import passwords, sessions, throttle
from marketplace.accounts.errors import LinkDead, WrongPassword
from marketplace.accounts.models import LinkPurpose, User
from marketplace.core.db import db, locked, transaction

from . import links
from .entry import limit_mails, prove_email, send_unknown, user_by

log = logging.getLogger("accounts")


def ask_reset(email: str, *, language: str, market_prefix: str, address: str) -> None:
    """Send a link to a new password; an unknown address is told that it has no account. The answer is the same."""
    limit_mails(email, address)
    with transaction():
        user = user_by(email)
        if user is None:
            send_unknown(email, language, market_prefix)
        elif not user.is_active:
            links.tell("account_closed", user.email, user.language)
        else:
            link = links.make(LinkPurpose.RESET, user.email, user_id=user.id, language=user.language)
            links.send("account_reset", link, market_prefix)
    log.info("reset asked")


def reset(token: str, password: str) -> int:
    """Set a new password by a link, end every session, and give the person's number.

    A password that is too easy is refused before the link is used, so that the link works for the next try.

    Raises:
        LinkDead: used or too old, or the account has been closed or has another email since.
        DomainError: the password is too easy (passwords.check).
    """
    facts = links.look_at(token, LinkPurpose.RESET)
    passwords.check(password, own_words=(facts.email,))
    password_hash = passwords.hashed(password)
    with transaction():
        link = links.use(token, LinkPurpose.RESET)
        user = locked(User, link.user_id or 0)
        if not user.is_active or user.email != link.email:
            raise LinkDead
        user.password_hash = password_hash
        prove_email(user)
        links.kill_others(user.id)
        sessions.end_all(user.id)
        links.tell_password_changed(user)
        user_id = user.id
    log.info("user %s set a new password by link", user_id)
    return user_id


def change_password(user_id: int, current: str, new: str, *, session_id: int | None) -> int:
    """Set a new password, end every other session, and tell how many those were.

    Raises:
        WrongPassword, TooManyTries: the current one was not given.
        DomainError: the new one is too easy (passwords.check).
    """
    user = prove_password(user_id, current)
    passwords.check(new, own_words=(user.email, user.full_name))
    password_hash = passwords.hashed(new)
    with transaction():
        changed = db.session.scalar(
            sa.update(User)
            .where(User.id == user_id, User.password_hash == user.password_hash)
            .values(password_hash=password_hash)
            .returning(User.id)
        )
        if changed is None:
            raise WrongPassword  # it was changed elsewhere at this moment
        links.kill_others(user_id)
        ended = sessions.end_all(user_id, but=session_id)
        links.tell_password_changed(user)
    log.info("user %s changed the password", user_id)
    return ended


def prove_password(user_id: int, password: str) -> User:
    """The person, if this is their password.

    Raises:
        WrongPassword, TooManyTries
    """
    user = db.session.get_one(User, user_id)
    hits = throttle.take((throttle.PASSWORD, str(user_id)))
    if not passwords.is_right(password, user.password_hash):
        raise WrongPassword
    throttle.give_back(hits)
    return db.session.get_one(User, user_id)

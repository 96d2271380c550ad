"""Who may sign in, and who is of the collective. Nobody decides about themselves; one admin always remains."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.accounts import services as accounts
from marketplace.accounts.models import User
from marketplace.accounts.sessions import end_all
from marketplace.audit.services import record
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l

SUBJECT = "user"


class NotYourself(DomainError):
    message = _l("This is your own account: ask another admin.")


class LastAdmin(DomainError):
    message = _l("This is the last admin who can sign in. Make another one first.")


def disable_person(user_id: int, by: int, why: str) -> None:
    """Close the account and end every session of it. Nothing is deleted; orders go on.

    Raises:
        NotYourself, LastAdmin
    """
    with transaction():
        user = _other(user_id, by)
        accounts.disable(user.id, by, why)


def enable_person(user_id: int, by: int, why: str) -> None:
    """Open a closed account again."""
    accounts.enable(user_id, by, why)


def make_admin(user_id: int, by: int, why: str) -> None:
    """Give the rights of the collective; the person signs in anew with them.

    Raises:
        NotYourself
    """
    _set_admin(user_id, by, why, is_admin=True)


def unmake_admin(user_id: int, by: int, why: str) -> None:
    """Take the rights of the collective away, in every session at once.

    Raises:
        NotYourself, LastAdmin
    """
    _set_admin(user_id, by, why, is_admin=False)


def _set_admin(user_id: int, by: int, why: str, *, is_admin: bool) -> None:
    with transaction():
        user = _other(user_id, by)
        if user.is_admin is is_admin:
            return
        user.is_admin = is_admin
        end_all(user.id)
        action = "user.make_admin" if is_admin else "user.unmake_admin"
        record(action, SUBJECT, user.id, by, {"is_admin": not is_admin}, {"is_admin": is_admin}, why)


def _other(user_id: int, by: int) -> User:
    """Somebody else, under lock. The admins are locked too: two cannot remove each other in the same instant."""
    if user_id == by:
        raise NotYourself
    active = sa.select(User.id).where(User.is_admin, User.disabled_at.is_(None)).order_by(User.id).with_for_update()
    if set(db.session.scalars(active)) == {user_id}:
        raise LastAdmin
    return locked(User, user_id)

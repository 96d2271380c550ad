"""Another email: asked for with the password, told to the old address, used once the new one confirms it."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.accounts import signals
from marketplace.accounts.errors import LinkDead, SameEmail
from marketplace.accounts.models import LinkPurpose, User
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction

from . import links
from .entry import limit_mails, send_known, user_by
from .passwords import prove_password

log = logging.getLogger("accounts")


def ask_new_email(user_id: int, email: str, password: str, *, market_prefix: str, address: str) -> None:
    """Write to both addresses. Whether the new one belongs to another account is told to its owner only.

    Raises:
        WrongPassword, TooManyTries, SameEmail
    """
    user = prove_password(user_id, password)
    if email == user.email:
        raise SameEmail
    limit_mails(email, address)
    with transaction():
        other = user_by(email)
        if other is None:
            link = links.make(LinkPurpose.NEW_EMAIL, email, user_id=user_id, language=user.language)
            links.send("account_email_new", link, market_prefix)
        else:
            send_known(other, market_prefix)
        market = links.market_in(user.language, market_prefix)
        links.tell("account_email_asked", user.email, user.language, market=market)


def confirm_new_email(token: str) -> int:
    """Use the new address from now on; links to the old one die, and it is told.

    Raises:
        LinkDead: used or too old, or the address was taken in the meantime.
    """
    with transaction():
        link = links.use(token, LinkPurpose.NEW_EMAIL)
        user = locked(User, link.user_id or 0)
        if not user.is_active or user_by(link.email) is not None:
            raise LinkDead
        old = user.email
        _move(user.id, link.email)
        links.kill_others(user.id)
        links.tell("account_email_changed", old, user.language, market=links.market_in(user.language, ""))
        signals.email_confirmed.send(None, user_id=user.id, email=link.email)
        user_id = user.id
    log.info("user %s changed the email", user_id)
    return user_id


def _move(user_id: int, email: str) -> None:
    """Two people confirming one address at the same moment: the second finds the link dead."""
    try:
        with db.session.begin_nested():
            db.session.execute(
                sa.update(User).where(User.id == user_id).values(email=email, email_confirmed_at=clock.now())
            )
    except sa.exc.IntegrityError as error:
        raise LinkDead from error

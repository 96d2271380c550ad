"""One-time links: made for a mail, looked at by a GET, used once by a POST (security.md 27)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from marketplace.accounts.errors import LinkDead
from marketplace.accounts.models import AccountLink, LinkPurpose, User
from marketplace.accounts.tokens import token_of
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.ids import hash_token, new_token
from marketplace.notifications import links as addresses
from marketplace.notifications.services import queue_mail

MINUTES = {LinkPurpose.SIGN_IN: 15}
DEFAULT_MINUTES = 60


@dataclass(frozen=True, slots=True)
class LinkFacts:
    email: str


def minutes_of(purpose: LinkPurpose) -> int:
    return MINUTES.get(purpose, DEFAULT_MINUTES)


def make(
    purpose: LinkPurpose,
    email: str,
    *,
    user_id: int | None = None,
    password_hash: str = "",
    full_name: str = "",
    language: str = "en",
) -> AccountLink:
    """A new link in the running transaction; its token is `token_of(link.salt)`."""
    salt = new_token()
    link = AccountLink(
        purpose=purpose,
        salt=salt,
        token_hash=hash_token(token_of(salt)),
        email=email,
        user_id=user_id,
        password_hash=password_hash,
        full_name=full_name,
        language=language,
        expires_at=clock.now() + timedelta(minutes=minutes_of(purpose)),
    )
    db.session.add(link)
    db.session.flush()
    return link


def link_for(user_id: int, purpose: LinkPurpose) -> str:
    """The token of a new link for this person's own email."""
    with transaction():
        user = db.session.get_one(User, user_id)
        return token_of(make(purpose, user.email, user_id=user_id, language=user.language).salt)


def look_at(token: str, purpose: LinkPurpose) -> LinkFacts:
    """What a link that still works is for; changes nothing.

    Raises:
        LinkDead: used, too old, or never made.
    """
    link = db.session.scalar(sa.select(AccountLink).where(*_alive(token, purpose)))
    if link is None:
        raise LinkDead
    return LinkFacts(link.email)


def use(token: str, purpose: LinkPurpose) -> AccountLink:
    """Take the link, once: of two at the same moment the second finds it dead.

    Raises:
        LinkDead: used, too old, or never made.
    """
    taken = db.session.scalar(
        sa.update(AccountLink).where(*_alive(token, purpose)).values(used_at=clock.now()).returning(AccountLink.id)
    )
    if taken is None:
        raise LinkDead
    return db.session.get_one(AccountLink, taken, populate_existing=True)


def kill_others(user_id: int) -> None:
    """What was asked for before works no longer."""
    db.session.execute(
        sa.update(AccountLink)
        .where(AccountLink.user_id == user_id, AccountLink.used_at.is_(None))
        .values(used_at=clock.now())
    )


def _alive(token: str, purpose: LinkPurpose) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        AccountLink.token_hash == hash_token(token),
        AccountLink.purpose == purpose,
        AccountLink.used_at.is_(None),
        AccountLink.expires_at > clock.now(),
    )


def send(template: str, link: AccountLink, market_prefix: str) -> None:
    """Queue the mail that carries this link; it knows the salt, never the token."""
    queue_mail(
        template,
        to=link.email,
        language=link.language,
        key=f"{template}:{link.token_hash[:32]}",
        context={
            "salt": link.salt,
            "market": market_in(link.language, market_prefix),
            "minutes": minutes_of(link.purpose),
        },
    )


def tell(template: str, to: str, language: str, **context: str) -> None:
    """Queue a mail without a link of its own; every one is news."""
    queue_mail(template, to=to, language=language, key=f"{template}:{new_token()}", context=context)


def tell_password_changed(user: User) -> None:
    tell("account_password_changed", user.email, user.language, market=addresses.prefix_of(user.language))


def market_in(language: str, market_prefix: str) -> str:
    """The market of the page that was used, unless the mail speaks another language than its pages."""
    speaks_indonesian = market_prefix == addresses.prefix_of("id")
    return market_prefix if speaks_indonesian == (language == "id") else addresses.prefix_of(language)

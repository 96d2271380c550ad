"""The door: sign up, confirm, sign in. Its answers are the same whether or not an account exists."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.accounts import passwords, signals, throttle
from marketplace.accounts.errors import AccountClosed, LinkDead, WrongCredentials
from marketplace.accounts.models import AccountLink, LinkPurpose, LoginSession, User
from marketplace.core import clock
from marketplace.core.db import db, insert_ignore, locked, transaction

from . import links

log = logging.getLogger("accounts")


@dataclass(frozen=True, slots=True)
class SignUp:
    """`email` is trimmed and in lower case; `language` is the page's, `market_prefix` the one of its address."""

    email: str
    password: str
    full_name: str = ""
    language: str = "en"
    market_prefix: str = ""


def sign_up(request: SignUp, *, address: str, quick: bool = False) -> None:
    """Send a link that makes the account, or tell the owner of the account that there is one.

    The caller learns nothing from the answer, nor from the time it takes. `quick`: the form came back faster than
    people type; fewer of those are taken from one address.

    Raises:
        DomainError: the password is too easy (passwords.check), or too many were asked for.
    """
    passwords.check(request.password, own_words=(request.email, request.full_name))
    limit_mails(request.email, address, quick=quick)
    password_hash = passwords.hashed(request.password)
    with transaction():
        user = user_by(request.email)
        if user is None:
            link = links.make(
                LinkPurpose.CONFIRM,
                request.email,
                password_hash=password_hash,
                full_name=request.full_name,
                language=request.language,
            )
            links.send("account_confirm", link, request.market_prefix)
        else:
            send_known(user, request.market_prefix)
    log.info("sign-up asked")


def send_known(user: User, market_prefix: str) -> None:
    """'You have an account already', with a way to a new password; in a closed one only that it is closed."""
    if not user.is_active:
        links.tell("account_closed", user.email, user.language)
        return
    link = links.make(LinkPurpose.RESET, user.email, user_id=user.id, language=user.language)
    links.send("account_known", link, market_prefix)


def confirm(token: str) -> int:
    """Make the account that waits behind the link, and give its person's number: they are signed in.

    Raises:
        LinkDead: used or too old, or the account was made by an earlier link.
    """
    with transaction():
        link = links.use(token, LinkPurpose.CONFIRM)
        now = clock.now()
        is_new = insert_ignore(
            User,
            email=link.email,
            email_confirmed_at=now,
            password_hash=link.password_hash,
            full_name=link.full_name,
            language=link.language,
            is_admin=False,
            created_at=now,
        )
        if not is_new:
            raise LinkDead
        user_id = db.session.scalars(sa.select(User.id).where(User.email == link.email)).one()
        _forget_password(link)
        signals.email_confirmed.send(None, user_id=user_id, email=link.email)
    log.info("user %s confirmed", user_id)
    return user_id


def _forget_password(link: AccountLink) -> None:
    """What waited is in its place: no second copy of the hash stays behind."""
    db.session.execute(sa.update(AccountLink).where(AccountLink.email == link.email).values(password_hash=""))


def authenticate(email: str, password: str, address: str) -> int:
    """The number of the person whose email and password these are.

    An unknown email takes as long as a wrong password. Ten failures in five minutes, for one account or from one
    address, close the door for the rest of them; right ones do not count.

    Raises:
        WrongCredentials: or the email is not confirmed; which of them, nobody learns.
        TooManyTries: with how many minutes to wait.
        AccountClosed: the password is right, and staff have closed the account.
    """
    user = user_by(email)
    hits = throttle.take(
        (throttle.SIGN_IN_ACCOUNT, whose(email, user.id if user else 0, address)),
        (throttle.SIGN_IN_ADDRESS, throttle.network(address)),
    )
    is_right = passwords.is_right(password, user.password_hash if user else None)
    if user is None or not is_right or user.email_confirmed_at is None:
        log.info("sign-in refused from %s", address)
        raise WrongCredentials
    throttle.give_back(hits)
    if not user.is_active:
        raise AccountClosed
    if passwords.is_outdated(user.password_hash):
        _rehash(user.id, user.password_hash, password)
    log.info("user %s signed in from %s", user.id, address)
    return user.id


def whose(account: str, user_id: int, address: str) -> str:
    """Where the owner has been before, guesses from elsewhere do not lock the owner out: another bucket counts."""
    known = db.session.scalar(
        sa.select(LoginSession.id).where(LoginSession.user_id == user_id, LoginSession.address == address[:64]).limit(1)
    )
    return f"{account} {address}" if known else account


def _rehash(user_id: int, kept: str, password: str) -> None:
    """At today's cost, unless the password was changed at this moment."""
    with transaction():
        db.session.execute(
            sa.update(User)
            .where(User.id == user_id, User.password_hash == kept)
            .values(password_hash=passwords.hashed(password))
        )


def ask_sign_in_link(email: str, *, language: str, market_prefix: str, address: str) -> None:
    """A link that signs in once, for 15 minutes; an unknown address is told that it has no account."""
    limit_mails(email, address)
    with transaction():
        user = user_by(email)
        if user is None:
            send_unknown(email, language, market_prefix)
        elif not user.is_active:
            links.tell("account_closed", user.email, user.language)
        else:
            link = links.make(LinkPurpose.SIGN_IN, user.email, user_id=user.id, language=user.language)
            links.send("account_sign_in", link, market_prefix)


def sign_in_by_link(token: str) -> int:
    """The person's number, once.

    Raises:
        LinkDead: used or too old, or the account has been closed or has another email since.
    """
    with transaction():
        link = links.use(token, LinkPurpose.SIGN_IN)
        user = locked(User, link.user_id or 0)
        if not user.is_active or user.email != link.email:
            raise LinkDead
        prove_email(user)
        return user.id


def prove_email(user: User) -> None:
    """Who opens a link from the mailbox owns the address."""
    if user.email_confirmed_at is None:
        user.email_confirmed_at = clock.now()
        db.session.flush()
        signals.email_confirmed.send(None, user_id=user.id, email=user.email)


def send_unknown(email: str, language: str, market_prefix: str) -> None:
    links.tell("account_unknown", email, language, market=links.market_in(language, market_prefix))


def limit_mails(email: str, address: str, *, quick: bool = False) -> None:
    """Nobody makes us write many mails. Raises TooManyTries."""
    tries = [(throttle.MAIL_ACCOUNT, email), (throttle.MAIL_ADDRESS, throttle.network(address))]
    if quick:
        tries.append((throttle.QUICK_ADDRESS, throttle.network(address)))
    throttle.take(*tries)


def user_by(email: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.email == email))

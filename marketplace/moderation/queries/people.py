"""People for the back office: found by name or email, and one with sessions, orders and workshops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import LoginSession, User
from marketplace.audit.queries import AuditEntry, of_subject
from marketplace.core.db import db
from marketplace.core.pagination import PAGE, Page, cut, encode_key
from marketplace.orders.models import Order
from marketplace.workshops.models import Application, ApplicationStatus, Member, Workshop

from .keys import RECORD, before_ident, pattern


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    name: str
    email: str
    is_admin: bool
    is_disabled: bool
    is_confirmed: bool
    workshop_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    began_at: datetime
    seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    email: str
    language: str
    is_admin: bool
    is_disabled: bool
    confirmed_at: datetime | None
    created_at: datetime
    order_count: int
    workshops: Sequence[tuple[int, str]]
    application: tuple[int, ApplicationStatus] | None
    sessions: Sequence[Session]
    record: Sequence[AuditEntry]


def people(text: str = "", *, only_admins: bool = False, after: str | None = None) -> Page[Row]:
    """The newest first; one statement."""
    name = (
        sa.select(Workshop.name)
        .join(Member, Member.workshop_id == Workshop.id)
        .where(Member.user_id == User.id)
        .order_by(Member.id)
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(User, name).where(before_ident(User.id, after)).order_by(User.id.desc()).limit(PAGE + 1)
    if only_admins:
        query = query.where(User.is_admin)
    if text:
        like = pattern(text)
        query = query.where(sa.or_(User.email.ilike(like, escape="\\"), User.full_name.ilike(like, escape="\\")))
    rows = [
        Row(
            user.id,
            user.full_name,
            user.email,
            user.is_admin,
            user.disabled_at is not None,
            user.email_confirmed_at is not None,
            workshop_name or "",
            user.created_at,
        )
        for user, workshop_name in db.session.execute(query)
    ]
    return cut(rows, PAGE, lambda row: encode_key(row.id))


def person(user_id: int) -> Person | None:
    """One person; five statements."""
    orders = sa.select(sa.func.count()).where(Order.user_id == User.id).scalar_subquery()
    row = db.session.execute(sa.select(User, orders).where(User.id == user_id)).first()
    if row is None:
        return None
    user, order_count = row
    workshops = db.session.execute(
        sa.select(Workshop.id, Workshop.name)
        .join(Member, Member.workshop_id == Workshop.id)
        .where(Member.user_id == user_id)
        .order_by(Member.id)
    )
    application = db.session.execute(
        sa.select(Application.id, Application.status).where(
            Application.user_id == user_id, Application.status != ApplicationStatus.DRAFT
        )
    ).first()
    return Person(
        id=user.id,
        name=user.full_name,
        email=user.email,
        language=user.language,
        is_admin=user.is_admin,
        is_disabled=user.disabled_at is not None,
        confirmed_at=user.email_confirmed_at,
        created_at=user.created_at,
        order_count=order_count,
        workshops=[(ident, name) for ident, name in workshops],
        application=(application.id, application.status) if application else None,
        sessions=_sessions(user_id),
        record=of_subject("user", user_id, RECORD),
    )


def _sessions(user_id: int) -> list[Session]:
    rows = db.session.scalars(
        sa.select(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
        .order_by(LoginSession.seen_at.desc())
        .limit(20)
    )
    return [Session(row.created_at, row.seen_at, row.address, row.agent) for row in rows]

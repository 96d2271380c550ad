"""Who belongs to a workshop, who is invited, and for which workshops one works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.accounts.tokens import token_of
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.ids import hash_token

from ..models import Invitation, Member, MemberRole, Workshop
from ..roles import may


@dataclass(frozen=True, slots=True)
class MemberView:
    id: int
    user_id: int
    name: str
    email: str
    role: MemberRole
    has_second_factor: bool
    invited_by: str  # '' for who was there first
    since: datetime


@dataclass(frozen=True, slots=True)
class InvitationView:
    id: int
    email: str
    role: MemberRole
    by: str
    expires_at: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class OfferView:
    """What the link of an invitation shows."""

    workshop_name: str
    initials: str
    by: str
    email: str
    role: MemberRole
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A workshop that the person works for."""

    id: int
    name: str
    initials: str
    role: MemberRole
    is_suspended: bool


def members_of(workshop_id: int) -> list[MemberView]:
    """Owners first, then in the order of their coming; one statement."""
    inviter = sa.orm.aliased(User)
    rows = db.session.execute(
        sa.select(Member, User, inviter)
        .join(User, User.id == Member.user_id)
        .outerjoin(inviter, inviter.id == Member.invited_by)
        .where(Member.workshop_id == workshop_id)
        .order_by((Member.role == MemberRole.OWNER).desc(), Member.id)
    )
    return [
        MemberView(
            member.id,
            user.id,
            _called(user),
            user.email,
            member.role,
            user.has_second_factor,
            _called(by) if by is not None else "",
            member.created_at,
        )
        for member, user, by in rows
    ]


def invitations_of(workshop_id: int) -> list[InvitationView]:
    """Those that wait for an answer, the newest first; one statement."""
    rows = db.session.execute(
        sa.select(Invitation, User)
        .join(User, User.id == Invitation.invited_by)
        .where(Invitation.workshop_id == workshop_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
        .order_by(Invitation.id.desc())
    )
    now = clock.now()
    return [
        InvitationView(row.id, row.email, row.role, _called(by), row.expires_at, row.expires_at <= now)
        for row, by in rows
    ]


def offer(token: str) -> OfferView | None:
    """What a link that still works offers, to whoever holds it."""
    row = db.session.execute(
        sa.select(Invitation, Workshop, User)
        .join(Workshop, Workshop.id == Invitation.workshop_id)
        .join(User, User.id == Invitation.invited_by)
        .where(Invitation.token_hash == hash_token(token), *_alive())
    ).one_or_none()
    if row is None:
        return None
    invitation, workshop, by = row
    return OfferView(
        workshop.name, workshop.initials, _called(by), invitation.email, invitation.role, invitation.expires_at
    )


def offer_to(user_id: int) -> str | None:
    """The token of the newest invitation to this person's own, confirmed email: it waits at the first page."""
    salt = db.session.scalar(
        sa.select(Invitation.salt)
        .join(Workshop, Workshop.id == Invitation.workshop_id)
        .join(User, User.email == Invitation.email)
        .where(User.id == user_id, User.email_confirmed_at.is_not(None), *_alive())
        .order_by(Invitation.id.desc())
        .limit(1)
    )
    return token_of(salt) if salt else None


def may_still(user_id: int, workshop_id: int, act: str) -> bool:
    """Whether the person works for the workshop now, in a role that allows the act: for what runs later than asked."""
    query = sa.select(Member.role).where(Member.user_id == user_id, Member.workshop_id == workshop_id)
    role = db.session.scalar(query)
    return role is not None and may(role, act)


def _alive() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
        Workshop.closed_at.is_(None),
    )


def workshops_of(user_id: int) -> list[PlaceView]:
    """Every workshop that the person works for, in the order of joining; one statement."""
    rows = db.session.execute(
        sa.select(Workshop, Member.role)
        .join(Member, Member.workshop_id == Workshop.id)
        .where(Member.user_id == user_id, Workshop.closed_at.is_(None))
        .order_by(Member.id)
    )
    return [
        PlaceView(workshop.id, workshop.name, workshop.initials, role, workshop.suspended_at is not None)
        for workshop, role in rows
    ]


def _called(user: User) -> str:
    return user.full_name or user.email

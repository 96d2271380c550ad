"""News of who belongs to a workshop, in its reader's language; queued in the transaction that it tells about."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import speaking
from marketplace.core.ids import new_token
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail

from .models import Invitation, Member, MemberRole, Workshop
from .roles import may_in_words, name_of


def invited(row: Invitation, workshop: Workshop, days: int) -> None:
    """In the language of who invites: of who reads it we must not know anything."""
    by = db.session.get_one(User, row.invited_by)
    with speaking(by.language):
        facts = {"role": str(name_of(row.role)), "may": str(may_in_words(row.role))}
    queue_mail(
        "member_invited",
        to=row.email,
        language=by.language,
        key=f"member_invited:{row.token_hash[:32]}",
        context={
            "by": _called(by),
            "workshop_name": workshop.name,
            "salt": row.salt,
            "market": links.prefix_of(by.language),
            "days": days,
            **facts,
        },
    )


def joined(workshop: Workshop, user: User, role: MemberRole) -> None:
    """To the owners."""
    for owner in _owners(workshop.id):
        if owner.id != user.id:
            with speaking(owner.language):
                word = str(name_of(role))
            _tell(
                "member_joined",
                owner,
                workshop,
                name=_called(user),
                role=word,
                link=links.absolute("seller_people.index"),
            )


def role_changed(workshop: Workshop, user: User, role: MemberRole, by: int) -> None:
    """To the person and to the owners, but for who did it."""
    doer = _called(db.session.get_one(User, by))
    for reader in _readers(workshop.id, user):
        with speaking(reader.language):
            facts = {"role": str(name_of(role)), "may": str(may_in_words(role))}
        _tell("member_role", reader, workshop, name=_called(user), by=doer, is_you=reader.id == user.id, **facts)


def removed(workshop: Workshop, user: User, by: int) -> None:
    """To the person and to the owners."""
    doer = _called(db.session.get_one(User, by))
    for reader in _readers(workshop.id, user):
        facts = {"is_you": reader.id == user.id, "has_left": by == user.id}
        _tell("member_removed", reader, workshop, name=_called(user), by=doer, **facts)


def _readers(workshop_id: int, user: User) -> list[User]:
    return [user, *(owner for owner in _owners(workshop_id) if owner.id != user.id)]


def _owners(workshop_id: int) -> list[User]:
    query = sa.select(User).join(Member, Member.user_id == User.id)
    query = query.where(
        Member.workshop_id == workshop_id, Member.role == MemberRole.OWNER, User.disabled_at.is_(None)
    ).order_by(User.id)
    return list(db.session.scalars(query))


def _called(user: User) -> str:
    return user.full_name or user.email


def _tell(template: str, reader: User, workshop: Workshop, **facts: object) -> None:
    """Every time is news of its own."""
    queue_mail(
        template,
        to=reader.email,
        language=reader.language,
        key=f"{template}:{reader.id}:{clock.now().timestamp():.0f}:{new_token()[:8]}",
        context={"workshop_name": workshop.name, **facts},
    )

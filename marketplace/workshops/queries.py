"""Reads about workshops and applications."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.db import db

from .models import Member, MemberRole, Workshop


@dataclass(frozen=True, slots=True)
class OwnWorkshop:
    """The workshop of the person who is signed in: `g.workshop` on every seller's page."""

    id: int
    slug: str
    name: str
    initials: str
    contact_name: str
    form_of_address: str
    is_suspended: bool
    suspension_reason: str
    role: MemberRole

    @property
    def greeting_name(self) -> str:
        return f"{self.form_of_address} {self.contact_name}".strip() or self.name


def workshop_of(user_id: int) -> OwnWorkshop | None:
    """The workshop that this person works for, or None."""
    row = db.session.execute(
        sa.select(Workshop, Member.role)
        .join(Member, Member.workshop_id == Workshop.id)
        .where(Member.user_id == user_id, Workshop.closed_at.is_(None))
        .order_by(Member.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    workshop, role = row
    return OwnWorkshop(
        workshop.id,
        workshop.slug,
        workshop.name,
        workshop.initials,
        workshop.contact_name,
        workshop.form_of_address,
        workshop.suspended_at is not None,
        workshop.suspension_reason,
        role,
    )

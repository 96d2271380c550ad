"""Reads about workshops and applications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import db

from ..models import Application, ApplicationPhoto, ApplicationStatus, Member, MemberRole, Workshop
from ..reasons import reason_of
from ..roles import may


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
    siblings: int = 0  # other workshops that the person works for

    def may(self, act: str) -> bool:
        """Whether the person's role allows the act (workshops/roles.py)."""
        return may(self.role, act)

    @property
    def greeting_name(self) -> str:
        return f"{self.form_of_address} {self.contact_name}".strip() or self.name


def workshop_of(user_id: int, chosen: int | None = None) -> OwnWorkshop | None:
    """The workshop that this person works for, or None; of several the chosen one, or else the first."""
    rows = db.session.execute(
        sa.select(Workshop, Member.role)
        .join(Member, Member.workshop_id == Workshop.id)
        .where(Member.user_id == user_id, Workshop.closed_at.is_(None))
        .order_by((Workshop.id == (chosen or 0)).desc(), Member.id)
    ).all()
    if not rows:
        return None
    workshop, role = rows[0]
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
        len(rows) - 1,
    )


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """The applicant's own page: what was typed, where it stands, what the collective answered."""

    id: int
    status: ApplicationStatus
    workshop_name: str
    contact_name: str
    form_of_address: str
    phone: str
    banjar: str
    since_year: int | None
    artisan_count: int | None
    specialities: tuple[str, ...]
    story: str
    story_language: str
    agreed: bool
    photos: Sequence[tuple[int, str]]  # (photo id, kind) in the order of the page
    reason_code: str
    words: str  # of the admin, in the applicant's language
    submitted_at: datetime | None
    decided_at: datetime | None
    updated_at: datetime

    @property
    def is_editable(self) -> bool:
        return self.status not in (ApplicationStatus.APPLIED, ApplicationStatus.APPROVED)

    @property
    def reason_title(self) -> str:
        reason = reason_of(self.reason_code)
        return str(reason.title) if reason else ""

    @property
    def reason_advice(self) -> str:
        reason = reason_of(self.reason_code)
        return str(reason.advice) if reason else ""


def application_of(user_id: int) -> OwnApplication | None:
    """The person's application, or None; two statements."""
    row = db.session.scalar(sa.select(Application).where(Application.user_id == user_id))
    if row is None:
        return None
    photos = db.session.execute(
        sa.select(ApplicationPhoto.photo_id, ApplicationPhoto.kind)
        .where(ApplicationPhoto.application_id == row.id)
        .order_by(ApplicationPhoto.kind, ApplicationPhoto.position, ApplicationPhoto.id)
    )
    return OwnApplication(
        id=row.id,
        status=row.status,
        workshop_name=row.workshop_name,
        contact_name=row.contact_name,
        form_of_address=row.form_of_address,
        phone=row.phone,
        banjar=row.banjar,
        since_year=row.since_year,
        artisan_count=row.artisan_count,
        specialities=tuple(row.specialities),
        story=row.story,
        story_language=row.story_language,
        agreed=row.agreed_at is not None,
        photos=[(photo_id, kind) for photo_id, kind in photos],
        reason_code=row.reason_code,
        words=row.reason,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        updated_at=row.updated_at,
    )

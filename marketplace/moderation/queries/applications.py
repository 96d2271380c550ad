"""The queue of applications, and one of them with its checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.audit.queries import AuditEntry, of_subject
from marketplace.core.db import db
from marketplace.core.pagination import PAGE, Page, cut
from marketplace.media import queries as media
from marketplace.workshops.models import Application, ApplicationPhoto, ApplicationStatus, Workshop

from .keys import RECORD, after_moment, moment_key

KINDS = ("bench", "piece", "proof")
ENOUGH_PIECES = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue. `lacks` names the checks that are not met: 'email', 'bench', 'piece', 'proof', 'name'."""

    id: int
    workshop_name: str
    contact_name: str
    status: ApplicationStatus
    submitted_at: datetime
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    kind: str
    photo: media.PhotoView | None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that the collective looks at before it decides."""

    id: int
    user_id: int
    status: ApplicationStatus
    workshop_name: str
    contact_name: str
    form_of_address: str
    full_name: str
    email: str
    language: str
    phone: str
    banjar: str
    since_year: int | None
    artisan_count: int | None
    specialities: tuple[str, ...]
    story: str
    story_language: str
    agreed_at: datetime | None
    submitted_at: datetime | None
    decided_at: datetime | None
    reason_code: str
    words: str
    workshop_id: int | None
    is_confirmed: bool
    namesakes: int  # open workshops of the same name
    proofs: Sequence[Proof]
    record: Sequence[AuditEntry]

    @property
    def is_waiting(self) -> bool:
        return self.status is ApplicationStatus.APPLIED

    @property
    def lacks(self) -> tuple[str, ...]:
        counts = {kind: len(self.photos(kind)) for kind in KINDS}
        return lacking(self.is_confirmed, counts, self.namesakes)

    def photos(self, kind: str) -> list[Proof]:
        return [proof for proof in self.proofs if proof.kind == kind]


def lacking(is_confirmed: bool, counts: dict[str, int], namesakes: int) -> tuple[str, ...]:
    """The checks that the rows themselves can answer; the rest is for people."""
    met = {
        "email": is_confirmed,
        "bench": counts["bench"] > 0,
        "piece": counts["piece"] >= ENOUGH_PIECES,
        "proof": counts["proof"] > 0,
        "name": namesakes == 0,
    }
    return tuple(name for name, is_met in met.items() if not is_met)


def waiting(
    status: ApplicationStatus = ApplicationStatus.APPLIED, after: str | None = None, limit: int = PAGE
) -> Page[Waiting]:
    """In the order in which they were first handed in; one statement."""
    count = [
        sa.select(sa.func.count())
        .where(ApplicationPhoto.application_id == Application.id, ApplicationPhoto.kind == kind)
        .scalar_subquery()
        .label(kind)
        for kind in KINDS
    ]
    handed_in = sa.func.coalesce(Application.submitted_at, Application.created_at, type_=Application.created_at.type)
    rows = db.session.execute(
        sa.select(
            Application.id,
            Application.workshop_name,
            Application.contact_name,
            Application.status,
            handed_in.label("handed_in"),
            User.email_confirmed_at,
            _namesakes().label("namesakes"),
            *count,
        )
        .join(User, User.id == Application.user_id)
        .where(Application.status == status, after_moment(handed_in, Application.id, after))
        .order_by(handed_in, Application.id)
        .limit(limit + 1)
    )
    found = [
        Waiting(
            row.id,
            row.workshop_name,
            row.contact_name,
            row.status,
            row.handed_in,
            lacking(row.email_confirmed_at is not None, {kind: getattr(row, kind) for kind in KINDS}, row.namesakes),
        )
        for row in rows
    ]
    return cut(found, limit, lambda row: moment_key(row.submitted_at, row.id))


def _namesakes() -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .where(
            sa.func.lower(Workshop.name) == sa.func.lower(Application.workshop_name),
            Workshop.closed_at.is_(None),
            Workshop.id != sa.func.coalesce(Application.workshop_id, 0),
        )
        .scalar_subquery()
    )


def case(application_id: int) -> Case | None:
    """One application with its proofs and its record; drafts are nobody's business. Four statements."""
    row = db.session.execute(
        sa.select(Application, User, _namesakes().label("namesakes"))
        .join(User, User.id == Application.user_id)
        .where(Application.id == application_id, Application.status != ApplicationStatus.DRAFT)
    ).first()
    if row is None:
        return None
    application, user, namesakes = row
    return Case(
        id=application.id,
        user_id=user.id,
        status=application.status,
        workshop_name=application.workshop_name,
        contact_name=application.contact_name,
        form_of_address=application.form_of_address,
        full_name=user.full_name,
        email=user.email,
        language=user.language,
        phone=application.phone,
        banjar=application.banjar,
        since_year=application.since_year,
        artisan_count=application.artisan_count,
        specialities=tuple(application.specialities),
        story=application.story,
        story_language=application.story_language,
        agreed_at=application.agreed_at,
        submitted_at=application.submitted_at,
        decided_at=application.decided_at,
        reason_code=application.reason_code,
        words=application.reason,
        workshop_id=application.workshop_id,
        is_confirmed=user.email_confirmed_at is not None,
        namesakes=namesakes,
        proofs=_proofs(application.id),
        record=of_subject("application", application.id, RECORD),
    )


def _proofs(application_id: int) -> list[Proof]:
    rows = db.session.execute(
        sa.select(ApplicationPhoto.photo_id, ApplicationPhoto.kind)
        .where(ApplicationPhoto.application_id == application_id)
        .order_by(ApplicationPhoto.kind, ApplicationPhoto.position, ApplicationPhoto.id)
    ).all()
    views = media.photo_views([row.photo_id for row in rows])
    return [Proof(row.kind, views.get(row.photo_id)) for row in rows]

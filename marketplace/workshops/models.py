"""The seller's business: what a maker applies with, the workshop that comes of it, who belongs to it."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, MaybeUtc, Pk, Utc, fk, text_enum
from marketplace.core.errors import IllegalTransition


class ApplicationStatus(enum.StrEnum):
    DRAFT = "draft"
    APPLIED = "applied"
    SENT_BACK = "sent_back"  # the collective asks for more; keeps its place in the queue
    APPROVED = "approved"
    REJECTED = "rejected"


class Application(Base):
    """One person's wish to sell here. A workshop is made when it is approved, not before."""

    __tablename__ = "applications"
    __table_args__ = (sa.Index("ix_applications_queue", "status", "submitted_at"),)
    MOVES: ClassVar = {
        ApplicationStatus.DRAFT: {ApplicationStatus.APPLIED},
        ApplicationStatus.APPLIED: {
            ApplicationStatus.SENT_BACK,
            ApplicationStatus.APPROVED,
            ApplicationStatus.REJECTED,
        },
        ApplicationStatus.SENT_BACK: {ApplicationStatus.APPLIED},
        ApplicationStatus.REJECTED: {ApplicationStatus.APPLIED},  # an appeal, with what was missing
        ApplicationStatus.APPROVED: set(),
    }

    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), unique=True)
    status: Mapped[ApplicationStatus] = mapped_column(text_enum(ApplicationStatus), default=ApplicationStatus.DRAFT)
    workshop_name: Mapped[str] = mapped_column(sa.String(80), default="")
    contact_name: Mapped[str] = mapped_column(sa.String(120), default="")
    form_of_address: Mapped[str] = mapped_column(sa.String(10), default="")  # Ibu, Bapak
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    banjar: Mapped[str] = mapped_column(sa.String(60), default="")
    since_year: Mapped[int | None]
    artisan_count: Mapped[int | None]
    specialities: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # technique codes
    story: Mapped[str] = mapped_column(sa.Text, default="")
    story_language: Mapped[str] = mapped_column(sa.String(2), default="id")
    agreed_at: Mapped[MaybeUtc]  # to the terms
    submitted_at: Mapped[MaybeUtc]  # first time; decides the place in the queue
    decided_at: Mapped[MaybeUtc]
    decided_by: Mapped[int | None] = fk("users.id")
    reason_code: Mapped[str] = mapped_column(sa.String(40), default="")  # workshops/reasons.py
    reason: Mapped[str] = mapped_column(sa.String(1000), default="")  # what the applicant reads
    workshop_id: Mapped[int | None] = fk("workshops.id")
    created_at: Mapped[Utc]
    updated_at: Mapped[Utc]

    def move_to(self, status: ApplicationStatus, at: datetime) -> None:
        if status not in self.MOVES[self.status]:
            raise IllegalTransition(self.status, status)
        self.status = status
        if status is ApplicationStatus.APPLIED:
            self.submitted_at = self.submitted_at or at
        else:
            self.decided_at = at


class ApplicationPhoto(Base):
    """Proof: the bench, the maker at work, pieces."""

    __tablename__ = "application_photos"
    __table_args__ = (sa.UniqueConstraint("application_id", "photo_id"),)

    id: Mapped[Pk]
    application_id: Mapped[int] = fk("applications.id")
    photo_id: Mapped[int] = fk("photos.id")
    kind: Mapped[str] = mapped_column(sa.String(20))  # bench, piece, proof
    position: Mapped[int] = mapped_column(default=0)


CLOSED_DAYS = ("sunday", "galungan", "kuningan", "nyepi", "tumpek-landep")  # domain.md 5.3; a workshop may drop some


class Workshop(Base):
    """`suspended_at` is a flag beside the rest, so that reinstating restores exactly (architecture.md)."""

    __tablename__ = "workshops"

    id: Mapped[Pk]
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    initials: Mapped[str] = mapped_column(sa.String(2))  # in the round mark
    contact_name: Mapped[str] = mapped_column(sa.String(120), default="")
    form_of_address: Mapped[str] = mapped_column(sa.String(10), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")  # where news of orders goes
    language: Mapped[str] = mapped_column(sa.String(2), default="id")
    banjar: Mapped[str] = mapped_column(sa.String(60), default="Celuk")
    since_year: Mapped[int | None]
    artisan_count: Mapped[int | None]
    specialities: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    story_en: Mapped[str] = mapped_column(sa.Text, default="")
    story_id: Mapped[str] = mapped_column(sa.Text, default="")
    photo_id: Mapped[int | None] = mapped_column(sa.ForeignKey("photos.id", use_alter=True))
    is_trusted: Mapped[bool] = mapped_column(default=False)  # its new pieces need no look before they are shown
    approved_at: Mapped[Utc]
    suspended_at: Mapped[MaybeUtc]
    suspension_reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    closed_at: Mapped[MaybeUtc]
    closed_days: Mapped[list[str]] = mapped_column(sa.JSON, default=lambda: list(CLOSED_DAYS))  # which of them it keeps
    answer_minutes: Mapped[int | None]  # half of its answers to buyers came quicker; None: too few to say
    version: Mapped[int] = mapped_column(default=1)  # counts what its public page shows
    created_at: Mapped[Utc]

    @property
    def in_good_standing(self) -> bool:
        return self.suspended_at is None and self.closed_at is None


class MemberRole(enum.StrEnum):
    OWNER = "owner"
    MAKER = "maker"
    PACKER = "packer"


class Member(Base):
    __tablename__ = "members"
    __table_args__ = (sa.UniqueConstraint("workshop_id", "user_id"),)

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshops.id")
    user_id: Mapped[int] = fk("users.id")
    role: Mapped[MemberRole] = mapped_column(text_enum(MemberRole), default=MemberRole.OWNER)
    invited_by: Mapped[int | None] = fk("users.id")
    created_at: Mapped[Utc]


class Invitation(Base):
    """A link in a mail that makes its reader a member, once; the token is kept as a hash only."""

    __tablename__ = "invitations"
    __table_args__ = (
        sa.Index(  # one open invitation for an address
            "uq_invitations_open",
            "workshop_id",
            "email",
            unique=True,
            sqlite_where=sa.text("accepted_at is null and revoked_at is null"),
            postgresql_where=sa.text("accepted_at is null and revoked_at is null"),
        ),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshops.id")
    email: Mapped[str] = mapped_column(sa.String(254))
    role: Mapped[MemberRole] = mapped_column(text_enum(MemberRole))
    salt: Mapped[str] = mapped_column(sa.String(32))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invited_by: Mapped[int] = fk("users.id", index=False)
    created_at: Mapped[Utc]
    expires_at: Mapped[Utc]
    accepted_at: Mapped[MaybeUtc]
    accepted_by: Mapped[int | None] = fk("users.id", index=False)
    revoked_at: Mapped[MaybeUtc]


class Closure(Base):
    """A holiday of one workshop, both days included: it closes and opens by itself, and its days make no lead time."""

    __tablename__ = "closures"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="days"),
        sa.Index("ix_closures_workshop", "workshop_id", "ends_on"),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshops.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    takes_orders: Mapped[bool] = mapped_column(default=False)  # orders are taken meanwhile, their dates move
    message_id: Mapped[str] = mapped_column(sa.String(300), default="")
    message_en: Mapped[str] = mapped_column(sa.String(300), default="")
    created_by: Mapped[int | None] = fk("users.id", index=False)
    created_at: Mapped[Utc]
    shown_state: Mapped[str] = mapped_column(sa.String(10), default="coming")  # what the public pages were last told


class BankAccount(Base):
    """Where a workshop's money goes. Number and holder are kept encrypted (core/sealing.py); the old ones stay."""

    __tablename__ = "bank_accounts"
    __table_args__ = (
        sa.Index(
            "uq_bank_accounts_current",
            "workshop_id",
            unique=True,
            sqlite_where=sa.text("replaced_at is null"),
            postgresql_where=sa.text("replaced_at is null"),
        ),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshops.id")
    bank_code: Mapped[str] = mapped_column(sa.String(10))  # workshops/banks.py
    number_sealed: Mapped[str] = mapped_column(sa.Text)  # digits, leading zeros kept
    holder_sealed: Mapped[str] = mapped_column(sa.Text)  # as printed in the passbook
    last_digits: Mapped[str] = mapped_column(sa.String(4))
    changed_at: Mapped[Utc]
    changed_by: Mapped[int | None] = fk("users.id")
    usable_at: Mapped[Utc]  # no payout goes there before: three days after a change
    problem: Mapped[str] = mapped_column(sa.String(200), default="")  # the bank sent money back
    replaced_at: Mapped[MaybeUtc]

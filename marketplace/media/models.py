"""A photo: the private original, and the renditions made from it."""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, MaybeUtc, Pk, Utc, fk, text_enum


class PhotoStatus(enum.StrEnum):
    RECEIVED = "received"  # checked and kept; renditions are still to be made
    READY = "ready"
    FAILED = "failed"


class PhotoShape(enum.StrEnum):
    PIECE = "piece"  # 4:5
    WIDE = "wide"  # 2:1
    FREE = "free"  # as it is: proofs
    PRIVATE = "private"  # as it is, for the two sides of a talk: its renditions are as private as the original

    @property
    def cut(self) -> str:
        """How the darkroom cuts it."""
        return "free" if self is PhotoShape.PRIVATE else self.value


class Photo(Base):
    """Belongs to a workshop, or to the person who uploaded it before there was one."""

    __tablename__ = "photos"
    __table_args__ = (sa.Index("ix_photos_status", "status"),)

    id: Mapped[Pk]
    workshop_id: Mapped[int | None] = fk("workshops.id")
    user_id: Mapped[int | None] = fk("users.id")
    shape: Mapped[PhotoShape] = mapped_column(text_enum(PhotoShape), default=PhotoShape.PIECE)
    status: Mapped[PhotoStatus] = mapped_column(text_enum(PhotoStatus), default=PhotoStatus.RECEIVED)
    content_hash: Mapped[str] = mapped_column(sa.String(64), index=True)  # SHA-256 of the original
    original_key: Mapped[str] = mapped_column(sa.String(200))  # private
    byte_count: Mapped[int]
    width: Mapped[int] = mapped_column(default=0)  # of the largest rendition, upright
    height: Mapped[int] = mapped_column(default=0)
    tone: Mapped[int] = mapped_column(sa.SmallInteger(), default=0)  # 0..15, ground until the picture arrives
    renditions: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # [[format, width, key], …]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.String(300), default="")
    created_at: Mapped[Utc]


class Upload(Base):
    """A photo on its way in pieces: what has arrived is kept, so that a lost connection costs one piece, not all.

    `key` is made on the phone; asked for twice, the upload is there once. Each piece lies in private storage under
    `uploads/<id>/` and a name of its own, until the photo is kept.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        sa.UniqueConstraint("workshop_id", "key"),
        sa.CheckConstraint("byte_count > 0 and received_count between 0 and byte_count", name="bytes"),
        sa.Index("ix_uploads_updated_at", "updated_at"),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshops.id"))
    user_id: Mapped[int] = fk("users.id", index=False)
    key: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(60), default="")  # what it is for: 'listing:12'
    byte_count: Mapped[int]
    received_count: Mapped[int] = mapped_column(default=0)
    pieces: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # their names, in order
    photo_id: Mapped[int | None] = fk("photos.id")  # once it is whole and accepted
    refusal: Mapped[str] = mapped_column(sa.String(300), default="")  # why it was not, in its person's language
    delivered_at: Mapped[MaybeUtc]  # when it took its place in the subject
    created_at: Mapped[Utc]
    updated_at: Mapped[Utc]

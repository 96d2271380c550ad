"""A file of pieces that a workshop sends: checked as a whole, applied as a whole, by the worker."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, MaybeUtc, Pk, Utc, fk, text_enum
from marketplace.core.errors import IllegalTransition


class ImportStatus(enum.StrEnum):
    RECEIVED = "received"
    CHECKED = "checked"  # dry run done; nothing has been written
    APPROVED = "approved"  # its person said yes; the worker writes
    APPLIED = "applied"
    REFUSED = "refused"  # faults, or the file cannot be read: nothing was written
    CANCELED = "canceled"


class Import(Base):
    __tablename__ = "imports"
    __table_args__ = (sa.Index("ix_imports_workshop", "workshop_id", "id"), sa.Index("ix_imports_status", "status"))
    MOVES: ClassVar = {
        ImportStatus.RECEIVED: {ImportStatus.CHECKED, ImportStatus.REFUSED, ImportStatus.CANCELED},
        ImportStatus.CHECKED: {ImportStatus.APPROVED, ImportStatus.CANCELED},
        ImportStatus.APPROVED: {ImportStatus.APPLIED, ImportStatus.REFUSED},
        ImportStatus.APPLIED: set(),
        ImportStatus.REFUSED: set(),
        ImportStatus.CANCELED: set(),
    }

    id: Mapped[Pk]
    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshops.id"))
    user_id: Mapped[int] = fk("users.id", index=False)
    language: Mapped[str] = mapped_column(sa.String(2), default="id")  # of its person, for the sentences of `errors`
    status: Mapped[ImportStatus] = mapped_column(text_enum(ImportStatus), default=ImportStatus.RECEIVED)
    file_key: Mapped[str] = mapped_column(sa.String(200))  # private
    file_name: Mapped[str] = mapped_column(sa.String(120), default="")
    row_count: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)  # rows that the running step has been through
    new_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    error_count: Mapped[int] = mapped_column(default=0)
    errors: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # [[row, column, sentence], …]; the first 1,000
    preview: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # [[row, title, what], …]; the first 100
    created_at: Mapped[Utc]
    beat_at: Mapped[MaybeUtc]  # the worker's last sign of life
    finished_at: Mapped[MaybeUtc]

    def move_to(self, status: ImportStatus, at: datetime) -> None:
        if status not in self.MOVES[self.status]:
            raise IllegalTransition(self.status, status)
        self.status = status
        if not self.MOVES[status]:
            self.finished_at = at

"""The audit trail: rows are only ever added."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Pk, Utc, fk


class AuditRow(Base):
    __tablename__ = "audit_rows"
    __table_args__ = (sa.Index("ix_audit_rows_subject", "subject_kind", "subject_id"),)

    id: Mapped[Pk]
    at: Mapped[Utc]
    actor_id: Mapped[int | None] = fk("users.id")  # None: the shop itself (a timer, a message of a processor)
    action: Mapped[str] = mapped_column(sa.String(60))  # 'workshop.suspend'
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int] = mapped_column(sa.BigInteger())
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    reason: Mapped[str] = mapped_column(sa.String(1000), default="")

"""The outbox: a mail is a row of the transaction that it tells about, sent afterwards, once."""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, MaybeUtc, Pk, Utc, text_enum


class MailStatus(enum.StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"  # given up after MAX_TRIES


class Mail(Base):
    __tablename__ = "mails"
    __table_args__ = (sa.Index("ix_mails_waiting", "status", "next_try_at"),)

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(sa.String(120), unique=True)  # 'order_paid:17': the same news is queued once
    template: Mapped[str] = mapped_column(sa.String(60))
    to: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(2))
    context: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    status: Mapped[MailStatus] = mapped_column(text_enum(MailStatus), default=MailStatus.QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.String(300), default="")
    queued_at: Mapped[Utc]
    next_try_at: Mapped[Utc]
    sent_at: Mapped[MaybeUtc]

"""Threads between one buyer and one workshop; what a thread is about does not change."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, MaybeUtc, Pk, Utc, fk, text_enum


class Side(enum.StrEnum):
    BUYER = "buyer"
    WORKSHOP = "workshop"


class Thread(Base):
    """About one order of the workshop (a guest opens it through the order's link) or one piece (with an account)."""

    __tablename__ = "threads"
    __table_args__ = (
        sa.UniqueConstraint("seller_order_id"),
        sa.UniqueConstraint("user_id", "listing_id"),
        sa.CheckConstraint("(seller_order_id is null) <> (listing_id is null)", name="subject"),
        sa.CheckConstraint("listing_id is null or user_id is not null", name="buyer"),
        sa.Index("ix_threads_workshop", "workshop_id", "last_at"),
        sa.Index("ix_threads_buyer", "user_id", "last_at"),
        sa.Index(
            "ix_threads_reported",
            "reported_at",
            sqlite_where=sa.text("reported_at is not null"),
            postgresql_where=sa.text("reported_at is not null"),
        ),
    )

    id: Mapped[Pk]
    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshops.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))  # the buyer; None: a guest, by the order
    seller_order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("seller_orders.id"))
    listing_id: Mapped[int | None] = fk("listings.id")
    created_at: Mapped[Utc]
    last_at: Mapped[Utc]
    buyer_seen_at: Mapped[MaybeUtc]
    workshop_seen_at: Mapped[MaybeUtc]
    waiting_since: Mapped[MaybeUtc]  # the buyer's oldest message without an answer
    reported_at: Mapped[MaybeUtc]  # until the collective has looked at it
    reported_side: Mapped[Side | None] = mapped_column(text_enum(Side))
    report_reason: Mapped[str] = mapped_column(sa.String(500), default="")


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (
        sa.UniqueConstraint("thread_id", "key"),
        sa.Index("ix_messages_thread", "thread_id", "id"),
        sa.Index(
            "ix_messages_answered",
            "created_at",
            sqlite_where=sa.text("answered_minutes is not null"),
            postgresql_where=sa.text("answered_minutes is not null"),
        ),
    )

    id: Mapped[Pk]
    thread_id: Mapped[int] = mapped_column(sa.ForeignKey("threads.id"))
    side: Mapped[Side] = mapped_column(text_enum(Side))
    user_id: Mapped[int | None] = fk("users.id")  # who wrote, under their own name; None: a guest
    key: Mapped[str] = mapped_column(sa.String(40))  # of the form: sent twice, it is there once
    body: Mapped[str] = mapped_column(sa.Text)
    answered_minutes: Mapped[int | None]  # of a workshop's answer: since `waiting_since`
    created_at: Mapped[Utc]


class MessagePhoto(Base):
    __tablename__ = "message_photos"
    __table_args__ = (sa.UniqueConstraint("message_id", "photo_id"),)

    id: Mapped[Pk]
    message_id: Mapped[int] = fk("messages.id", index=False)
    photo_id: Mapped[int] = fk("photos.id")
    position: Mapped[int] = mapped_column(default=0)


class QuickReply(Base):
    """A ready-made answer of one workshop, in both languages; the buyer's decides which is put in."""

    __tablename__ = "quick_replies"

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshops.id")
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(sa.String(60))
    body_en: Mapped[str] = mapped_column(sa.String(1000), default="")
    body_id: Mapped[str] = mapped_column(sa.String(1000), default="")

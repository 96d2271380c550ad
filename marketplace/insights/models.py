"""Counts without persons. Who looked is known for one day only, as a hash whose salt is thrown away."""

from __future__ import annotations

import enum
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, BigId, text_enum


class Deed(enum.StrEnum):
    VIEW = "view"
    SAVE = "save"
    BAG = "bag"  # put into the bag


class Mark(Base):
    """One visitor did one thing with one piece on one day; folded into `DailyCount` and deleted soon after."""

    __tablename__ = "visit_marks"
    __table_args__ = (sa.PrimaryKeyConstraint("happened_on", "listing_id", "visitor", "deed"),)

    happened_on: Mapped[date]
    listing_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("listings.id"))
    visitor: Mapped[str] = mapped_column(sa.String(16))  # core/visitors.py
    deed: Mapped[Deed] = mapped_column(text_enum(Deed))
    country: Mapped[str] = mapped_column(sa.String(2), default="")  # where the piece would go


class DailyCount(Base):
    """Visitors of one piece from one country on one day; a visitor counts once for each deed."""

    __tablename__ = "daily_counts"
    __table_args__ = (
        sa.PrimaryKeyConstraint("listing_id", "happened_on", "country"),
        sa.Index("ix_daily_counts_workshop", "workshop_id", "happened_on"),
    )

    listing_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("listings.id"))
    happened_on: Mapped[date]
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshops.id"))
    views: Mapped[int] = mapped_column(default=0)
    saves: Mapped[int] = mapped_column(default=0)
    bags: Mapped[int] = mapped_column(default=0)

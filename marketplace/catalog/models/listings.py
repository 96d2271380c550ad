"""Listings, their versions and variants: 'Four decisions' in architecture.md says why they are apart."""

from __future__ import annotations

import enum
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.core.db import Base, MaybeUtc, Minor, Pk, Utc, fk, text_enum
from marketplace.core.errors import IllegalTransition
from marketplace.core.money import Money


class ListingState(enum.StrEnum):
    DRAFT = "draft"
    LIVE = "live"
    PAUSED = "paused"
    ARCHIVED = "archived"


class VersionStatus(enum.StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"


class Listing(Base):
    """A piece on offer. What needs no review lives here and on its variants; words and photos on its versions."""

    __tablename__ = "listings"
    __table_args__ = (
        sa.Index("ix_listings_workshop_state", "workshop_id", "state", "id"),
        sa.UniqueConstraint("workshop_id", "sku"),
        sa.Index("uq_listings_draft_key", "workshop_id", "draft_key", unique=True),
        sa.CheckConstraint("lead_time_days >= 0 and lead_time_days <= 365", name="lead_time"),
    )
    MOVES: ClassVar = {
        ListingState.DRAFT: {ListingState.LIVE, ListingState.ARCHIVED},
        ListingState.LIVE: {ListingState.PAUSED, ListingState.ARCHIVED},
        ListingState.PAUSED: {ListingState.LIVE, ListingState.ARCHIVED},
        ListingState.ARCHIVED: {ListingState.PAUSED},
    }

    id: Mapped[Pk]
    workshop_id: Mapped[int] = mapped_column(sa.ForeignKey("workshops.id"))
    sku: Mapped[str | None] = mapped_column(sa.String(40))
    state: Mapped[ListingState] = mapped_column(text_enum(ListingState), default=ListingState.DRAFT)
    taken_down_at: Mapped[MaybeUtc]
    taken_down_reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    approved_version_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("listing_versions.id", use_alter=True), index=True
    )
    slug: Mapped[str] = mapped_column(sa.String(100), default="piece")
    made_to_order: Mapped[bool] = mapped_column(default=False)  # stock is not counted
    lead_time_days: Mapped[int] = mapped_column(default=0)  # working days at the bench; 0: leaves within 2
    packed_grams: Mapped[int] = mapped_column(default=0)  # 0: the piece and a small box
    published_at: Mapped[MaybeUtc]  # first time
    created_at: Mapped[Utc]
    updated_at: Mapped[Utc]
    version: Mapped[int] = mapped_column(default=1)  # counts what its public page shows: part of the ETag
    edits: Mapped[int] = mapped_column(default=0)  # counts the workshop's saves: a form names the one that it shows
    saved_page: Mapped[str] = mapped_column(sa.String(40), default="")  # the open page that saved last, by its own name
    saved_step: Mapped[int] = mapped_column(default=0)  # and its how-manieth save that was
    unfinished: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # sizes typed before there is a price
    draft_key: Mapped[str | None] = mapped_column(sa.String(40))  # the phone's own: begun twice, it is there once
    engraving_price_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # on top of the price, when engraved

    def move_to(self, state: ListingState, at: datetime) -> None:
        if state not in self.MOVES[self.state]:
            raise IllegalTransition(self.state, state)
        self.state = state
        if state is ListingState.LIVE:
            self.published_at = self.published_at or at


class ListingVersion(Base):
    """What a reviewer looks at: words, photos, category, attributes. An edit of an approved one is a new version."""

    __tablename__ = "listing_versions"
    __table_args__ = (
        sa.Index("ix_listing_versions_queue", "status", "submitted_at"),
        sa.Index(  # at most one version is being worked on
            "uq_listing_versions_open",
            "listing_id",
            unique=True,
            sqlite_where=sa.text("status in ('draft', 'in_review', 'rejected')"),
            postgresql_where=sa.text("status in ('draft', 'in_review', 'rejected')"),
        ),
    )
    MOVES: ClassVar = {
        VersionStatus.DRAFT: {VersionStatus.IN_REVIEW, VersionStatus.APPROVED},
        VersionStatus.IN_REVIEW: {VersionStatus.DRAFT, VersionStatus.APPROVED, VersionStatus.REJECTED},
        VersionStatus.REJECTED: {VersionStatus.DRAFT},
        VersionStatus.APPROVED: set(),
    }

    id: Mapped[Pk]
    listing_id: Mapped[int] = fk("listings.id")
    workshop_id: Mapped[int] = fk("workshops.id")
    status: Mapped[VersionStatus] = mapped_column(text_enum(VersionStatus), default=VersionStatus.DRAFT)
    revision: Mapped[int] = mapped_column(default=1)  # counts saves: an approval names the one it saw
    category_id: Mapped[int | None] = fk("categories.id")
    title_en: Mapped[str] = mapped_column(sa.String(120), default="")
    title_id: Mapped[str] = mapped_column(sa.String(120), default="")
    description_en: Mapped[str] = mapped_column(sa.Text, default="")
    description_id: Mapped[str] = mapped_column(sa.Text, default="")
    material: Mapped[str] = mapped_column(sa.String(20), default="")  # catalog/attributes.py has the codes
    fineness: Mapped[int | None]  # parts per thousand, where material is silver or gold
    plating: Mapped[str] = mapped_column(sa.String(20), default="")
    weight_grams: Mapped[Decimal | None] = mapped_column(sa.Numeric(8, 1))  # of one sold unit: piece, pair or set
    techniques: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    finish: Mapped[str] = mapped_column(sa.String(40), default="")
    stones_en: Mapped[str] = mapped_column(sa.String(200), default="")
    stones_id: Mapped[str] = mapped_column(sa.String(200), default="")
    dimensions_en: Mapped[str] = mapped_column(sa.String(200), default="")
    dimensions_id: Mapped[str] = mapped_column(sa.String(200), default="")
    tags: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    sold_as: Mapped[str] = mapped_column(sa.String(10), default="piece")  # piece, pair, set
    set_count: Mapped[int] = mapped_column(default=1)  # pieces in one sold unit: 2 in a pair, as many as a set has
    engraving_limit: Mapped[int] = mapped_column(default=0)  # characters; 0: no engraving offered
    submitted_at: Mapped[MaybeUtc]
    approved_at: Mapped[MaybeUtc]
    decided_by: Mapped[int | None] = fk("users.id")
    decision_code: Mapped[str] = mapped_column(sa.String(40), default="")
    decision_reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    created_at: Mapped[Utc]
    updated_at: Mapped[Utc]

    def move_to(self, status: VersionStatus, at: datetime) -> None:
        if status not in self.MOVES[self.status]:
            raise IllegalTransition(self.status, status)
        self.status = status
        if status is VersionStatus.APPROVED:
            self.approved_at = at
        elif status is VersionStatus.IN_REVIEW:
            self.submitted_at = at


class VersionPhoto(Base):
    __tablename__ = "version_photos"
    __table_args__ = (sa.UniqueConstraint("version_id", "photo_id"),)

    id: Mapped[Pk]
    version_id: Mapped[int] = fk("listing_versions.id")
    photo_id: Mapped[int] = fk("photos.id")
    position: Mapped[int]
    alt_en: Mapped[str] = mapped_column(sa.String(300), default="")
    alt_id: Mapped[str] = mapped_column(sa.String(300), default="")


class Variant(Base):
    """What is priced and counted: one size of a piece. Rows that were ever sold are retired, not deleted."""

    __tablename__ = "variants"
    __table_args__ = (
        sa.CheckConstraint("stock >= 0", name="stock"),
        sa.CheckConstraint("price_amount > 0", name="price"),
        sa.Index("ix_variants_listing", "listing_id", "position"),
    )

    id: Mapped[Pk]
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id"))
    position: Mapped[int] = mapped_column(default=0)
    size: Mapped[str] = mapped_column(sa.String(40), default="")  # as sold: 'US 7', '19 cm'; '' when there is one size
    size_mm: Mapped[Decimal | None] = mapped_column(sa.Numeric(6, 2))  # inner diameter of rings and bangles
    price_amount: Mapped[Minor]
    price_currency: Mapped[str] = mapped_column(sa.String(3), default="IDR")
    price: Mapped[Money] = composite("price_amount", "price_currency")
    weight_grams: Mapped[Decimal | None] = mapped_column(sa.Numeric(8, 1))  # where it differs from the version's
    labour_idr: Mapped[int | None] = mapped_column(sa.BigInteger())  # making charge where it differs from the costing's
    stock: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[MaybeUtc]

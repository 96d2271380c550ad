"""What makes the public pages quick: where a listing stands, what changed, which version the data has."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, BigId, Minor, Pk, Utc, fk


class Placement(Base):
    """A public listing under its category and each of its ancestors: a category page is one index range.

    Made anew from the rows by `catalog.publication.refresh`; there is none for what is not public. Category 0 is the
    whole shop.
    """

    __tablename__ = "placements"
    __table_args__ = (
        sa.PrimaryKeyConstraint("category_id", "listing_id"),
        sa.Index("ix_placements_newest", "category_id", "published_key", "listing_id"),
        sa.Index("ix_placements_price", "category_id", "price_amount", "listing_id"),
        sa.Index("ix_placements_workshop", "workshop_id", "category_id", "published_key", "listing_id"),
    )

    category_id: Mapped[int] = mapped_column(BigId)
    listing_id: Mapped[int] = fk("listings.id")
    workshop_id: Mapped[int] = mapped_column(BigId)
    published_key: Mapped[int] = mapped_column(sa.BigInteger())  # seconds since 1970
    price_amount: Mapped[Minor]  # lowest, whole rupiah


class Card(Base):
    """What a card of a public listing shows, beside its photo: one row, so that 24 cards are one statement.

    Made anew from the rows by `catalog.publication.refresh`, together with the placements.
    """

    __tablename__ = "cards"

    listing_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("listings.id"), primary_key=True, autoincrement=False)
    slug: Mapped[str] = mapped_column(sa.String(100))
    title_en: Mapped[str] = mapped_column(sa.String(120))
    title_id: Mapped[str] = mapped_column(sa.String(120))
    workshop_name: Mapped[str] = mapped_column(sa.String(80))
    price_amount: Mapped[Minor]  # lowest, whole rupiah
    material: Mapped[str] = mapped_column(sa.String(20))
    fineness: Mapped[int | None]
    plating: Mapped[str] = mapped_column(sa.String(20))
    weight_grams: Mapped[Decimal | None] = mapped_column(sa.Numeric(8, 1))
    sold_as: Mapped[str] = mapped_column(sa.String(10), default="piece")
    set_count: Mapped[int] = mapped_column(default=1)
    made_to_order: Mapped[bool]
    lead_time_days: Mapped[int]
    stock: Mapped[int]  # of all its variants, when the last change was folded
    is_single: Mapped[bool]  # one variant that never held more than one: 'one of one'
    photo_id: Mapped[int | None] = fk("photos.id")
    alt_en: Mapped[str] = mapped_column(sa.String(300))
    alt_id: Mapped[str] = mapped_column(sa.String(300))


class Showcase(Base):
    """A picture that the collective chose for a place of the home page, with the pieces that are seen on it."""

    __tablename__ = "showcases"

    id: Mapped[Pk]
    slot: Mapped[str] = mapped_column(sa.String(20), unique=True)  # catalog/queries/home.py: SLOTS
    photo_id: Mapped[int] = fk("photos.id")
    alt_en: Mapped[str] = mapped_column(sa.String(300), default="")
    alt_id: Mapped[str] = mapped_column(sa.String(300), default="")
    listing_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)  # named below the picture while on sale


class Change(Base):
    """News that a sale left for the fold: appended in its transaction, so that no two sales share a hot row."""

    __tablename__ = "changes"

    id: Mapped[Pk]
    listing_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[Utc]


class DataVersion(Base):
    """Counts the changes of what a kind of page shows: scope 'shop', 'category:12', 'workshop:3'."""

    __tablename__ = "data_versions"

    scope: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger(), default=1)


class FxRate(Base):
    """Rupiah for one unit of a currency, as entered for a day; the newest row counts, old ones stay."""

    __tablename__ = "fx_rates"
    __table_args__ = (sa.Index("ix_fx_rates_newest", "currency", "quoted_at"),)

    id: Mapped[Pk]
    currency: Mapped[str] = mapped_column(sa.String(3))
    rate: Mapped[Decimal] = mapped_column(sa.Numeric(14, 4))
    source: Mapped[str] = mapped_column(sa.String(60))
    quoted_at: Mapped[Utc]

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

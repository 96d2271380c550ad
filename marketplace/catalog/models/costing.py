"""What a piece costs its maker, what silver costs today, and every price that ever changed (domain.md 6.6)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, BigId, MaybeUtc, Minor, Pk, Utc, fk


class MetalRate(Base):
    """Rupiah for one gram of the pure metal, as entered for a day; the newest row of a metal counts, old ones stay."""

    __tablename__ = "metal_rates"
    __table_args__ = (
        sa.CheckConstraint("idr_per_gram > 0", name="idr_per_gram"),
        sa.Index("ix_metal_rates_newest", "metal", "quoted_at"),
    )

    id: Mapped[Pk]
    metal: Mapped[str] = mapped_column(sa.String(20))  # a code of catalog/attributes.py: silver, gold, brass, …
    idr_per_gram: Mapped[Minor]
    source: Mapped[str] = mapped_column(sa.String(60))
    quoted_at: Mapped[Utc]
    entered_by: Mapped[int | None] = fk("users.id")  # None: the feed
    created_at: Mapped[Utc]
    told_at: Mapped[MaybeUtc]  # the workshops whose pieces it touches have their mail


class MetalFeed(Base):
    """One row: when the feed of metal rates was asked last, and what was wrong with its answer."""

    __tablename__ = "metal_feeds"

    id: Mapped[Pk]
    asked_at: Mapped[Utc]
    answered_at: Mapped[MaybeUtc]  # last answer that was taken
    problem: Mapped[str] = mapped_column(sa.String(40), default="")  # a code of catalog/metal_feed.py; '' is well
    detail: Mapped[str] = mapped_column(sa.String(200), default="")


class Costing(Base):
    """The sheet of one piece. Metal, fineness and weight are the version's (or the variant's); all sums are rupiah.

    `rate_id` is the metal rate at which its maker last agreed to the price: a newer rate makes a proposal, and
    nothing but the maker's word moves the price.
    """

    __tablename__ = "costings"
    __table_args__ = (
        sa.CheckConstraint("loss_bp between 0 and 5000 and margin_bp between 0 and 9000", name="rates"),
        sa.CheckConstraint("labour_idr >= 0 and stones_idr >= 0 and finishing_idr >= 0", name="sums"),
    )

    listing_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("listings.id"), primary_key=True, autoincrement=False)
    workshop_id: Mapped[int] = fk("workshops.id")
    loss_bp: Mapped[int] = mapped_column(default=800)  # filings and melting
    labour_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    stones_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    finishing_idr: Mapped[int] = mapped_column(sa.BigInteger(), default=0)  # plating, polishing
    margin_bp: Mapped[int] = mapped_column(default=3000)  # of the price: tools, rent, unsold stock, the fee
    follows_rate: Mapped[bool] = mapped_column(default=True)  # a new rate proposes a new price
    shows_breakdown: Mapped[bool] = mapped_column(default=False)  # the public page may show it (features.md B9)
    rate_id: Mapped[int | None] = fk("metal_rates.id")
    updated_at: Mapped[Utc]


class PriceChange(Base):
    """A price that was, and the one that came: written with every change, never altered."""

    __tablename__ = "price_changes"
    __table_args__ = (sa.Index("ix_price_changes_listing", "listing_id", "id"),)

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshops.id")
    listing_id: Mapped[int] = mapped_column(BigId)
    variant_id: Mapped[int] = mapped_column(BigId)
    old_amount: Mapped[int | None] = mapped_column(sa.BigInteger())  # rupiah; None: the first price
    new_amount: Mapped[Minor]
    reason: Mapped[str] = mapped_column(sa.String(20))  # catalog/services/pricing_log.py: Reason
    rate_id: Mapped[int | None] = fk("metal_rates.id", index=False)
    changed_by: Mapped[int | None] = fk("users.id", index=False)
    at: Mapped[Utc]

"""Why a number of pieces changed: one row per change, beside the counter that guards the sale."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, BigId, Pk, Utc, fk, text_enum


class StockReason(enum.StrEnum):
    ORDERED = "ordered"  # taken by an order
    RETURNED = "returned"  # given back: expired, canceled, refused, refunded
    MADE = "made"  # new from the bench
    SHOP_SALE = "shop_sale"  # sold in the shop
    DAMAGED = "damaged"
    LOST = "lost"
    LENT = "lent"  # exhibition, photos, a temple
    COUNTED = "counted"  # counted anew; the number was wrong
    IMPORTED = "imported"  # from a file


class StockMove(Base):
    __tablename__ = "stock_moves"
    __table_args__ = (sa.Index("ix_stock_moves_variant", "variant_id", "id"),)

    id: Mapped[Pk]
    workshop_id: Mapped[int] = fk("workshops.id")
    listing_id: Mapped[int] = mapped_column(BigId)
    variant_id: Mapped[int] = mapped_column(BigId)
    change: Mapped[int]
    left: Mapped[int]  # after the change
    reason: Mapped[StockReason] = mapped_column(text_enum(StockReason))
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    moved_by: Mapped[int | None] = fk("users.id", index=False)
    at: Mapped[Utc]

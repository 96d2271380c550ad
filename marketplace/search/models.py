"""One narrow document per public listing (performance.md 2), and the log of what was asked."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, BigId, Pk, Utc, UtcDateTime


class Document(Base):
    """Words to match and nothing to show. `listing_id` names the listing without knowing its table."""

    __tablename__ = "search_documents"

    listing_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(sa.Text)  # folded words of both titles and the SKU
    attributes: Mapped[str] = mapped_column(sa.Text)  # category, technique, material, stones, workshop, tags
    body: Mapped[str] = mapped_column(sa.Text, default="")  # the descriptions' words


class Query(Base):
    """What was searched, without a name, and how much was found (features.md A6)."""

    __tablename__ = "search_queries"

    id: Mapped[Pk]
    at: Mapped[Utc] = mapped_column(UtcDateTime(), index=True)
    market: Mapped[str] = mapped_column(sa.String(10))
    text: Mapped[str] = mapped_column(sa.String(100))
    hit_count: Mapped[int]
    country: Mapped[str] = mapped_column(sa.String(2), default="")  # where the pieces would go
    visitor: Mapped[str] = mapped_column(sa.String(16), default="")  # of one day only: core/visitors.py

"""The category tree (domain.md 2). A listing stands in exactly one node, never in a root."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Pk, fk


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[Pk]
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    parent_id: Mapped[int | None] = fk("categories.id")
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(20))  # jewellery, ceremonial, homeware, supplies
    name_en: Mapped[str] = mapped_column(sa.String(80))
    name_id: Mapped[str] = mapped_column(sa.String(80))
    description_en: Mapped[str] = mapped_column(sa.String(400), default="")
    description_id: Mapped[str] = mapped_column(sa.String(400), default="")
    hs6: Mapped[str] = mapped_column(sa.String(10), default="")
    policy: Mapped[str] = mapped_column(sa.String(40), default="")  # no-blade, by-commission, no-export-bullion
    size_kind: Mapped[str] = mapped_column(sa.String(20), default="")  # '', ring, bangle, length, bore: which size
    required_fields: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # what it demands before publishing

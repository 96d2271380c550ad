"""The rate table: what a parcel of a weight costs to a zone, for every workshop or for one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.core.db import Base, Minor, Pk, fk
from marketplace.core.money import Money


class Zone(Base):
    __tablename__ = "shipping_zones"

    id: Mapped[Pk]
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name_en: Mapped[str] = mapped_column(sa.String(80))
    name_id: Mapped[str] = mapped_column(sa.String(80))
    countries: Mapped[list[str]] = mapped_column(sa.JSON)  # ISO codes; ["*"] is the rest of the world
    position: Mapped[int]


class Rate(Base):
    """One weight band of one service. Rows of a workshop replace the village's for that zone."""

    __tablename__ = "shipping_rates"
    __table_args__ = (
        sa.CheckConstraint("price_amount >= 0", name="price"),
        sa.CheckConstraint("days_min > 0 and days_max >= days_min", name="days"),
        sa.Index("ix_shipping_rates_zone", "zone_id", "workshop_id", "service", "max_grams"),
    )

    id: Mapped[Pk]
    zone_id: Mapped[int] = mapped_column(sa.ForeignKey("shipping_zones.id"))
    workshop_id: Mapped[int | None] = fk("workshops.id")
    service: Mapped[str] = mapped_column(sa.String(20))  # shipping/carriers.py: 'ems', 'jne-reg', 'dhl'
    max_grams: Mapped[int]  # packed
    price_amount: Mapped[Minor]
    price_currency: Mapped[str] = mapped_column(sa.String(3), default="IDR")
    price: Mapped[Money] = composite("price_amount", "price_currency")
    days_min: Mapped[int]  # in transit, calendar days
    days_max: Mapped[int]

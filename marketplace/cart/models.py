"""The basket: variants, quantities and wishes; never a price, never a promise of stock."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Pk, Utc, fk


class Cart(Base):
    """Of a person, or of a session until somebody signs in; exactly one of the two."""

    __tablename__ = "carts"
    __table_args__ = (
        sa.CheckConstraint("(user_id is null) <> (session_id is null)", name="owner"),
        sa.UniqueConstraint("user_id"),
        sa.UniqueConstraint("session_id"),
    )

    id: Mapped[Pk]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    session_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sessions.id", ondelete="CASCADE"))
    country: Mapped[str] = mapped_column(sa.String(2), default="")  # destination chosen in the cart; '' is the market's
    checkout_key: Mapped[str] = mapped_column(sa.String(40))  # the next order's own; new after each order
    created_at: Mapped[Utc]
    updated_at: Mapped[Utc]


class CartLine(Base):
    __tablename__ = "cart_lines"
    __table_args__ = (sa.CheckConstraint("quantity > 0 and quantity <= 20", name="quantity"),)

    id: Mapped[Pk]
    cart_id: Mapped[int] = fk("carts.id", ondelete="CASCADE")
    variant_id: Mapped[int] = fk("variants.id")
    quantity: Mapped[int]
    engraving: Mapped[str] = mapped_column(sa.String(120), default="")
    seen_price: Mapped[str] = mapped_column(sa.String(40), default="")  # 'USD 4500' when added, to tell of a change
    created_at: Mapped[Utc]


class CartNote(Base):
    """A word to one workshop, and how its parcel travels."""

    __tablename__ = "cart_notes"
    __table_args__ = (sa.UniqueConstraint("cart_id", "workshop_id"),)

    id: Mapped[Pk]
    cart_id: Mapped[int] = fk("carts.id", ondelete="CASCADE")
    workshop_id: Mapped[int] = fk("workshops.id")
    text: Mapped[str] = mapped_column(sa.String(500), default="")
    is_gift: Mapped[bool] = mapped_column(default=False)

"""Pieces that can be counted: taken by one conditional UPDATE each, always in the order of variant id (style.md 3)."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from marketplace.core.db import db, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l

from .models import Listing, Variant


class OutOfStock(DomainError):
    """Fewer pieces are left than were asked for; nothing was taken."""

    message = _l("Sold while you were looking. Nothing was charged.")

    def __init__(self, variant_id: int, left: int) -> None:
        self.variant_id, self.left = variant_id, left
        super().__init__()


def _counted(variant_id: int) -> sa.ColumnElement[bool]:
    """Made-to-order pieces are not counted: their stock is neither asked nor moved."""
    made = sa.select(Listing.made_to_order).where(Listing.id == Variant.listing_id).scalar_subquery()
    return sa.and_(Variant.id == variant_id, sa.not_(made))


def take(demand: Mapping[int, int]) -> list[int]:
    """Take these quantities by variant id, all or none; gives the variants whose stock is counted and was taken.

    Part of the caller's transaction: its failure must roll back.

    Raises:
        OutOfStock: fewer are left than one of them asks for.
    """
    taken: list[int] = []
    with transaction():
        for variant_id, quantity in sorted(demand.items()):
            left = db.session.scalar(
                sa.update(Variant)
                .where(_counted(variant_id), Variant.stock >= quantity)
                .values(stock=Variant.stock - quantity)
                .returning(Variant.stock)
                .execution_options(synchronize_session=False)
            )
            if left is not None:
                taken.append(variant_id)
            else:
                _must_be_made(variant_id)
    return taken


def _must_be_made(variant_id: int) -> None:
    """The UPDATE changed nothing: right for a piece made to order, sold out for every other."""
    row = db.session.execute(
        sa.select(Variant.stock, Listing.made_to_order)
        .join(Listing, Listing.id == Variant.listing_id)
        .where(Variant.id == variant_id)
    ).first()
    if row is None or not row.made_to_order:
        raise OutOfStock(variant_id, row.stock if row else 0)


def give_back(demand: Mapping[int, int]) -> None:
    """Put these quantities back; the caller makes sure that they were taken, and that it happens once.

    A piece whose listing is made to order by now was counted when it was sold, and is again. Part of the caller's
    transaction.
    """
    with transaction():
        for variant_id, quantity in sorted(demand.items()):
            db.session.execute(
                sa.update(Variant)
                .where(Variant.id == variant_id)
                .values(stock=Variant.stock + quantity)
                .execution_options(synchronize_session=False)
            )

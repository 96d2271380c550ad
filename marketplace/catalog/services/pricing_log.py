"""Every price that ever changed leaves a row, whoever changed it: the history of a piece, never altered."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Listing, PriceChange, Variant
from marketplace.core import clock
from marketplace.core.db import db, transaction


class Reason(enum.StrEnum):
    TYPED = "typed"  # in the form of the piece
    RATE = "rate"  # a proposal after a new metal rate, accepted
    BACK = "back"  # the price before such a proposal, taken up again
    BULK = "bulk"  # many pieces in one screen
    IMPORT = "import"  # a file


@dataclass(frozen=True, slots=True)
class Moved:
    """One price that changed; whole rupiah. `old` None: the first price of this variant."""

    workshop_id: int
    listing_id: int
    variant_id: int
    old: int | None
    new: int


def changed(
    variant: Variant, old: int | None, new: int, reason: Reason | str, by: int | None = None, rate_id: int | None = None
) -> None:
    """Note that this variant costs `new` whole rupiah instead of `old` (None: its first price).

    Part of the caller's transaction. Nothing is written when both are the same. `by` is the user, `rate_id` the metal
    rate that proposed the price.
    """
    if old == new:
        return
    db.session.flush()  # a new variant has no number before
    workshop_id = db.session.scalars(sa.select(Listing.workshop_id).where(Listing.id == variant.listing_id)).one()
    changed_all([Moved(workshop_id, variant.listing_id, variant.id, old, new)], reason, by, rate_id)


def changed_all(moves: Iterable[Moved], reason: Reason | str, by: int | None, rate_id: int | None = None) -> None:
    """The same for many, in one statement. Part of the caller's transaction."""
    at = clock.now()
    rows: list[dict[str, Any]] = [
        {
            "workshop_id": move.workshop_id,
            "listing_id": move.listing_id,
            "variant_id": move.variant_id,
            "old_amount": move.old,
            "new_amount": move.new,
            "reason": Reason(reason).value,
            "rate_id": rate_id,
            "changed_by": by,
            "at": at,
        }
        for move in moves
        if move.old != move.new
    ]
    if rows:
        with transaction():
            db.session.execute(sa.insert(PriceChange), rows)

"""The shelf counted by hand: sold in the shop, new from the bench, damaged, lent, counted anew."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.catalog import changes, stock
from marketplace.catalog.models import Listing, StockReason, Variant
from marketplace.core.db import db, transaction
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.i18n import lazy_gettext as _l

LONGEST_NOTE = 200


class NotCounted(DomainError):
    message = _l("This piece is made to order: its pieces are not counted.")


class NoneThere(DomainError):
    message = _l("None is there. Count anew if that is wrong.")


class NotSoMany(DomainError):
    message = _l("Only %(left)s are there. Write a smaller number, or count anew.")


class Deed(enum.StrEnum):
    """What happened to the pieces, as the buttons of the page say it."""

    SHOP_SALE = "shop_sale"
    MADE = "made"
    DAMAGED = "damaged"
    LOST = "lost"
    LENT = "lent"
    CAME_BACK = "came_back"  # what was lent
    COUNTED = "counted"


REASONS = {Deed.CAME_BACK: StockReason.LENT} | {
    deed: StockReason(deed.value) for deed in Deed if deed is not Deed.CAME_BACK
}
ADDS = (Deed.MADE, Deed.CAME_BACK)


@dataclass(frozen=True, slots=True)
class Count:
    """`number` pieces came or went; for COUNTED it is how many are there. `saw` is the stock that the page showed."""

    variant_id: int
    deed: Deed
    number: int
    saw: int
    note: str = ""

    @property
    def change(self) -> int:
        if self.deed is Deed.COUNTED:
            return self.number - self.saw
        return self.number if self.deed in ADDS else -self.number


def count(listing_id: int, workshop_id: int, counted: Count, by: int) -> int:
    """Write down what happened to pieces of one size, with who and why; gives what is left. Cards follow at once.

    A number counted anew that is right already is written down too: somebody looked.

    Raises:
        NotFound: it is no size of a piece of this workshop.
        NotCounted: the piece is made to order.
        NoneThere, NotSoMany: more would go than were there.
        stock.SeenAnother, stock.TooMany: nothing was changed.
    """
    if counted.change + counted.saw < 0:
        raise NotSoMany(left=counted.saw) if counted.saw > 0 else NoneThere
    with transaction():
        made_to_order = db.session.scalar(
            sa.select(Listing.made_to_order)
            .join(Variant, Variant.listing_id == Listing.id)
            .where(
                Listing.id == listing_id,
                Listing.workshop_id == workshop_id,
                Variant.id == counted.variant_id,
                Variant.retired_at.is_(None),
            )
        )
        if made_to_order is None:
            raise NotFound("Variant", counted.variant_id)
        if made_to_order:
            raise NotCounted
        note = counted.note[:LONGEST_NOTE]
        left = stock.move_seen(counted.variant_id, counted.change, counted.saw, REASONS[counted.deed], by, note)
        changes.append([listing_id])
    return left

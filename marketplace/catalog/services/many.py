"""Prices, stock and state of many pieces at once: all that was asked for, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.db import db, transaction
from marketplace.core.errors import DomainError, IllegalTransition, NotFound
from marketplace.core.i18n import lazy_gettext as _l

from .. import publication, stock
from ..models import Listing, ListingState, StockReason, Variant
from . import pricing_log, state
from .drafts import touch
from .errors import Problem

MOST = 300  # sizes in one screen


@dataclass(frozen=True, slots=True)
class SizeChange:
    """One size of the screen: what was typed, and what the screen had shown. `price` is whole rupiah."""

    variant_id: int
    price: int
    saw_price: int
    stock: int | None = None  # None: not counted, the piece is made to order
    saw_stock: int = 0

    @property
    def moves_price(self) -> bool:
        return self.price != self.saw_price

    @property
    def moves_stock(self) -> bool:
        return self.stock is not None and self.stock != self.saw_stock


class NotSaved(DomainError):
    """Something stands in the way: each with the field of the screen ('price-12', 'stock-12', 'state-7')."""

    message = _l("Nothing was saved yet.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = list(problems)


def save(workshop_id: int, sizes: Sequence[SizeChange], states: Mapping[int, ListingState], *, by: int) -> int:
    """Write what differs from what the screen had shown; gives how many changes that were.

    `states` holds the state wanted for a listing. A price that somebody else changed meanwhile is not overwritten;
    what was sold meanwhile stays subtracted.

    Raises:
        NotFound: one of them is no piece of this workshop.
        NotSaved: with every reason; nothing was written.
    """
    moved = sorted((one for one in sizes if one.moves_price or one.moves_stock), key=lambda one: one.variant_id)
    problems: list[Problem] = []
    with transaction():
        variants = _variants(workshop_id, moved)
        listings = _listings(workshop_id, {*states, *(row.listing_id for row in variants.values())})
        prices = [_price(variants[one.variant_id], one, problems) for one in moved if one.moves_price]
        for one in moved:
            _stock(one, by, problems)
        moves = {ident: to for ident, to in states.items() if listings[ident].state is not to}
        for ident, to in sorted(moves.items()):
            _state(ident, workshop_id, to, problems)
        if problems:
            raise NotSaved(problems)
        pricing_log.changed_all([price for price in prices if price], pricing_log.Reason.BULK, by)
        changed = {row.listing_id for row in variants.values()}
        for ident in changed - moves.keys():
            touch(listings[ident])
        db.session.flush()
        publication.refresh(ident for ident in changed if listings[ident].approved_version_id is not None)
    return sum(one.moves_price + one.moves_stock for one in moved) + len(moves)


def _variants(workshop_id: int, moved: Sequence[SizeChange]) -> dict[int, Variant]:
    wanted = [one.variant_id for one in moved]
    query = (
        sa.select(Variant)
        .join(Listing, Listing.id == Variant.listing_id)
        .where(Variant.id.in_(wanted), Variant.retired_at.is_(None), Listing.workshop_id == workshop_id)
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in db.session.scalars(query)}
    if len(found) < len(set(wanted)):
        raise NotFound("Variant", min(set(wanted) - found.keys()))
    return found


def _listings(workshop_id: int, wanted: set[int]) -> dict[int, Listing]:
    """Held until the end, in the order of their numbers."""
    query = (
        sa.select(Listing)
        .where(Listing.id.in_(wanted), Listing.workshop_id == workshop_id)
        .order_by(Listing.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in db.session.scalars(query)}
    if len(found) < len(wanted):
        raise NotFound("Listing", min(wanted - found.keys()))
    return found


def _price(variant: Variant, change: SizeChange, problems: list[Problem]) -> pricing_log.Moved | None:
    """One conditional UPDATE: only from the price that the screen had shown."""
    row = db.session.execute(
        sa.update(Variant)
        .where(Variant.id == variant.id, Variant.price_amount == change.saw_price)
        .values(price_amount=change.price)
        .returning(Variant.listing_id)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        sentence = _l("The price was changed in the meantime. Look at it and save once more.")
        problems.append(Problem(f"price-{variant.id}", sentence))
        return None
    workshop_id = db.session.get_one(Listing, row.listing_id).workshop_id
    return pricing_log.Moved(workshop_id, row.listing_id, variant.id, change.saw_price, change.price)


def _stock(change: SizeChange, by: int, problems: list[Problem]) -> None:
    if not change.moves_stock:
        return
    try:
        stock.set_counted(change.variant_id, change.stock or 0, change.saw_stock, StockReason.COUNTED, by)
    except DomainError as error:
        problems.append(Problem(f"stock-{change.variant_id}", error.sentence))


_ACTS = {ListingState.PAUSED: state.pause, ListingState.LIVE: state.resume, ListingState.ARCHIVED: state.archive}


def _state(listing_id: int, workshop_id: int, to: ListingState, problems: list[Problem]) -> None:
    """By the same acts as from the list of pieces, with what they refuse."""
    act = _ACTS.get(to)
    try:
        if act is None:
            raise IllegalTransition("", to)
        act(listing_id, workshop_id)
    except DomainError as error:
        problems.append(Problem(f"state-{listing_id}", error.sentence))

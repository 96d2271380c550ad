"""Writing a planned file: pieces, words, sizes, prices and stock of one workshop, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.core import clock
from marketplace.core.db import db

from .. import publication, stock
from ..models import Listing, ListingVersion, StockReason, Variant
from ..sheet import columns
from ..sheet.planning import PiecePlan, Plan, SizePlan
from ..sheet.reading import Fault
from ..sheet.stand import Piece
from . import pricing_log
from .drafts import touch
from .opening import open_versions
from .variants import Size, remembered

REASON = StockReason.IMPORTED


def write(plan: Plan, workshop_id: int, by: int) -> list[Fault]:
    """Everything that the plan holds; gives the faults that only showed now, and then nothing may be committed.

    The rows of the plan are locked. Stock moves last, in the order of the variants, as every sale takes it.
    """
    work = _Work(plan, workshop_id, by)
    work.begin_pieces()
    work.change_words()
    for piece in plan.changed:
        work.change_piece(piece)
    work.add_sizes()
    work.note_prices()
    faults = work.move_stock()
    if not faults:
        publication.refresh(work.public)
    return faults


class _Work:
    def __init__(self, plan: Plan, workshop_id: int, by: int) -> None:
        self.plan, self.workshop_id, self.by, self.at = plan, workshop_id, by, clock.now()
        self.added: list[Variant] = []
        self.prices: list[pricing_log.Moved] = []
        self.moved: list[SizePlan] = []
        self.public: set[int] = set()

    def begin_pieces(self) -> None:
        """New drafts, all in a few statements."""
        made = [(piece, self._listing(piece)) for piece in self.plan.new]
        db.session.add_all(listing for _piece, listing in made)
        db.session.flush()
        for piece, listing in made:
            values: dict[str, Any] = dict(piece.version)
            db.session.add(
                ListingVersion(
                    listing_id=listing.id,
                    workshop_id=self.workshop_id,
                    created_at=self.at,
                    updated_at=self.at,
                    **values,
                )
            )
            self._put_sizes(listing, piece, [])

    def _listing(self, piece: PiecePlan) -> Listing:
        return Listing(workshop_id=self.workshop_id, created_at=self.at, updated_at=self.at, **piece.listing)

    def change_words(self) -> None:
        """To the draft of each piece whose words differ; what is on sale stays until its maker publishes them."""
        wanted = {piece.listing_id or 0: piece.version for piece in self.plan.changed if piece.version}
        opened = open_versions({ident: self.plan.there[ident].version for ident in wanted})
        for ident, version in opened.items():
            for name, value in wanted[ident].items():
                setattr(version, name, value)

    def change_piece(self, plan: PiecePlan) -> None:
        piece = self.plan.there[plan.listing_id or 0]
        listing = piece.listing
        for name, value in plan.listing.items():
            setattr(listing, name, value)
        if plan.state is not None:
            listing.move_to(plan.state, self.at)
        touch(listing)
        if piece.sizes and piece.sizes[0].variant_id is None:
            self._put_sizes(listing, plan, self._remembered(piece, plan))
        else:
            self._change_sizes(piece, plan)
        if listing.approved_version_id is not None and (plan.listing or plan.state or plan.sizes):
            self.public.add(listing.id)

    def _remembered(self, piece: Piece, plan: PiecePlan) -> list[SizePlan]:
        """Sizes of a draft without prices that the file does not name: they stay."""
        named = {size.size.casefold() for size in plan.sizes}
        return [
            SizePlan(0, size.size, size, price=size.price, stock=size.stock, weight=size.weight, labour=size.labour)
            for size in piece.sizes
            if size.size.casefold() not in named
        ]

    def _put_sizes(self, listing: Listing, plan: PiecePlan, kept: Sequence[SizePlan]) -> None:
        """The first sizes of a draft: variants when each has its price, else they are only remembered."""
        sizes = [*kept, *plan.sizes]
        if any(size.price is None for size in sizes):
            listing.unfinished = [remembered(_typed(size)) for size in sizes if _says_something(size)]
            return
        listing.unfinished = []
        for position, size in enumerate(sizes):
            self._add(listing, size, position)

    def _change_sizes(self, piece: Piece, plan: PiecePlan) -> None:
        for size in plan.sizes:
            if size.before is None:
                self._add(piece.listing, size, len(piece.variants) + len(plan.sizes))
                continue
            variant = piece.variants[size.before.variant_id or 0]
            if size.price is not None and size.price != variant.price_amount:
                was, variant.price_amount = variant.price_amount, size.price
                self._price(variant, was, size.price)
            variant.weight_grams, variant.labour_idr = size.weight, size.labour
            if size.moves_stock:
                self.moved.append(size)

    def _add(self, listing: Listing, size: SizePlan, position: int) -> None:
        self.added.append(
            Variant(
                listing_id=listing.id,
                position=position,
                size=size.size,
                size_mm=size.size_mm,
                price_amount=size.price,
                price_currency="IDR",
                weight_grams=size.weight,
                labour_idr=size.labour,
                stock=size.stock or 0,
            )
        )

    def _price(self, variant: Variant, was: int | None, now: int) -> None:
        self.prices.append(pricing_log.Moved(self.workshop_id, variant.listing_id, variant.id, was, now))

    def add_sizes(self) -> None:
        db.session.add_all(self.added)
        db.session.flush()
        for variant in self.added:
            self._price(variant, None, variant.price_amount)
        stock.begin_all([variant.id for variant in self.added], self.by, REASON)

    def note_prices(self) -> None:
        pricing_log.changed_all(self.prices, pricing_log.Reason.IMPORT, self.by)

    def move_stock(self) -> list[Fault]:
        moved = {size.before.variant_id: size for size in self.moved if size.before and size.before.variant_id}
        wishes = [stock.Wish(ident, size.stock or 0, size.saw) for ident, size in moved.items()]
        refused = stock.set_counted_all(wishes, REASON, self.by)
        heading = str(columns.BY_CODE["stock"].heading)
        return [Fault(moved[ident].row, heading, error.sentence) for ident, error in refused.items()]


def _typed(size: SizePlan) -> Size:
    return Size(
        size=size.size,
        stock=size.stock or 0,
        price=size.price,
        size_mm=size.size_mm,
        weight_grams=size.weight,
        labour_idr=size.labour,
    )


def _says_something(size: SizePlan) -> bool:
    return any((size.size, size.stock, size.price, size.weight, size.labour))

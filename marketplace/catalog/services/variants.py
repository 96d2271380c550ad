"""Sizes, price and stock: what needs no review and changes at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Listing, Variant
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import NotFound

from .errors import PriceMissing, SizeTwice, StockMoved
from .loading import variants_of


@dataclass(frozen=True, slots=True)
class Size:
    """One row of the form. `saw` is the stock that the form showed, so that a sale in between is kept.

    `price` is whole rupiah where this size has its own; `variant_id` None is a new size.
    """

    size: str = ""
    stock: int = 0
    price: int | None = None
    variant_id: int | None = None
    saw: int | None = None
    size_mm: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """How a piece is sold. `price` is whole rupiah for every size without its own; None while it is not yet said."""

    price: int | None
    sizes: Sequence[Size] = ()
    made_to_order: bool = False
    lead_time_days: int = 0


def put(listing: Listing, offer: Offer) -> bool:
    """Make the listing's variants those of the offer, inside the caller's transaction, under the listing's lock.

    Tells whether anything changed that the public sees. Sizes that are gone are retired, never deleted: carts and
    orders may point at them. Before there is a price the sizes are only remembered.

    Raises:
        NotFound: a row names another listing's variant.
        StockMoved, PriceMissing, SizeTwice.
    """
    before = _facts(listing)
    listing.made_to_order, listing.lead_time_days = offer.made_to_order, offer.lead_time_days
    present = {variant.id: variant for variant in variants_of(listing)}
    _check(listing, offer, set(present))
    if any(_price(offer, size) is None for size in offer.sizes):
        listing.unfinished = [_remembered(size) for size in offer.sizes]
        _retire(list(present.values()))
    else:
        listing.unfinished = []
        _write(listing, offer, present)
    db.session.flush()
    return _facts(listing) != before


def _facts(listing: Listing) -> tuple[Any, ...]:
    rows = tuple((row.id, row.size, row.price_amount, row.stock) for row in variants_of(listing))
    return listing.made_to_order, listing.lead_time_days, rows


def _write(listing: Listing, offer: Offer, present: dict[int, Variant]) -> None:
    for position, size in enumerate(offer.sizes):
        if size.variant_id is None:
            _add(listing, offer, size, position)
        else:
            _change(present[size.variant_id], offer, size, position)
    _retire([present[gone] for gone in present.keys() - {size.variant_id for size in offer.sizes}])


def _price(offer: Offer, size: Size) -> int | None:
    return size.price or offer.price


def _check(listing: Listing, offer: Offer, present: set[int]) -> None:
    seen: set[str] = set()
    for size in offer.sizes:
        if size.variant_id is not None and size.variant_id not in present:
            raise NotFound("Variant", size.variant_id)
        if size.size.casefold() in seen:
            raise SizeTwice(size=size.size or "–")
        seen.add(size.size.casefold())
    unpriced = not offer.sizes or any(_price(offer, size) is None for size in offer.sizes)
    if unpriced and listing.approved_version_id is not None:
        raise PriceMissing()


def _remembered(size: Size) -> dict[str, Any]:
    """As it goes into the JSON column: a size that never had a price has no variant either."""
    return {"size": size.size, "stock": size.stock, "price": size.price}


def _add(listing: Listing, offer: Offer, size: Size, position: int) -> None:
    db.session.add(
        Variant(
            listing_id=listing.id,
            position=position,
            size=size.size,
            size_mm=size.size_mm,
            price_amount=_price(offer, size),
            price_currency="IDR",
            stock=size.stock,
        )
    )


def _change(variant: Variant, offer: Offer, size: Size, position: int) -> None:
    variant.position, variant.size, variant.size_mm = position, size.size, size.size_mm
    variant.price_amount = _price(offer, size) or variant.price_amount
    db.session.flush()
    _move_stock(variant, size)


def _move_stock(variant: Variant, size: Size) -> None:
    """Apply what the maker changed, not what the form showed: a sale in between stays subtracted."""
    difference = size.stock - (variant.stock if size.saw is None else size.saw)
    if not difference:
        return
    left = db.session.scalar(
        sa.update(Variant)
        .where(Variant.id == variant.id, Variant.stock + difference >= 0)
        .values(stock=Variant.stock + difference)
        .returning(Variant.stock)
        .execution_options(synchronize_session=False)
    )
    if left is None:
        raise StockMoved(left=variant.stock, size=variant.size or "–")
    db.session.refresh(variant)


def _retire(variants: Sequence[Variant]) -> None:
    for variant in variants:
        variant.retired_at = clock.now()

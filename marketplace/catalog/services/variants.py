"""Sizes, price and stock: what needs no review and changes at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from marketplace.catalog import stock
from marketplace.catalog.models import Listing, StockReason, Variant
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import NotFound

from . import pricing_log
from .errors import PriceMissing, SizeTwice
from .loading import variants_of
from .pricing_log import Reason


@dataclass(frozen=True, slots=True)
class Size:
    """One row of the form. `saw` is the stock that the form showed, so that a sale in between is kept.

    `price` is whole rupiah where this size has its own, so are `labour_idr` (the making charge) and the grams of one
    sold unit; `variant_id` None is a new size, or one of the same name that the form did not know yet.
    """

    size: str = ""
    stock: int = 0
    price: int | None = None
    variant_id: int | None = None
    saw: int | None = None
    size_mm: Decimal | None = None
    weight_grams: Decimal | None = None
    labour_idr: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """How a piece is sold. `price` is whole rupiah for every size without its own; None while it is not yet said.

    `engraving_price_idr` comes on top of the price of an engraved piece.
    """

    price: int | None
    sizes: Sequence[Size] = ()
    made_to_order: bool = False
    lead_time_days: int = 0
    engraving_price_idr: int = 0


def put(listing: Listing, offer: Offer, by: int | None = None) -> bool:
    """Make the listing's variants those of the offer, inside the caller's transaction, under the listing's lock.

    Tells whether anything changed that the public sees. Sizes that are gone are retired, never deleted: carts and
    orders may point at them. Before there is a price the sizes are only remembered.

    Raises:
        NotFound: a row names another listing's variant.
        StockMoved, TooMany, PriceMissing, SizeTwice.
    """
    before = _facts(listing)
    present = {variant.id: variant for variant in variants_of(listing)}
    sizes = _recognized(offer.sizes, present.values())
    _check(listing, offer, sizes, set(present))
    listing.made_to_order, listing.lead_time_days = offer.made_to_order, offer.lead_time_days
    listing.engraving_price_idr = offer.engraving_price_idr
    if any(_price(offer, size) is None for size in sizes):
        listing.unfinished = [remembered(size) for size in sizes]
        _retire(list(present.values()))
    else:
        listing.unfinished = []
        _write(listing, offer, sizes, present, by)
    db.session.flush()
    return _facts(listing) != before


def _recognized(sizes: Sequence[Size], present: Iterable[Variant]) -> list[Size]:
    """A form that was made before its sizes were first saved names them without their numbers: they are the same.

    So is the first size of a piece that had none before.
    """
    named = {size.variant_id for size in sizes}
    left = {variant.size.casefold(): variant.id for variant in present if variant.id not in named}
    known = [_numbered(size, left, size.size.casefold()) for size in sizes]
    return [_numbered(size, left, "") for size in known]


def _numbered(size: Size, left: dict[str, int], name: str) -> Size:
    return replace(size, variant_id=left.pop(name, None)) if size.variant_id is None else size


def _facts(listing: Listing) -> tuple[Any, ...]:
    rows = tuple((row.id, row.size, row.price_amount, row.stock, row.weight_grams) for row in variants_of(listing))
    return listing.made_to_order, listing.lead_time_days, listing.engraving_price_idr, rows


def _write(listing: Listing, offer: Offer, sizes: Sequence[Size], present: dict[int, Variant], by: int | None) -> None:
    for position, size in enumerate(sizes):
        if size.variant_id is None:
            _add(listing, offer, size, position, by)
        else:
            _change(present[size.variant_id], offer, size, position, by)
    _retire([present[gone] for gone in sorted(present.keys() - {size.variant_id for size in sizes})])


def _price(offer: Offer, size: Size) -> int | None:
    return size.price or offer.price


def _check(listing: Listing, offer: Offer, sizes: Sequence[Size], present: set[int]) -> None:
    seen: set[str] = set()
    for size in sizes:
        if size.variant_id is not None and size.variant_id not in present:
            raise NotFound("Variant", size.variant_id)
        if size.size.casefold() in seen:
            raise SizeTwice(size=size.size or "–")
        seen.add(size.size.casefold())
    unpriced = not sizes or any(_price(offer, size) is None for size in sizes)
    if unpriced and listing.approved_version_id is not None:
        raise PriceMissing()


def remembered(size: Size) -> dict[str, Any]:
    """As it goes into the JSON column: a size that never had a price has no variant either."""
    weight = None if size.weight_grams is None else str(size.weight_grams)
    return {
        "size": size.size,
        "stock": size.stock,
        "price": size.price,
        "weight_grams": weight,
        "labour_idr": size.labour_idr,
    }


def _add(listing: Listing, offer: Offer, size: Size, position: int, by: int | None) -> None:
    variant = Variant(
        listing_id=listing.id,
        position=position,
        size=size.size,
        size_mm=size.size_mm,
        price_amount=_price(offer, size),
        price_currency="IDR",
        weight_grams=size.weight_grams,
        labour_idr=size.labour_idr,
        stock=size.stock,
    )
    db.session.add(variant)
    db.session.flush()
    stock.begin(variant.id, by)
    pricing_log.changed(variant, None, variant.price_amount, Reason.TYPED, by)


def _change(variant: Variant, offer: Offer, size: Size, position: int, by: int | None) -> None:
    variant.position, variant.size, variant.size_mm = position, size.size, size.size_mm
    variant.weight_grams, variant.labour_idr = size.weight_grams, size.labour_idr
    before = variant.price_amount
    variant.price_amount = _price(offer, size) or before
    db.session.flush()
    pricing_log.changed(variant, before, variant.price_amount, Reason.TYPED, by)
    stock.set_counted(variant.id, size.stock, size.saw, StockReason.COUNTED, by)
    db.session.refresh(variant)


def _retire(variants: Sequence[Variant]) -> None:
    for variant in variants:
        variant.retired_at = clock.now()

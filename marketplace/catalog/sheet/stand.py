"""What there is now: the pieces of one workshop with all that the table can say of them, in a few statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db

from ..models import Listing, ListingVersion, Variant
from ..queries.own import shown_version
from . import columns

BATCH = 500


@dataclass(frozen=True, slots=True)
class Size:
    """`variant_id` None: a size of a draft that has no price yet (`Listing.unfinished`)."""

    variant_id: int | None
    size: str
    price: int | None
    stock: int
    weight: Decimal | None = None
    labour: int | None = None


@dataclass(slots=True)
class Piece:
    listing: Listing
    version: ListingVersion
    sizes: list[Size] = field(default_factory=list)
    variants: dict[int, Variant] = field(default_factory=dict)

    def value(self, column: columns.Column) -> Any:
        """What stands in a cell of the piece itself."""
        if column.code == "number":
            return self.listing.id
        if column.code == "state":
            return self.listing.state.value
        return getattr(self.version if column.of == "version" else self.listing, column.code)

    @property
    def title(self) -> str:
        return self.version.title_id or self.version.title_en

    @property
    def may_be_shown(self) -> bool:
        return self.listing.approved_version_id is not None and self.listing.taken_down_at is None


def size_value(size: Size, code: str) -> Any:
    named: Mapping[str, Any] = {
        "size": size.size,
        "price": size.price,
        "stock": size.stock,
        "stock_was": size.stock,
        "size_weight": size.weight,
        "labour": size.labour,
    }
    return named[code]


def pieces(workshop_id: int, ids: Sequence[int] | None = None, *, lock: bool = False) -> dict[int, Piece]:
    """The workshop's pieces by number, oldest first; those of `ids` only, or all. Two statements for each 500.

    `lock` holds the listings, in the order of their numbers, until the transaction ends.
    """
    found: dict[int, Piece] = {}
    for part in _parts(workshop_id, ids):
        found |= _read(workshop_id, part, lock=lock)
    return found


def each(workshop_id: int) -> Iterator[Piece]:
    """All of them, one batch in memory at a time."""
    for part in _parts(workshop_id, None):
        yield from _read(workshop_id, part, lock=False).values()


def numbers_by_sku(workshop_id: int) -> dict[str, int]:
    """One statement."""
    query = sa.select(Listing.sku, Listing.id).where(Listing.workshop_id == workshop_id, Listing.sku.is_not(None))
    return {sku: ident for sku, ident in db.session.execute(query) if sku}


def _parts(workshop_id: int, ids: Sequence[int] | None) -> Iterator[Sequence[int]]:
    if ids is not None:
        wanted = sorted(set(ids))
        yield from (wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH))
        return
    after = 0
    while True:
        query = sa.select(Listing.id).where(Listing.workshop_id == workshop_id, Listing.id > after)
        part = list(db.session.scalars(query.order_by(Listing.id).limit(BATCH)))
        if part:
            yield part
        if len(part) < BATCH:
            return
        after = part[-1]


def _read(workshop_id: int, ids: Sequence[int], *, lock: bool) -> dict[int, Piece]:
    query = (
        sa.select(Listing, ListingVersion)
        .join(ListingVersion, ListingVersion.id == shown_version())
        .where(Listing.workshop_id == workshop_id, Listing.id.in_(ids))
        .order_by(Listing.id)
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(key_share=True, of=Listing)
    found = {listing.id: Piece(listing, version) for listing, version in db.session.execute(query)}
    for variant in _variants(found):
        piece = found[variant.listing_id]
        piece.variants[variant.id] = variant
        piece.sizes.append(
            Size(
                variant.id,
                variant.size,
                variant.price_amount,
                variant.stock,
                variant.weight_grams,
                variant.labour_idr,
            )
        )
    for piece in found.values():
        if not piece.sizes:
            piece.sizes = [_remembered(row) for row in piece.listing.unfinished]
    return found


def _variants(listing_ids: Iterable[int]) -> Iterable[Variant]:
    return db.session.scalars(
        sa.select(Variant)
        .where(Variant.listing_id.in_(list(listing_ids)), Variant.retired_at.is_(None))
        .order_by(Variant.listing_id, Variant.position, Variant.id)
        .execution_options(populate_existing=True)
    )


def _remembered(row: Mapping[str, Any]) -> Size:
    price, weight, labour = row.get("price"), row.get("weight_grams"), row.get("labour_idr")
    return Size(
        None,
        str(row.get("size") or ""),
        int(price) if price else None,
        int(row.get("stock") or 0),
        Decimal(weight) if weight else None,
        int(labour) if labour is not None else None,
    )

"""Many pieces in one screen: what each costs, how many there are, and whether it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.pagination import Page

from .. import metals
from ..costing import Metal, suggested
from ..models import Costing, Listing, ListingVersion, Variant
from . import own
from .costing import sheet_from
from .own import OwnRow, Show


@dataclass(frozen=True, slots=True)
class ManySize:
    variant_id: int
    size: str
    price: int  # whole rupiah
    stock: int


@dataclass(frozen=True, slots=True)
class ManyRow:
    piece: OwnRow
    sizes: Sequence[ManySize]  # none while a draft has no price


def rows(workshop_id: int, show: Show, words: str = "", after: str | None = None) -> Page[ManyRow]:
    """The pieces of one chip with their sizes; three statements."""
    found = own.rows(workshop_id, show, words, after)
    sizes = _sizes(workshop_id, [row.id for row in found.rows])
    return Page([ManyRow(row, sizes.get(row.id, [])) for row in found.rows], found.after, found.seen)


def _sizes(workshop_id: int, listing_ids: Sequence[int]) -> dict[int, list[ManySize]]:
    query = (
        sa.select(Variant)
        .join(Listing, Listing.id == Variant.listing_id)
        .where(Listing.workshop_id == workshop_id, Listing.id.in_(listing_ids), Variant.retired_at.is_(None))
        .order_by(Variant.listing_id, Variant.position, Variant.id)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[ManySize]] = {}
    for row in db.session.scalars(query):
        size = ManySize(row.id, row.size, row.price_amount, row.stock)
        found.setdefault(row.listing_id, []).append(size)
    return found


def costs(workshop_id: int, variant_ids: Sequence[int]) -> dict[int, int]:
    """What these sizes cost their maker at today's metal, in whole rupiah; those with a costing sheet, a weight and a
    rate. Two statements."""
    query = (
        sa.select(Variant, Costing, ListingVersion)
        .join(Costing, Costing.listing_id == Variant.listing_id)
        .join(Listing, Listing.id == Variant.listing_id)
        .join(ListingVersion, ListingVersion.id == own.shown_version())
        .where(Variant.id.in_(variant_ids), Listing.workshop_id == workshop_id)
    )
    rates = metals.current()
    found = {}
    for variant, costing, version in db.session.execute(query):
        rate, grams = rates.get(version.material), variant.weight_grams or version.weight_grams
        if rate is None or grams is None:
            continue
        metal = Metal(grams, version.fineness, rate.idr_per_gram)
        found[variant.id] = suggested(metal, sheet_from(costing).with_labour(variant.labour_idr)).cost_idr
    return found

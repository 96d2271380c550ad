"""What a newer metal rate proposes for a workshop's pieces: old and new price of each size, and nothing decided."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from marketplace.catalog import attributes, metals
from marketplace.catalog.costing import Costs, Metal, Sheet, suggested
from marketplace.catalog.metals import Rate
from marketplace.catalog.models import (
    Costing,
    Listing,
    ListingState,
    ListingVersion,
    MetalRate,
    Variant,
    VersionPhoto,
)
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.media.queries import PhotoView, photo_views

HIGHEST = 10**10  # rupiah: the dearest piece that a form takes too
SHOWN = 40  # rows of a page; the rest is one link away

Row = sa.Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """One size with its price as it is and as it would be; whole rupiah."""

    variant_id: int
    size: str
    old: int
    new: int

    @property
    def by(self) -> int:
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class Proposal:
    """One piece whose price the rate would move; `costs`, `sheet` and `metal` are those of its first changed size."""

    listing_id: int
    title: str
    material: str
    fineness: int | None
    weight_grams: Decimal | None
    changes: tuple[Change, ...]
    rate: Rate | None = None
    agreed_idr: int | None = None  # the rate at which the price was agreed to
    sheet: Sheet | None = None
    metal: Metal | None = None
    costs: Costs | None = None

    @property
    def metal_text(self) -> str:
        return attributes.material_text(self.material, self.fineness)

    @property
    def first(self) -> Change:
        return self.changes[0]

    @property
    def has_one_change(self) -> bool:
        return len({(change.old, change.new) for change in self.changes}) == 1


@dataclass(frozen=True, slots=True)
class Preview:
    """All that waits. `stamp` is the same as long as every price, old and new, is: one agrees to what one has seen."""

    rows: tuple[Proposal, ...]
    stale: tuple[Rate, ...] = ()  # rates that are too old to propose anything

    @property
    def stamp(self) -> str:
        facts = [
            f"{row.listing_id}:{row.rate.id if row.rate else 0}:{change.variant_id}:{change.old}:{change.new}"
            for row in self.rows
            for change in row.changes
        ]
        return hashlib.sha256("|".join(sorted(facts)).encode()).hexdigest()[:32]

    @property
    def rates(self) -> dict[str, Rate]:
        """By metal, those that move a price."""
        return {row.rate.metal: row.rate for row in self.rows if row.rate}


def proposals(workshop_id: int) -> Preview:
    """What waits for this workshop's word, newest piece first; two statements, however many pieces it has."""
    current = metals.current()
    fresh = {metal: rate for metal, rate in current.items() if not rate.is_stale}
    stale = tuple(rate for rate in current.values() if rate.is_stale)
    if not fresh:
        return Preview((), stale)
    found = db.session.execute(_followers(workshop_id, fresh)).all()
    rows = (_proposal(list(group), fresh) for _, group in groupby(found, key=lambda row: row.listing_id))
    return Preview(tuple(row for row in rows if row.changes), stale)


def _followers(workshop_id: int, fresh: Mapping[str, Rate]) -> Any:
    """Every size of the pieces that follow a metal whose rate is not the one that was agreed to."""
    newer = [
        sa.and_(
            ListingVersion.material == metal,
            sa.or_(Costing.rate_id.is_(None), Costing.rate_id != rate.id),
        )
        for metal, rate in fresh.items()
    ]
    return (
        sa.select(
            Listing.id.label("listing_id"),
            ListingVersion.title_en,
            ListingVersion.title_id,
            ListingVersion.material,
            ListingVersion.fineness,
            ListingVersion.weight_grams,
            Variant.id.label("variant_id"),
            Variant.size,
            Variant.price_amount,
            sa.func.coalesce(Variant.weight_grams, ListingVersion.weight_grams).label("unit_grams"),
            Variant.labour_idr.label("own_labour_idr"),
            Costing.labour_idr,
            Costing.stones_idr,
            Costing.finishing_idr,
            Costing.loss_bp,
            Costing.margin_bp,
            MetalRate.idr_per_gram.label("agreed_idr"),
        )
        .select_from(Costing)
        .join(Listing, Listing.id == Costing.listing_id)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .join(Variant, sa.and_(Variant.listing_id == Listing.id, Variant.retired_at.is_(None)))
        .outerjoin(MetalRate, MetalRate.id == Costing.rate_id)
        .where(
            Costing.workshop_id == workshop_id,
            Costing.follows_rate,
            Listing.state.in_((ListingState.LIVE, ListingState.PAUSED)),
            sa.func.coalesce(Variant.weight_grams, ListingVersion.weight_grams).is_not(None),
            sa.or_(*newer),
        )
        .order_by(Listing.id.desc(), Variant.position, Variant.id)
    )


def _proposal(rows: Sequence[Row], fresh: Mapping[str, Rate]) -> Proposal:
    first = rows[0]
    rate = fresh[first.material]
    reckoned = [(row, _metal(row, rate), _sheet(row)) for row in rows]
    moved = [(row, metal, sheet) for row, metal, sheet in reckoned if _moves(row, rate, suggested(metal, sheet))]
    shown = moved[0] if moved else reckoned[0]
    return Proposal(
        listing_id=first.listing_id,
        title=pick(first.title_en, first.title_id),
        material=first.material,
        fineness=first.fineness,
        weight_grams=shown[0].unit_grams,
        changes=tuple(
            Change(row.variant_id, row.size, row.price_amount, suggested(metal, sheet).suggestion_idr)
            for row, metal, sheet in moved
        ),
        rate=rate,
        agreed_idr=first.agreed_idr,
        sheet=shown[2],
        metal=shown[1],
        costs=suggested(shown[1], shown[2]),
    )


def _metal(row: Row, rate: Rate) -> Metal:
    return Metal(Decimal(row.unit_grams), row.fineness, rate.idr_per_gram)


def _sheet(row: Row) -> Sheet:
    sheet = Sheet(row.labour_idr, row.stones_idr, row.finishing_idr, row.loss_bp, row.margin_bp)
    return sheet.with_labour(row.own_labour_idr)


def _moves(row: Row, rate: Rate, costs: Costs) -> bool:
    """A price goes the way of the metal or stays: one that stands above its sheet is not lowered when silver rises."""
    new, old = costs.suggestion_idr, row.price_amount
    if not 0 < new <= HIGHEST or new == old:
        return False
    if row.agreed_idr is None:
        return True
    return (
        bool(new > old)
        if rate.idr_per_gram > row.agreed_idr
        else bool(new < old and rate.idr_per_gram < row.agreed_idr)
    )


def covers(listing_ids: Iterable[int]) -> dict[int, PhotoView]:
    """The first photo of each approved version; two statements."""
    first = (
        sa.select(VersionPhoto.photo_id)
        .where(VersionPhoto.version_id == Listing.approved_version_id)
        .order_by(VersionPhoto.position, VersionPhoto.id)
        .limit(1)
        .correlate(Listing)
        .scalar_subquery()
    )
    found = db.session.execute(sa.select(Listing.id, first.label("photo_id")).where(Listing.id.in_(list(listing_ids))))
    photo_of = {row.id: row.photo_id for row in found if row.photo_id is not None}
    views = photo_views(list(photo_of.values()))
    return {listing_id: views[photo] for listing_id, photo in photo_of.items() if photo in views}


@dataclass(frozen=True, slots=True)
class Counts:
    """Pieces on sale or paused: with a sheet that follows the rate, and all."""

    following: int
    pieces: int

    @property
    def rest(self) -> int:
        return self.pieces - self.following


def counts(workshop_id: int) -> Counts:
    """One statement."""
    row = db.session.execute(
        sa.select(sa.func.count(sa.case((Costing.follows_rate, 1))), sa.func.count())
        .select_from(Listing)
        .outerjoin(Costing, Costing.listing_id == Listing.id)
        .where(
            Listing.workshop_id == workshop_id,
            Listing.state.in_((ListingState.LIVE, ListingState.PAUSED)),
            Listing.approved_version_id.is_not(None),
        )
    ).one()
    return Counts(int(row[0]), int(row[1]))

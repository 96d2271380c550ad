"""The page of one piece: three statements, whatever it has of sizes and photos."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa

from marketplace.catalog import attributes, sizes
from marketplace.catalog.metals import newest_id
from marketplace.catalog.models import Category, Costing, Listing, ListingVersion, MetalRate, Variant, VersionPhoto
from marketplace.catalog.publication import ONE_OF_A_KIND, visible
from marketplace.core.db import db
from marketplace.core.i18n import is_fallback, pick
from marketplace.media.models import Photo
from marketplace.media.queries import VIEW_COLUMNS, PhotoView, view_from
from marketplace.workshops.models import Workshop

from .breakdown import Breakdown, breakdown
from .buyable import packed
from .cards import FEW, availability


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant as it is offered."""

    id: int
    size: str
    price_idr: int
    stock: int
    weight_grams: Decimal | None
    made_to_order: bool
    labour_idr: int | None = None

    @property
    def is_there(self) -> bool:
        return self.made_to_order or self.stock > 0

    @property
    def is_few(self) -> bool:
        return not self.made_to_order and 0 < self.stock <= FEW

    @property
    def label(self) -> str:
        return sizes.short_label(self.size)

    @property
    def long_label(self) -> str:
        return sizes.long_label(self.size)


@dataclass(frozen=True, slots=True)
class Picture:
    photo: PhotoView
    alt: str


@dataclass(frozen=True, slots=True)
class Maker:
    """The workshop, as it stands beside its piece."""

    id: int
    slug: str
    name: str
    initials: str
    banjar: str
    since_year: int | None
    artisan_count: int | None
    story_en: str
    story_id: str
    answer_minutes: int | None

    @property
    def story(self) -> str:
        return pick(self.story_en, self.story_id)


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Everything that is said about a piece; prices are whole rupiah until the page shows them."""

    id: int
    slug: str
    sku: str
    category_id: int
    size_kind: str
    title_en: str
    title_id: str
    description_en: str
    description_id: str
    material: str
    fineness: int | None
    plating: str
    weight_grams: Decimal | None
    techniques: tuple[str, ...]
    finish: str
    stones: str
    dimensions: str
    measured: str  # the dimensions that the drawing reads, in English where there are any
    tags: tuple[str, ...]
    engraving_limit: int
    engraving_price_idr: int
    sold_as: str
    set_count: int
    made_to_order: bool
    lead_time_days: int
    own_packed_grams: int
    updated_at: datetime
    maker: Maker
    variants: tuple[Choice, ...]
    pictures: tuple[Picture, ...]
    breakdown: Breakdown | None = None  # where the price goes, if its maker lets buyers see it

    @property
    def title(self) -> str:
        return pick(self.title_en, self.title_id)

    @property
    def description(self) -> str:
        return pick(self.description_en, self.description_id)

    @property
    def is_title_fallback(self) -> bool:
        return is_fallback(self.title_en, self.title_id)

    @property
    def is_description_fallback(self) -> bool:
        return is_fallback(self.description_en, self.description_id)

    @property
    def price_from_idr(self) -> int:
        return min(choice.price_idr for choice in self.variants)

    @property
    def has_one_price(self) -> bool:
        return len({choice.price_idr for choice in self.variants}) == 1

    @property
    def stock(self) -> int:
        return sum(choice.stock for choice in self.variants)

    @property
    def availability(self) -> str:
        single = len(self.variants) == 1 and self.stock == 1 and ONE_OF_A_KIND in self.tags
        return availability(made_to_order=self.made_to_order, stock=self.stock, is_single=single)

    @property
    def is_plated(self) -> bool:
        return self.plating not in ("", "none")

    @property
    def packed_grams(self) -> int:
        heaviest = max(choice.weight_grams or self.weight_grams or Decimal(0) for choice in self.variants)
        return self.own_packed_grams or packed(heaviest)

    @property
    def metal_text(self) -> str:
        return attributes.material_text(self.material, self.fineness)

    @property
    def is_handmade(self) -> bool:
        return not set(self.techniques) & attributes.MACHINE_TECHNIQUES


def public_listing(listing_id: int) -> ListingPage | None:
    """The piece as the public sees it, or None: not there, not on sale, taken down, its workshop suspended."""
    row = db.session.execute(_listing(), {"id": listing_id}).first()
    if row is None:
        return None
    listing, version, workshop, size_kind, sheet, rate = row
    variants = _variants(listing)
    if not variants:
        return None
    return ListingPage(
        id=listing.id,
        slug=listing.slug,
        sku=listing.sku or "",
        category_id=version.category_id or 0,
        size_kind=size_kind,
        title_en=version.title_en,
        title_id=version.title_id,
        description_en=version.description_en,
        description_id=version.description_id,
        material=version.material,
        fineness=version.fineness,
        plating=version.plating,
        weight_grams=version.weight_grams,
        techniques=tuple(version.techniques),
        finish=version.finish,
        stones=pick(version.stones_en, version.stones_id),
        dimensions=pick(version.dimensions_en, version.dimensions_id),
        measured=version.dimensions_en or version.dimensions_id,
        tags=tuple(version.tags),
        engraving_limit=version.engraving_limit,
        engraving_price_idr=listing.engraving_price_idr,
        sold_as=version.sold_as,
        set_count=version.set_count,
        made_to_order=listing.made_to_order,
        lead_time_days=listing.lead_time_days,
        own_packed_grams=listing.packed_grams,
        updated_at=listing.updated_at,
        maker=maker_of(workshop),
        variants=variants,
        pictures=_pictures(version.id),
        breakdown=breakdown(sheet, rate, version, variants),
    )


@cache
def _listing() -> Any:
    """Built once, as the two below: a page of one piece is what is asked most."""
    return (
        sa.select(Listing, ListingVersion, Workshop, Category.size_kind, Costing, MetalRate)
        .join(Workshop, Workshop.id == Listing.workshop_id)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .join(Category, Category.id == ListingVersion.category_id)
        .outerjoin(Costing, sa.and_(Costing.listing_id == Listing.id, Costing.shows_breakdown))
        .outerjoin(MetalRate, MetalRate.id == newest_id(ListingVersion.material))
        .where(Listing.id == sa.bindparam("id"), visible())
    )


def maker_of(workshop: Workshop) -> Maker:
    return Maker(
        workshop.id,
        workshop.slug,
        workshop.name,
        workshop.initials,
        workshop.banjar,
        workshop.since_year,
        workshop.artisan_count,
        workshop.story_en,
        workshop.story_id,
        workshop.answer_minutes,
    )


def _variants(listing: Listing) -> tuple[Choice, ...]:
    rows = db.session.execute(_offered(), {"id": listing.id})
    return tuple(
        Choice(row.id, row.size, row.price_amount, row.stock, row.weight_grams, listing.made_to_order, row.labour_idr)
        for row in rows
    )


@cache
def _offered() -> Any:
    return (
        sa.select(
            Variant.id, Variant.size, Variant.price_amount, Variant.stock, Variant.weight_grams, Variant.labour_idr
        )
        .where(Variant.listing_id == sa.bindparam("id"), Variant.retired_at.is_(None))
        .order_by(Variant.position, Variant.id)
    )


def _pictures(version_id: int) -> tuple[Picture, ...]:
    rows = db.session.execute(_photos(), {"id": version_id})
    return tuple(Picture(view, pick(row[0], row[1])) for row in rows if (view := view_from(row[2:])) is not None)


@cache
def _photos() -> Any:
    return (
        sa.select(VersionPhoto.alt_en, VersionPhoto.alt_id, *VIEW_COLUMNS)
        .join(Photo, Photo.id == VersionPhoto.photo_id)
        .where(VersionPhoto.version_id == sa.bindparam("id"))
        .order_by(VersionPhoto.position, VersionPhoto.id)
    )

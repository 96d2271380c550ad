"""What cart and checkout must know of the variants that somebody wants, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Category, Listing, ListingVersion, Variant, VersionPhoto
from marketplace.catalog.publication import visible
from marketplace.core.db import db
from marketplace.core.i18n import is_fallback, language, pick
from marketplace.media.models import Photo
from marketplace.media.queries import PhotoView, view_of
from marketplace.workshops.models import Workshop

SMALL_BOX_GRAMS = 80  # what packing adds to a piece that says nothing of its own (domain.md 7.2)


@dataclass(frozen=True, slots=True)
class BuyableVariant:
    """One variant as it stands now. `is_buyable`: it may be bought at all; stock is asked apart."""

    variant_id: int
    listing_id: int
    workshop_id: int
    workshop_name: str
    workshop_slug: str
    workshop_initials: str
    category_id: int | None
    version_id: int
    slug: str
    sku: str
    title_en: str
    title_id: str
    size: str
    price_idr: int
    stock: int
    made_to_order: bool
    lead_time_days: int
    weight_grams: Decimal | None
    packed_grams: int
    material: str
    fineness: int | None
    plating: str
    engraving_limit: int
    engraving_price_idr: int  # on top of the price, when it is engraved
    sold_as: str
    set_count: int
    hs6: str
    photo_id: int | None
    photo: PhotoView | None
    alt_en: str
    alt_id: str
    is_buyable: bool

    @property
    def title(self) -> str:
        return pick(self.title_en, self.title_id)

    @property
    def title_language(self) -> str:
        """The language that `title` is really in."""
        other = "en" if language() == "id" else "id"
        return other if is_fallback(self.title_en, self.title_id) else language()

    @property
    def alt(self) -> str:
        return pick(self.alt_en, self.alt_id)

    def unit_idr(self, engraving: str) -> int:
        """The maker's price of one, engraved or not."""
        return self.price_idr + (self.engraving_price_idr if engraving else 0)

    def can_give(self, quantity: int) -> bool:
        """Advice for the cart; only `stock.take` decides."""
        return self.is_buyable and (self.made_to_order or self.stock >= quantity)


def buyable(variant_ids: Iterable[int]) -> dict[int, BuyableVariant]:
    """The facts by variant id. What does not exist, or never had an approved version, is left out.

    Read inside a transaction it is as true as the transaction; a listing that went off sale is there with
    `is_buyable` false, so that a cart can still name it.
    """
    first = (
        sa.select(VersionPhoto.id)
        .where(VersionPhoto.version_id == ListingVersion.id)
        .order_by(VersionPhoto.position, VersionPhoto.id)
        .limit(1)
        .correlate(ListingVersion)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            Variant.id.label("variant_id"),
            Variant.size,
            Variant.price_amount,
            Variant.stock,
            sa.func.coalesce(Variant.weight_grams, ListingVersion.weight_grams).label("weight_grams"),
            sa.and_(visible(), Variant.retired_at.is_(None)).label("is_buyable"),
            Listing.id.label("listing_id"),
            Listing.workshop_id,
            Listing.slug,
            Listing.sku,
            Listing.made_to_order,
            Listing.lead_time_days,
            Listing.packed_grams,
            Listing.engraving_price_idr,
            ListingVersion.id.label("version_id"),
            ListingVersion.category_id,
            ListingVersion.title_en,
            ListingVersion.title_id,
            ListingVersion.material,
            ListingVersion.fineness,
            ListingVersion.plating,
            ListingVersion.engraving_limit,
            ListingVersion.sold_as,
            ListingVersion.set_count,
            Category.hs6,
            Workshop.name.label("workshop_name"),
            Workshop.slug.label("workshop_slug"),
            Workshop.initials.label("workshop_initials"),
            VersionPhoto.alt_en,
            VersionPhoto.alt_id,
            Photo,
        )
        .join(Listing, Listing.id == Variant.listing_id)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .join(Workshop, Workshop.id == Listing.workshop_id)
        .outerjoin(Category, Category.id == ListingVersion.category_id)
        .outerjoin(VersionPhoto, VersionPhoto.id == first)
        .outerjoin(Photo, Photo.id == VersionPhoto.photo_id)
        .where(Variant.id.in_(sorted(set(variant_ids))))
    )
    return {row.variant_id: _buyable(row) for row in rows}


def _buyable(row: sa.Row[*tuple[Any, ...]]) -> BuyableVariant:
    return BuyableVariant(
        variant_id=row.variant_id,
        listing_id=row.listing_id,
        workshop_id=row.workshop_id,
        workshop_name=row.workshop_name,
        workshop_slug=row.workshop_slug,
        workshop_initials=row.workshop_initials,
        category_id=row.category_id,
        version_id=row.version_id,
        slug=row.slug,
        sku=row.sku or "",
        title_en=row.title_en,
        title_id=row.title_id,
        size=row.size,
        price_idr=row.price_amount,
        stock=row.stock,
        made_to_order=row.made_to_order,
        lead_time_days=row.lead_time_days,
        weight_grams=row.weight_grams,
        packed_grams=row.packed_grams or packed(row.weight_grams),
        material=row.material,
        fineness=row.fineness,
        plating=row.plating,
        engraving_limit=row.engraving_limit,
        engraving_price_idr=row.engraving_price_idr,
        sold_as=row.sold_as,
        set_count=row.set_count,
        hs6=row.hs6 or "",
        photo_id=row.Photo.id if row.Photo else None,
        photo=view_of(row.Photo) if row.Photo else None,
        alt_en=row.alt_en or "",
        alt_id=row.alt_id or "",
        is_buyable=bool(row.is_buyable),
    )


def packed(weight_grams: Decimal | None) -> int:
    """Grams of a packed piece whose maker gave no packed weight: the piece, and a box in proportion."""
    weight = int(weight_grams or 0)
    return weight + max(SMALL_BOX_GRAMS, weight // 4)

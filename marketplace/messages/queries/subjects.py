"""What talks are about: a piece or an order, with its name and a small photo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Listing, ListingVersion, Variant, VersionPhoto
from marketplace.catalog.publication import visible
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.media.queries import PhotoView, photo_views
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.workshops.models import Workshop

from ..models import Thread


@dataclass(frozen=True, slots=True)
class Subject:
    """Of a piece: `listing_id` with `slug`, `price_idr`, `weight_grams`; of an order: `seller_order_id`, `number`,
    `token`, and how many lines there are. `is_public`: the piece's page can be opened by anyone."""

    title_en: str
    title_id: str
    photo: PhotoView | None
    listing_id: int | None = None
    slug: str = ""
    is_public: bool = False
    price_idr: int | None = None
    weight_grams: Decimal | None = None
    seller_order_id: int | None = None
    number: str = ""
    token: str = ""
    line_count: int = 0

    @property
    def title(self) -> str:
        return pick(self.title_en, self.title_id)

    @property
    def is_order(self) -> bool:
        return self.seller_order_id is not None


NOTHING = Subject("", "", None)
Key = tuple[int | None, int | None]  # seller order, listing


def key_of(thread: Thread) -> Key:
    return thread.seller_order_id, thread.listing_id


def subjects(keys: Iterable[Key]) -> dict[Key, Subject]:
    """By (seller order, listing); at most four statements, however many there are."""
    keys = list(keys)
    pieces = _piece_rows([listing for part, listing in keys if part is None and listing is not None])
    parts = _part_rows([part for part, _listing in keys if part is not None])
    views = photo_views([row.photo_id for row in (*pieces, *parts)])
    found: dict[Key, Subject] = {}
    for row in pieces:
        found[(None, row.id)] = _piece(row, views.get(row.photo_id or 0))
    for row in parts:
        found[(row.id, None)] = _part(row, views.get(row.photo_id or 0))
    return found


def _piece_rows(listing_ids: Sequence[int]) -> Sequence[sa.Row[Any]]:
    if not listing_ids:
        return []
    newest = sa.orm.aliased(ListingVersion)
    latest = sa.select(sa.func.max(newest.id)).where(newest.listing_id == Listing.id).correlate(Listing)
    cover = (
        sa.select(VersionPhoto.photo_id)
        .where(VersionPhoto.version_id == ListingVersion.id)
        .order_by(VersionPhoto.position, VersionPhoto.id)
        .limit(1)
        .correlate(ListingVersion)
    )
    price = (
        sa.select(sa.func.min(Variant.price_amount))
        .where(Variant.listing_id == Listing.id, Variant.retired_at.is_(None))
        .correlate(Listing)
    )
    return db.session.execute(
        sa.select(
            Listing.id,
            Listing.slug,
            ListingVersion.title_en,
            ListingVersion.title_id,
            ListingVersion.weight_grams,
            cover.scalar_subquery().label("photo_id"),
            price.scalar_subquery().label("price_idr"),
            visible().label("is_public"),
        )
        .select_from(Listing)
        .join(
            ListingVersion,
            ListingVersion.id == sa.func.coalesce(Listing.approved_version_id, latest.scalar_subquery()),
        )
        .join(Workshop, Workshop.id == Listing.workshop_id)
        .where(Listing.id.in_(set(listing_ids)))
    ).all()


def _part_rows(part_ids: Sequence[int]) -> Sequence[sa.Row[Any]]:
    if not part_ids:
        return []
    other = sa.orm.aliased(Line)
    of_part = sa.select(sa.func.min(other.id)).where(other.seller_order_id == SellerOrder.id).correlate(SellerOrder)
    count = sa.select(sa.func.count(other.id)).where(other.seller_order_id == SellerOrder.id).correlate(SellerOrder)
    return db.session.execute(
        sa.select(
            SellerOrder.id,
            Order.public_no,
            Order.token,
            Line.title_en,
            Line.title_id,
            Line.photo_id,
            count.scalar_subquery().label("line_count"),
        )
        .select_from(SellerOrder)
        .join(Order, Order.id == SellerOrder.order_id)
        .join(Line, Line.id == of_part.scalar_subquery())
        .where(SellerOrder.id.in_(set(part_ids)))
    ).all()


def _piece(row: sa.Row[Any], photo: PhotoView | None) -> Subject:
    return Subject(
        row.title_en,
        row.title_id,
        photo,
        listing_id=row.id,
        slug=row.slug,
        is_public=bool(row.is_public),
        price_idr=int(row.price_idr) if row.price_idr is not None else None,
        weight_grams=row.weight_grams,
    )


def _part(row: sa.Row[Any], photo: PhotoView | None) -> Subject:
    return Subject(
        row.title_en,
        row.title_id,
        photo,
        seller_order_id=row.id,
        number=row.public_no,
        token=row.token,
        line_count=int(row.line_count),
    )

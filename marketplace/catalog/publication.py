"""What is public, made from the rows: placements, cards, search documents and the versions of the pages.

Visible is a listing on sale that was not taken down, has an approved version, and whose workshop is in good standing.
Every service that changes one of these calls `refresh` in its transaction; it may be called any number of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.media.models import Photo, PhotoStatus
from marketplace.search import services as search
from marketplace.workshops.models import Workshop

from . import attributes, versions
from .models import Card, Category, Change, Listing, ListingState, ListingVersion, Placement, Variant, VersionPhoto

WHOLE_SHOP = 0  # the category that every public listing is placed under
ONE_OF_A_KIND = "one-of-a-kind"  # the tag that makes a single piece 'one of one'
BATCH = 500

Row = sa.Row[*tuple[Any, ...]]


def visible() -> sa.ColumnElement[bool]:
    """The one condition of what the public sees; the statement joins Listing with its Workshop."""
    return sa.and_(
        Listing.state == ListingState.LIVE,
        Listing.taken_down_at.is_(None),
        Listing.approved_version_id.is_not(None),
        Workshop.suspended_at.is_(None),
        Workshop.closed_at.is_(None),
    )


def refresh(listing_ids: Iterable[int]) -> None:
    """Bring everything public about these listings in step with their rows, in the caller's transaction."""
    ids = sorted(set(listing_ids))
    with transaction():
        for start in range(0, len(ids), BATCH):
            _refresh_batch(ids[start : start + BATCH])


def refresh_workshop(workshop_id: int) -> None:
    """After its name or standing changed: all its listings, and its own page."""
    with transaction():
        db.session.flush()
        refresh(db.session.scalars(sa.select(Listing.id).where(Listing.workshop_id == workshop_id)))
        db.session.execute(
            sa.update(Workshop)
            .where(Workshop.id == workshop_id)
            .values(version=Workshop.version + 1)
            .execution_options(synchronize_session=False)
        )
        versions.bump([versions.SHOP, versions.workshop_scope(workshop_id)])


def _refresh_batch(ids: Sequence[int]) -> None:
    db.session.flush()
    db.session.execute(sa.select(Listing.id).where(Listing.id.in_(ids)).order_by(Listing.id).with_for_update())
    ancestors = category_paths()
    scopes = _forget(ids)
    rows = _public_rows(ids)
    _place(rows, ancestors)
    _write_cards(rows)
    _write_documents(rows, ancestors)
    scopes |= _scopes_of((row.workshop_id, [c.id for c in ancestors.get(row.category_id, ())]) for row in rows)
    _count_version(ids)
    _wait_for_photos(rows)
    versions.bump(scopes)


def _forget(ids: Sequence[int]) -> set[str]:
    """Take these listings out of every page; gives the scopes of the pages that showed them."""
    rows = db.session.execute(
        sa.select(Placement.workshop_id, Placement.category_id).where(Placement.listing_id.in_(ids))
    ).all()
    for model in (Placement, Card):
        db.session.execute(
            sa.delete(model).where(model.listing_id.in_(ids)).execution_options(synchronize_session=False)
        )
    search.remove(ids)
    return _scopes_of((row.workshop_id, [row.category_id]) for row in rows)


def _scopes_of(places: Iterable[tuple[int, Sequence[int]]]) -> set[str]:
    scopes = {versions.SHOP}
    for workshop_id, categories in places:
        scopes.add(versions.workshop_scope(workshop_id))
        scopes.update(versions.category_scope(category) for category in categories if category)
    return scopes


def category_paths() -> dict[int, tuple[Category, ...]]:
    """Every category with its ancestors, itself first. One statement."""
    by_id = {category.id: category for category in db.session.scalars(sa.select(Category))}

    def path(category: Category) -> tuple[Category, ...]:
        parent = by_id.get(category.parent_id or 0)
        return (category, *(path(parent) if parent else ()))

    return {ident: path(category) for ident, category in by_id.items()}


def _public_rows(ids: Sequence[int]) -> Sequence[Row]:
    """Everything about those of the listings that are public, one row each."""
    offer = (
        sa.select(
            Variant.listing_id,
            sa.func.min(Variant.price_amount).label("price_amount"),
            sa.cast(sa.func.sum(Variant.stock), sa.BigInteger).label("stock"),
            sa.func.count().label("variant_count"),
        )
        .where(Variant.retired_at.is_(None), Variant.listing_id.in_(ids))
        .group_by(Variant.listing_id)
        .subquery()
    )
    first = (
        sa.select(VersionPhoto.id)
        .where(VersionPhoto.version_id == ListingVersion.id)
        .order_by(VersionPhoto.position, VersionPhoto.id)
        .limit(1)
        .correlate(ListingVersion)
        .scalar_subquery()
    )
    return db.session.execute(
        sa.select(
            Listing.id,
            Listing.slug,
            Listing.sku,
            Listing.workshop_id,
            Listing.made_to_order,
            Listing.lead_time_days,
            Listing.published_at,
            ListingVersion.category_id,
            ListingVersion.title_en,
            ListingVersion.title_id,
            ListingVersion.description_en,
            ListingVersion.description_id,
            ListingVersion.material,
            ListingVersion.fineness,
            ListingVersion.plating,
            ListingVersion.weight_grams,
            ListingVersion.sold_as,
            ListingVersion.set_count,
            ListingVersion.techniques,
            ListingVersion.finish,
            ListingVersion.stones_en,
            ListingVersion.stones_id,
            ListingVersion.tags,
            Workshop.name.label("workshop_name"),
            offer.c.price_amount,
            offer.c.stock,
            offer.c.variant_count,
            VersionPhoto.photo_id,
            VersionPhoto.alt_en,
            VersionPhoto.alt_id,
            Photo.status.label("photo_status"),
        )
        .join(Workshop, Workshop.id == Listing.workshop_id)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .join(offer, offer.c.listing_id == Listing.id)
        .outerjoin(VersionPhoto, VersionPhoto.id == first)
        .outerjoin(Photo, Photo.id == VersionPhoto.photo_id)
        .where(visible(), Listing.id.in_(ids), ListingVersion.category_id.is_not(None))
        .order_by(Listing.id)
    ).all()


def _place(rows: Sequence[Row], ancestors: Mapping[int, Sequence[Category]]) -> None:
    placements = [
        {
            "category_id": category_id,
            "listing_id": row.id,
            "workshop_id": row.workshop_id,
            "published_key": int((row.published_at or clock.now()).timestamp()),
            "price_amount": row.price_amount,
        }
        for row in rows
        for category_id in (WHOLE_SHOP, *(category.id for category in ancestors[row.category_id]))
    ]
    if placements:
        db.session.execute(sa.insert(Placement), placements)


def _write_cards(rows: Sequence[Row]) -> None:
    cards = [
        {
            "listing_id": row.id,
            "slug": row.slug,
            "title_en": row.title_en,
            "title_id": row.title_id,
            "workshop_name": row.workshop_name,
            "price_amount": row.price_amount,
            "material": row.material,
            "fineness": row.fineness,
            "plating": row.plating,
            "weight_grams": row.weight_grams,
            "sold_as": row.sold_as,
            "set_count": row.set_count,
            "made_to_order": row.made_to_order,
            "lead_time_days": row.lead_time_days,
            "stock": int(row.stock),
            "is_single": row.variant_count == 1 and row.stock == 1 and ONE_OF_A_KIND in row.tags,
            "photo_id": row.photo_id,
            "alt_en": row.alt_en or "",
            "alt_id": row.alt_id or "",
        }
        for row in rows
    ]
    if cards:
        db.session.execute(sa.insert(Card), cards)


def _write_documents(rows: Sequence[Row], ancestors: Mapping[int, Sequence[Category]]) -> None:
    search.write(
        [
            search.document(
                row.id,
                [row.title_en, row.title_id],
                _attribute_words(row, ancestors[row.category_id]),
                [row.description_en, row.description_id],
                row.sku,
            )
            for row in rows
        ]
    )


def _attribute_words(row: Row, path: Sequence[Category]) -> list[str]:
    """Both languages of everything typed by choice, so that a query in one finds a piece written in the other."""
    words = [name for category in path for name in (category.name_en, category.name_id)]
    words += [attributes.both_languages("technique", code) for code in row.techniques]
    words += [attributes.both_languages(kind, getattr(row, kind)) for kind in ("material", "plating", "finish")]
    return [*words, str(row.fineness or ""), row.stones_en, row.stones_id, row.workshop_name, *row.tags]


def _count_version(ids: Sequence[int]) -> None:
    db.session.execute(
        sa.update(Listing)
        .where(Listing.id.in_(ids))
        .values(version=Listing.version + 1)
        .execution_options(synchronize_session=False)
    )


def _wait_for_photos(rows: Sequence[Row]) -> None:
    """A first photo whose renditions are still being made: look again with the next fold, or pages keep the grains."""
    now = clock.now()
    waiting = [{"listing_id": row.id, "at": now} for row in rows if row.photo_status is PhotoStatus.RECEIVED]
    if waiting:
        db.session.execute(sa.insert(Change), waiting)

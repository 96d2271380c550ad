"""Pieces for the reviewer: what waits, all of them by state or by a word, and one with both its versions."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from marketplace.audit.queries import AuditEntry, of_subject
from marketplace.catalog.models import (
    Category,
    Listing,
    ListingState,
    ListingVersion,
    Variant,
    VersionPhoto,
    VersionStatus,
)
from marketplace.catalog.services.submission import reasons
from marketplace.core.db import db
from marketplace.core.i18n import Lazy, pick
from marketplace.core.money import Money
from marketplace.core.pagination import PAGE, Page, cut, encode_key
from marketplace.media import queries as media
from marketplace.workshops.models import Workshop

from .keys import RECORD, after_moment, before_ident, moment_key, pattern

OPEN = (VersionStatus.DRAFT, VersionStatus.IN_REVIEW, VersionStatus.REJECTED)
Approved = aliased(ListingVersion, name="approved")
Edited = aliased(ListingVersion, name="edited")


class Show(enum.StrEnum):
    """What the list is limited to."""

    REVIEW = "review"
    ALL = "all"
    LIVE = "live"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list of pieces. `asked_at`: since when a version waits, if one does."""

    id: int
    title: str
    sku: str
    workshop_id: int
    workshop_name: str
    state: ListingState
    is_down: bool
    is_hidden: bool  # its workshop is suspended
    is_new: bool  # was never on sale
    asked_at: datetime | None
    price: Money | None
    stock: int
    made_to_order: bool
    photo: media.PhotoView | None


@dataclass(frozen=True, slots=True)
class Version:
    """One side of the comparison."""

    id: int
    revision: int
    status: VersionStatus
    category: str
    title_en: str
    title_id: str
    description_en: str
    description_id: str
    material: str
    fineness: int | None
    plating: str
    weight_grams: Decimal | None
    sold_as: str
    set_count: int
    techniques: tuple[str, ...]
    finish: str
    stones: str
    dimensions: str
    tags: tuple[str, ...]
    engraving_limit: int
    submitted_at: datetime | None
    approved_at: datetime | None
    decision_code: str
    decision_reason: str
    photos: Sequence[tuple[media.PhotoView | None, str]]  # with its text

    @property
    def title(self) -> str:
        return pick(self.title_en, self.title_id)


@dataclass(frozen=True, slots=True)
class Offer:
    size: str
    price: Money
    stock: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A listing with its approved and its edited version; at least one of them is there."""

    id: int
    slug: str
    sku: str
    state: ListingState
    taken_down_at: datetime | None
    taken_down_reason: str
    workshop_id: int
    workshop_name: str
    workshop_slug: str
    workshop_language: str
    is_suspended: bool
    made_to_order: bool
    lead_time_days: int
    approved: Version | None
    edited: Version | None
    offers: Sequence[Offer]
    why: Sequence[Lazy]  # why the edited version waits
    record: Sequence[AuditEntry]

    @property
    def shown(self) -> Version:
        version = self.edited or self.approved
        assert version is not None  # a listing is made together with its first version
        return version

    @property
    def is_waiting(self) -> bool:
        return self.edited is not None and self.edited.status is VersionStatus.IN_REVIEW

    @property
    def is_public(self) -> bool:
        is_on_sale = self.state is ListingState.LIVE and self.approved is not None
        return is_on_sale and self.taken_down_at is None and not self.is_suspended


def pieces(show: Show, text: str = "", workshop_id: int | None = None, after: str | None = None) -> Page[Row]:
    """The newest first, the review queue the oldest first; two statements."""
    is_queue = show is Show.REVIEW
    order = (Edited.submitted_at, Listing.id) if is_queue else (Listing.id.desc(),)
    key = after_moment(Edited.submitted_at, Listing.id, after) if is_queue else before_ident(Listing.id, after)
    query = _rows().where(key, _limited(show)).order_by(*order).limit(PAGE + 1)
    if workshop_id is not None:
        query = query.where(Listing.workshop_id == workshop_id)
    if text:
        query = query.where(_matches(text))
    rows = db.session.execute(query).all()
    views = media.photo_views([row.photo_id for row in rows if row.photo_id])
    return cut([_row(row, views) for row in rows], PAGE, lambda row: _key(row, is_queue))


def _key(row: Row, is_queue: bool) -> str:
    return moment_key(row.asked_at, row.id) if is_queue and row.asked_at else encode_key(row.id)


def _limited(show: Show) -> sa.ColumnElement[bool]:
    return {
        Show.REVIEW: Edited.status == VersionStatus.IN_REVIEW,
        Show.LIVE: sa.and_(Listing.state == ListingState.LIVE, Listing.taken_down_at.is_(None)),
        Show.DOWN: Listing.taken_down_at.is_not(None),
        Show.ALL: sa.true(),
    }[show]


def _matches(text: str) -> sa.ColumnElement[bool]:
    like = pattern(text)
    words = (Approved.title_en, Approved.title_id, Edited.title_en, Edited.title_id, Listing.sku, Workshop.name)
    found = [column.ilike(like, escape="\\") for column in words]
    return sa.or_(*found, Listing.id == int(text)) if _is_number(text) else sa.or_(*found)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _rows() -> sa.Select[Any]:
    offers = sa.and_(Variant.listing_id == Listing.id, Variant.retired_at.is_(None))
    photo = (
        sa.select(VersionPhoto.photo_id)
        .where(VersionPhoto.version_id == sa.func.coalesce(Edited.id, Approved.id))
        .order_by(VersionPhoto.position, VersionPhoto.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(
            Listing,
            Workshop.name.label("workshop_name"),
            Workshop.suspended_at,
            sa.func.coalesce(Edited.title_en, Approved.title_en).label("title_en"),
            sa.func.coalesce(Edited.title_id, Approved.title_id).label("title_id"),
            Edited.status.label("edited_status"),
            Edited.submitted_at.label("asked_at"),
            sa.select(sa.func.min(Variant.price_amount)).where(offers).scalar_subquery().label("price"),
            sa.select(sa.func.coalesce(sa.func.sum(Variant.stock), 0)).where(offers).scalar_subquery().label("stock"),
            photo.label("photo_id"),
        )
        .join(Workshop, Workshop.id == Listing.workshop_id)
        .outerjoin(Approved, Approved.id == Listing.approved_version_id)
        .outerjoin(Edited, sa.and_(Edited.listing_id == Listing.id, Edited.status.in_(OPEN)))
    )


def _row(row: sa.Row[Any], views: dict[int, media.PhotoView]) -> Row:
    listing: Listing = row.Listing
    return Row(
        id=listing.id,
        title=pick(row.title_en or "", row.title_id or ""),
        sku=listing.sku or "",
        workshop_id=listing.workshop_id,
        workshop_name=row.workshop_name,
        state=listing.state,
        is_down=listing.taken_down_at is not None,
        is_hidden=row.suspended_at is not None,
        is_new=listing.approved_version_id is None,
        asked_at=row.asked_at if row.edited_status is VersionStatus.IN_REVIEW else None,
        price=Money(row.price, "IDR") if row.price else None,
        stock=int(row.stock),
        made_to_order=listing.made_to_order,
        photo=views.get(row.photo_id),
    )


def piece(listing_id: int) -> Piece | None:
    """One piece with everything that a decision stands on; a fixed number of statements."""
    row = db.session.execute(
        sa.select(Listing, Workshop, Approved, Edited)
        .join(Workshop, Workshop.id == Listing.workshop_id)
        .outerjoin(Approved, Approved.id == Listing.approved_version_id)
        .outerjoin(Edited, sa.and_(Edited.listing_id == Listing.id, Edited.status.in_(OPEN)))
        .where(Listing.id == listing_id)
    ).first()
    if row is None:
        return None
    listing, workshop, approved, edited = row
    sides = _versions([version for version in (approved, edited) if version is not None])
    is_waiting = edited is not None and edited.status is VersionStatus.IN_REVIEW
    return Piece(
        id=listing.id,
        slug=listing.slug,
        sku=listing.sku or "",
        state=listing.state,
        taken_down_at=listing.taken_down_at,
        taken_down_reason=listing.taken_down_reason,
        workshop_id=workshop.id,
        workshop_name=workshop.name,
        workshop_slug=workshop.slug,
        workshop_language=workshop.language,
        is_suspended=workshop.suspended_at is not None,
        made_to_order=listing.made_to_order,
        lead_time_days=listing.lead_time_days,
        approved=sides.get(approved.id) if approved else None,
        edited=sides.get(edited.id) if edited else None,
        offers=_offers(listing_id),
        why=reasons(edited, workshop) if is_waiting else (),
        record=of_subject("listing", listing.id, RECORD),
    )


def _offers(listing_id: int) -> list[Offer]:
    rows = db.session.scalars(
        sa.select(Variant)
        .where(Variant.listing_id == listing_id, Variant.retired_at.is_(None))
        .order_by(Variant.position, Variant.id)
    )
    return [Offer(row.size, row.price, row.stock) for row in rows]


def _versions(versions: Sequence[ListingVersion]) -> dict[int, Version]:
    """By number, with names of categories and photos: three statements for one or two of them."""
    ids = [version.id for version in versions]
    photos = db.session.scalars(
        sa.select(VersionPhoto)
        .where(VersionPhoto.version_id.in_(ids))
        .order_by(VersionPhoto.version_id, VersionPhoto.position, VersionPhoto.id)
    ).all()
    views = media.photo_views([photo.photo_id for photo in photos])
    wanted = [version.category_id for version in versions if version.category_id]
    names = {row.id: row for row in db.session.scalars(sa.select(Category).where(Category.id.in_(wanted)))}
    return {
        version.id: _version(
            version,
            names.get(version.category_id or 0),
            [
                (views.get(photo.photo_id), pick(photo.alt_en, photo.alt_id))
                for photo in photos
                if photo.version_id == version.id
            ],
        )
        for version in versions
    }


def _version(
    version: ListingVersion, category: Category | None, photos: Sequence[tuple[media.PhotoView | None, str]]
) -> Version:
    return Version(
        id=version.id,
        revision=version.revision,
        status=version.status,
        category=pick(category.name_en, category.name_id) if category else "",
        title_en=version.title_en,
        title_id=version.title_id,
        description_en=version.description_en,
        description_id=version.description_id,
        material=version.material,
        fineness=version.fineness,
        plating=version.plating,
        weight_grams=version.weight_grams,
        sold_as=version.sold_as,
        set_count=version.set_count,
        techniques=tuple(version.techniques),
        finish=version.finish,
        stones=_both(version.stones_en, version.stones_id),
        dimensions=_both(version.dimensions_en, version.dimensions_id),
        tags=tuple(version.tags),
        engraving_limit=version.engraving_limit,
        submitted_at=version.submitted_at,
        approved_at=version.approved_at,
        decision_code=version.decision_code,
        decision_reason=version.decision_reason,
        photos=photos,
    )


def _both(en: str, id_: str) -> str:
    """A text in both languages, once where they are the same."""
    return " · ".join(dict.fromkeys(text for text in (en, id_) if text))

"""A workshop's own pieces, as its own pages show them: in whatever state, and never another workshop's."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import (
    Category,
    Listing,
    ListingState,
    ListingVersion,
    Variant,
    VersionPhoto,
    VersionStatus,
)
from marketplace.catalog.services.completeness import Piece, problems_of
from marketplace.catalog.services.drafts import Draft
from marketplace.catalog.services.errors import Problem
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key
from marketplace.media.queries import PhotoView, photo_views
from marketplace.workshops.models import Workshop

LOW = 2  # from here down a piece on sale is named on the workshop's first page
OPEN = (VersionStatus.DRAFT, VersionStatus.IN_REVIEW, VersionStatus.REJECTED)


class Show(enum.StrEnum):
    """The chips of the list."""

    LIVE = "live"
    REVIEW = "review"
    DRAFT = "draft"
    PAUSED = "paused"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class OwnPhoto:
    photo_id: int
    view: PhotoView | None
    alt_en: str
    alt_id: str


@dataclass(frozen=True, slots=True)
class OwnSize:
    """`price` is whole rupiah, None where it is not yet said; `variant_id` is None before there is a price."""

    variant_id: int | None
    size: str
    stock: int
    price: int | None
    weight_grams: Decimal | None = None
    labour_idr: int | None = None


@dataclass(frozen=True, slots=True)
class OwnPiece:
    """Everything that the editor shows: the version being edited, or the approved one when none is."""

    id: int
    state: ListingState
    slug: str
    edits: int
    is_published: bool  # a version of it is approved
    published_at: datetime | None
    is_taken_down: bool
    taken_down_reason: str
    made_to_order: bool
    lead_time_days: int
    engraving_price_idr: int
    version_id: int
    status: VersionStatus
    decision_code: str
    decision_reason: str
    words: Draft
    category_name: str
    size_kind: str
    photos: Sequence[OwnPhoto]
    sizes: Sequence[OwnSize]
    missing: Sequence[Problem]

    @property
    def title(self) -> str:
        return pick(self.words.title_en, self.words.title_id)

    @property
    def price(self) -> int | None:
        """Of the first size; sizes that differ have their own."""
        return next((size.price for size in self.sizes if size.price), None)

    @property
    def has_edit(self) -> bool:
        """Whether there are words that the public does not see yet."""
        return self.status is not VersionStatus.APPROVED


def piece(listing_id: int, workshop_id: int) -> OwnPiece | None:
    """One piece of this workshop, or None; six statements."""
    row = db.session.execute(
        sa.select(Listing, ListingVersion, Category)
        .select_from(Listing)
        .join(ListingVersion, ListingVersion.id == shown_version())
        .outerjoin(Category, Category.id == ListingVersion.category_id)
        .where(Listing.id == listing_id, Listing.workshop_id == workshop_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    listing, version, category = row
    photos, variants = _photos(version.id), _variants(listing.id)
    return OwnPiece(
        id=listing.id,
        state=listing.state,
        slug=listing.slug,
        edits=listing.edits,
        is_published=listing.approved_version_id is not None,
        published_at=listing.published_at,
        is_taken_down=listing.taken_down_at is not None,
        taken_down_reason=listing.taken_down_reason,
        made_to_order=listing.made_to_order,
        lead_time_days=listing.lead_time_days,
        engraving_price_idr=listing.engraving_price_idr,
        version_id=version.id,
        status=version.status,
        decision_code=version.decision_code,
        decision_reason=version.decision_reason,
        words=_words(version, photos),
        category_name=pick(category.name_en, category.name_id) if category else "",
        size_kind=category.size_kind if category else "",
        photos=photos,
        sizes=_sizes(listing, variants),
        missing=problems_of(Piece(listing, version, variants, len(photos), category, _is_root(category))),
    )


def missing_of_nothing() -> list[Problem]:
    """What a piece lacks of which nothing is typed yet but its metal, which the form suggests."""
    return problems_of(Piece(Listing(), ListingVersion(material="silver", fineness=925), (), 0, None))


def shown_version() -> sa.ColumnElement[int]:
    """The version being worked on, else the approved one."""
    working = sa.orm.aliased(ListingVersion)
    being_edited = (
        sa.select(working.id)
        .where(working.listing_id == Listing.id, working.status.in_(OPEN))
        .correlate(Listing)
        .scalar_subquery()
    )
    return sa.func.coalesce(being_edited, Listing.approved_version_id)


def _is_root(category: Category | None) -> bool:
    return category is not None and category.parent_id is None


def _photos(version_id: int) -> list[OwnPhoto]:
    query = sa.select(VersionPhoto).where(VersionPhoto.version_id == version_id)
    rows = list(db.session.scalars(query.order_by(VersionPhoto.position, VersionPhoto.id)))
    views = photo_views([row.photo_id for row in rows])
    return [OwnPhoto(row.photo_id, views.get(row.photo_id), row.alt_en, row.alt_id) for row in rows]


def _variants(listing_id: int) -> list[Variant]:
    query = sa.select(Variant).where(Variant.listing_id == listing_id, Variant.retired_at.is_(None))
    fresh = query.order_by(Variant.position, Variant.id).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))


def _sizes(listing: Listing, variants: Sequence[Variant]) -> list[OwnSize]:
    if variants:
        return [
            OwnSize(row.id, row.size, row.stock, row.price_amount, row.weight_grams, row.labour_idr) for row in variants
        ]
    return [_remembered(row) for row in listing.unfinished]


def _remembered(row: Mapping[str, Any]) -> OwnSize:
    """A size that was typed before there was a price."""
    weight = row.get("weight_grams")
    grams = Decimal(weight) if weight is not None else None
    return OwnSize(None, row["size"], row["stock"], row["price"], grams, row.get("labour_idr"))


def _words(version: ListingVersion, photos: Sequence[OwnPhoto]) -> Draft:
    return Draft(
        title_en=version.title_en,
        title_id=version.title_id,
        description_en=version.description_en,
        description_id=version.description_id,
        category_id=version.category_id,
        material=version.material,
        fineness=version.fineness,
        plating=version.plating,
        weight_grams=version.weight_grams,
        techniques=tuple(version.techniques),
        finish=version.finish,
        stones_en=version.stones_en,
        stones_id=version.stones_id,
        dimensions_en=version.dimensions_en,
        dimensions_id=version.dimensions_id,
        sold_as=version.sold_as,
        set_count=version.set_count,
        engraving_limit=version.engraving_limit,
        photo_texts={photo.photo_id: (photo.alt_en, photo.alt_id) for photo in photos},
    )


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A piece in the workshop's list."""

    id: int
    slug: str
    state: ListingState
    status: VersionStatus  # of the version that is shown here
    is_published: bool
    is_taken_down: bool
    title: str
    price: int | None
    stock: int
    size_count: int
    made_to_order: bool
    lead_time_days: int
    weight_grams: Decimal | None
    has_category: bool
    photo: PhotoView | None
    updated_at: datetime

    @property
    def is_on_sale(self) -> bool:
        return self.state is ListingState.LIVE and self.is_published and not self.is_taken_down

    @property
    def was_sent_back(self) -> bool:
        return self.status is VersionStatus.REJECTED

    @property
    def is_sold_out(self) -> bool:
        return not self.made_to_order and self.stock == 0

    @property
    def is_low(self) -> bool:
        return not self.made_to_order and 0 < self.stock <= LOW


def rows(workshop_id: int, show: Show, words: str = "", after: str | None = None) -> Page[OwnRow]:
    """The workshop's pieces of one chip, last changed first; two statements."""
    query = _rows_query(workshop_id).where(_condition(show)).order_by(Listing.id.desc()).limit(PAGE + 1)
    if words:
        query = query.where(
            sa.or_(
                ListingVersion.title_id.icontains(words, autoescape=True),
                ListingVersion.title_en.icontains(words, autoescape=True),
                Listing.sku.icontains(words, autoescape=True),
            )
        )
    key = decode_key(after, 1)
    if key is not None:
        query = query.where(Listing.id < key[0])
    return cut(_read(query), PAGE, lambda row: encode_key(row.id))


def row_of(listing_id: int, workshop_id: int) -> OwnRow | None:
    """One of its pieces as the list shows it, in whatever state; two statements."""
    return next(iter(_read(_rows_query(workshop_id).where(Listing.id == listing_id))), None)


def low_rows(workshop_id: int, limit: int = 3) -> list[OwnRow]:
    """Pieces on sale of which few or none are left, the emptiest first."""
    query = _rows_query(workshop_id).where(_condition(Show.LIVE), sa.not_(Listing.made_to_order))
    stock = _offer_column("stock")
    return _read(query.where(stock <= LOW).order_by(stock, Listing.id.desc()).limit(limit))


def draft_rows(workshop_id: int, limit: int = 3) -> list[OwnRow]:
    """What waits for the workshop: drafts, and what the collective sent back; last changed first."""
    sent_back = sa.and_(Listing.state != ListingState.ARCHIVED, ListingVersion.status == VersionStatus.REJECTED)
    query = _rows_query(workshop_id).where(sa.or_(_condition(Show.DRAFT), sent_back))
    return _read(query.order_by(Listing.updated_at.desc(), Listing.id.desc()).limit(limit))


def counts(workshop_id: int) -> dict[Show, int]:
    """How many pieces stand behind each chip; one statement."""
    columns = [sa.func.count(sa.case((_condition(show), 1))).label(show.value) for show in Show]
    row = db.session.execute(
        sa.select(*columns)
        .select_from(Listing)
        .join(ListingVersion, ListingVersion.id == shown_version())
        .where(Listing.workshop_id == workshop_id)
    ).one()
    return {show: int(getattr(row, show.value)) for show in Show}


def _condition(show: Show) -> sa.ColumnElement[bool]:
    state, status = Listing.state, ListingVersion.status
    waiting = sa.and_(state != ListingState.ARCHIVED, status == VersionStatus.IN_REVIEW)
    unfinished = sa.and_(state == ListingState.DRAFT, status.in_((VersionStatus.DRAFT, VersionStatus.REJECTED)))
    return {
        Show.LIVE: state == ListingState.LIVE,
        Show.REVIEW: waiting,
        Show.DRAFT: unfinished,
        Show.PAUSED: state == ListingState.PAUSED,
        Show.ARCHIVED: state == ListingState.ARCHIVED,
    }[show]


def _offer_column(name: str) -> sa.ColumnElement[int]:
    column: Mapping[str, sa.ColumnElement[int]] = {
        "price": sa.func.min(Variant.price_amount),
        "stock": sa.func.coalesce(sa.func.sum(Variant.stock), 0),
        "count": sa.func.count(Variant.id),
    }
    return (
        sa.select(column[name])
        .where(Variant.listing_id == Listing.id, Variant.retired_at.is_(None))
        .correlate(Listing)
        .scalar_subquery()
    )


def _rows_query(workshop_id: int) -> sa.Select[Any]:
    cover = (
        sa.select(VersionPhoto.photo_id)
        .where(VersionPhoto.version_id == ListingVersion.id)
        .order_by(VersionPhoto.position, VersionPhoto.id)
        .limit(1)
        .correlate(ListingVersion)
        .scalar_subquery()
    )
    return (
        sa.select(
            Listing,
            ListingVersion,
            _offer_column("price").label("price"),
            _offer_column("stock").label("stock"),
            _offer_column("count").label("size_count"),
            cover.label("photo_id"),
        )
        .select_from(Listing)
        .join(ListingVersion, ListingVersion.id == shown_version())
        .where(Listing.workshop_id == workshop_id)
        .execution_options(populate_existing=True)
    )


def _read(query: sa.Select[Any]) -> list[OwnRow]:
    found = db.session.execute(query).all()
    views = photo_views([row.photo_id for row in found if row.photo_id is not None])
    return [_row(row, views.get(row.photo_id or 0)) for row in found]


def _row(row: sa.Row[Any], photo: PhotoView | None) -> OwnRow:
    listing: Listing = row.Listing
    version: ListingVersion = row.ListingVersion
    return OwnRow(
        id=listing.id,
        slug=listing.slug,
        state=listing.state,
        status=version.status,
        is_published=listing.approved_version_id is not None,
        is_taken_down=listing.taken_down_at is not None,
        title=pick(version.title_en, version.title_id),
        price=int(row.price) if row.price is not None else None,
        stock=int(row.stock),
        size_count=int(row.size_count),
        made_to_order=listing.made_to_order,
        lead_time_days=listing.lead_time_days,
        weight_grams=version.weight_grams,
        has_category=version.category_id is not None,
        photo=photo,
        updated_at=listing.updated_at,
    )


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """What the settings show of the workshop."""

    name: str
    initials: str
    slug: str
    phone: str
    email: str
    banjar: str
    story_en: str
    story_id: str


def profile(workshop_id: int) -> OwnProfile:
    row = db.session.get_one(Workshop, workshop_id, populate_existing=True)
    return OwnProfile(row.name, row.initials, row.slug, row.phone, row.email, row.banjar, row.story_en, row.story_id)

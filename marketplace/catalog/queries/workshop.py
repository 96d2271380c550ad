"""Workshops as the public sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from marketplace.catalog import attributes
from marketplace.catalog.models import Placement
from marketplace.catalog.publication import WHOLE_SHOP
from marketplace.core.db import db
from marketplace.core.i18n import is_fallback, pick
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key
from marketplace.media.models import Photo
from marketplace.media.queries import PhotoView, view_of
from marketplace.workshops.models import Workshop


@dataclass(frozen=True, slots=True)
class WorkshopFacts:
    """A workshop's own page, and its row in a list."""

    id: int
    slug: str
    name: str
    initials: str
    banjar: str
    since_year: int | None
    artisan_count: int | None
    specialities: tuple[str, ...]
    story_en: str
    story_id: str
    answer_minutes: int | None
    photo: PhotoView | None
    piece_count: int  # up to 1,001

    @property
    def story(self) -> str:
        return pick(self.story_en, self.story_id)

    @property
    def is_story_fallback(self) -> bool:
        return is_fallback(self.story_en, self.story_id)

    @property
    def technique_names(self) -> list[str]:
        return attributes.names_of(attributes.TECHNIQUES, self.specialities)


def _standing() -> sa.ColumnElement[bool]:
    return sa.and_(Workshop.suspended_at.is_(None), Workshop.closed_at.is_(None))


def _count() -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .select_from(Placement)
        .where(Placement.workshop_id == Workshop.id, Placement.category_id == WHOLE_SHOP)
        .correlate(Workshop)
        .scalar_subquery()
    )


def _facts() -> sa.Select[Workshop, Photo, int]:
    return (
        sa.select(Workshop, Photo, _count().label("piece_count"))
        .outerjoin(Photo, Photo.id == Workshop.photo_id)
        .where(_standing())
    )


def _read(row: sa.Row[Workshop, Photo, int]) -> WorkshopFacts:
    workshop, photo, count = row
    return WorkshopFacts(
        workshop.id,
        workshop.slug,
        workshop.name,
        workshop.initials,
        workshop.banjar,
        workshop.since_year,
        workshop.artisan_count,
        tuple(workshop.specialities),
        workshop.story_en,
        workshop.story_id,
        workshop.answer_minutes,
        view_of(photo) if photo else None,
        count,
    )


def public_workshop(slug: str) -> WorkshopFacts | None:
    """The workshop in good standing, or None; one statement."""
    row = db.session.execute(_by_slug(), {"slug": slug}).first()
    return _read(row) if row else None


def by_id(workshop_id: int) -> WorkshopFacts | None:
    row = db.session.execute(_by_id(), {"id": workshop_id}).first()
    return _read(row) if row else None


@cache
def _by_slug() -> Any:
    return _facts().where(Workshop.slug == sa.bindparam("slug"))


@cache
def _by_id() -> Any:
    return _facts().where(Workshop.id == sa.bindparam("id"))


def page(after: str | None = None, limit: int = PAGE) -> Page[WorkshopFacts]:
    """Workshops in the order in which they joined; one statement."""
    query, key, seen = _facts().order_by(Workshop.id).limit(limit + 1), decode_key(after, 2), 0
    if key is not None:
        query, seen = query.where(Workshop.id > key[0]), key[1]
    rows = [_read(row) for row in db.session.execute(query)]
    return cut(rows, limit, lambda row: encode_key(row.id, seen + limit), seen)


def count() -> int:
    return db.session.scalar(_counted()) or 0


@cache
def _counted() -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(Workshop).where(_standing())


def named(words: list[str], limit: int = 3) -> list[WorkshopFacts]:
    """Workshops whose name holds every one of these folded words; one statement."""
    query = _facts().order_by(Workshop.id).limit(limit)
    for word in words:
        query = query.where(sa.func.lower(Workshop.name).contains(word, autoescape=True))
    return [_read(row) for row in db.session.execute(query)] if words else []

"""The category tree as the shop shows it: read whole (76 rows), kept by the face that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa

from marketplace.catalog import versions
from marketplace.catalog.models import Card, Category, DataVersion, Placement
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.media.models import Photo
from marketplace.media.queries import VIEW_COLUMNS, PhotoView, view_from

# The menu, in its order. Everything else is reached through these.
MENU = ("jewellery", "rings", "earrings", "necklaces", "pendants", "bracelets", "ceremonial", "homeware")
TILES = ("rings", "earrings", "pendants", "bracelets", "ceremonial", "homeware")


@dataclass(frozen=True, slots=True)
class Place:
    """One category."""

    id: int
    slug: str
    parent_id: int | None
    name_en: str
    name_id: str
    description_en: str
    description_id: str
    policy: str
    size_kind: str

    @property
    def name(self) -> str:
        return pick(self.name_en, self.name_id)

    @property
    def description(self) -> str:
        return pick(self.description_en, self.description_id)


@dataclass(frozen=True, slots=True)
class Tree:
    """All categories at the taxonomy's version `number`."""

    number: int
    by_id: Mapping[int, Place]
    by_slug: Mapping[str, Place] = field(repr=False)

    def path(self, place: Place) -> list[Place]:
        """From the root down to the category itself."""
        parent = self.by_id.get(place.parent_id or 0)
        return [*(self.path(parent) if parent else []), place]

    def children(self, place: Place) -> list[Place]:
        return [other for other in self.by_id.values() if other.parent_id == place.id]

    def named(self, slugs: Iterable[str]) -> list[Place]:
        """Those of these categories that exist, in this order."""
        return [self.by_slug[slug] for slug in slugs if slug in self.by_slug]


@dataclass(frozen=True, slots=True)
class Tile:
    slug: str
    name: str
    photo: PhotoView | None


def tree() -> Tree:
    """One statement."""
    number = sa.select(DataVersion.number).where(DataVersion.scope == versions.TAXONOMY).scalar_subquery()
    rows = db.session.execute(sa.select(Category, number.label("number")).order_by(Category.position)).all()
    places = [_place(row.Category) for row in rows]
    return Tree(
        (rows[0].number or 0) if rows else 0,
        {place.id: place for place in places},
        {place.slug: place for place in places},
    )


def _place(row: Category) -> Place:
    return Place(
        row.id,
        row.slug,
        row.parent_id,
        row.name_en,
        row.name_id,
        row.description_en,
        row.description_id,
        row.policy,
        row.size_kind,
    )


def filled(places: Iterable[Place]) -> list[Place]:
    """Those with at least one piece on sale, in their order; one statement."""
    wanted = list(places)
    found = set(db.session.scalars(_filled(), {"ids": [place.id for place in wanted]}))
    return [place for place in wanted if place.id in found]


@cache
def _filled() -> sa.Select[int]:
    some = sa.select(sa.literal(1)).where(Placement.category_id == Category.id).exists()
    return sa.select(Category.id).where(Category.id.in_(sa.bindparam("ids", expanding=True)), some)


def tiles(places: Iterable[Place]) -> list[Tile]:
    """Those with pieces, each with the photo of its finest (the newest stand below them); one statement."""
    wanted = list(places)
    if not wanted:
        return []
    values = {f"category_{at}": place.id for at, place in enumerate(wanted)}
    photos = {row[0]: view_from(row[1:]) for row in db.session.execute(_finest(len(wanted)), values)}
    return [Tile(place.slug, place.name, photos[place.id]) for place in wanted if place.id in photos]


@cache
def _finest(count: int) -> Any:
    """Built once: as many little queries as there are tiles."""
    each = [_finest_in(sa.bindparam(f"category_{at}", type_=sa.BigInteger)) for at in range(count)]
    finest = sa.union_all(*(sa.select(query.subquery()) for query in each)).subquery()
    joined = sa.select(finest.c.category_id, *VIEW_COLUMNS).select_from(finest)
    return joined.outerjoin(Photo, Photo.id == finest.c.photo_id)


def _finest_in(category_id: sa.BindParameter[int]) -> sa.Select[int, int | None]:
    return (
        sa.select(Placement.category_id, Card.photo_id)
        .join(Card, Card.listing_id == Placement.listing_id)
        .where(Placement.category_id == category_id)
        .order_by(Placement.price_amount.desc(), Placement.listing_id.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A category among results, and how many of them stand in it."""

    slug: str
    name: str
    count: int


def kinds_of(listing_ids: Sequence[int], places: Iterable[Place]) -> list[Kind]:
    """How the results spread over these categories; one statement over at most as many rows as results."""
    wanted = list(places)
    rows = db.session.execute(
        sa.select(Placement.category_id, sa.func.count())
        .where(Placement.listing_id.in_(listing_ids), Placement.category_id.in_([place.id for place in wanted]))
        .group_by(Placement.category_id)
    )
    counts = {row[0]: row[1] for row in rows}
    return [Kind(place.slug, place.name, counts[place.id]) for place in wanted if place.id in counts]


def among(listing_ids: Sequence[int], category_id: int) -> list[int]:
    """Those of the results that stand in a category, in their order; one statement."""
    query = sa.select(Placement.listing_id).where(
        Placement.category_id == category_id, Placement.listing_id.in_(listing_ids)
    )
    inside = set(db.session.scalars(query))
    return [ident for ident in listing_ids if ident in inside]

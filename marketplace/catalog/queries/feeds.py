"""What machines that walk the shop are given."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.catalog.models import Card, Placement
from marketplace.catalog.publication import WHOLE_SHOP
from marketplace.core.db import db
from marketplace.media.models import Photo
from marketplace.media.queries import view_of
from marketplace.workshops.models import Workshop

PIECES_IN_PART = 1000


@dataclass(frozen=True, slots=True)
class Piece:
    id: int
    slug: str
    image: str  # address on this site, or ''


def part_count() -> int:
    """How many parts the pieces' numbers fill; parts go by number, so a part never moves."""
    last = db.session.scalar(sa.select(sa.func.max(Placement.listing_id)).where(Placement.category_id == WHOLE_SHOP))
    return -(-(last or 0) // PIECES_IN_PART)


def pieces(part: int) -> list[Piece]:
    """The public pieces of one part (1 is the first), in the order of their numbers; one statement."""
    rows = db.session.execute(
        sa.select(Card.listing_id, Card.slug, Photo)
        .outerjoin(Photo, Photo.id == Card.photo_id)
        .where(Card.listing_id > (part - 1) * PIECES_IN_PART, Card.listing_id <= part * PIECES_IN_PART)
        .order_by(Card.listing_id)
    )
    return [Piece(row.listing_id, row.slug, _image(row.Photo)) for row in rows]


def _image(photo: Photo | None) -> str:
    if photo is None:
        return ""
    view = view_of(photo)
    return view.jpeg() or view.src


def workshop_slugs() -> list[str]:
    query = (
        sa.select(Workshop.slug)
        .where(Workshop.suspended_at.is_(None), Workshop.closed_at.is_(None))
        .order_by(Workshop.id)
        .limit(5000)
    )
    return list(db.session.scalars(query))

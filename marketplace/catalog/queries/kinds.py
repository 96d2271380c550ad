"""Kinds of pieces as a workshop meets them: the list of the editor, and the boxes of the customs form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.catalog.models import Category, Listing, ListingVersion
from marketplace.core.db import db
from marketplace.core.i18n import pick


@dataclass(frozen=True, slots=True)
class Kind:
    """A category for the editor's list: `group` is the name of the one above it."""

    id: int
    slug: str
    name: str
    group: str
    size_kind: str
    required: Sequence[str]


def kinds() -> list[Kind]:
    """Every category that can hold pieces, in the order of the tree; one statement."""
    found = list(db.session.scalars(sa.select(Category).order_by(Category.position)))
    by_id = {row.id: row for row in found}

    def name(row: Category) -> str:
        return pick(row.name_en, row.name_id)

    def group(row: Category) -> str:
        above = by_id[row.parent_id or 0]
        return name(row) if any(other.parent_id == row.id for other in found) else name(above)

    return [
        Kind(row.id, row.slug, name(row), group(row), row.size_kind, row.required_fields)
        for row in found
        if row.parent_id is not None
    ]


def own_kinds(workshop_id: int, limit: int = 3) -> list[int]:
    """The categories that the workshop's last pieces are of, the most frequent first; one statement."""
    latest = (
        sa.select(ListingVersion.category_id, ListingVersion.id)
        .where(ListingVersion.workshop_id == workshop_id, ListingVersion.category_id.is_not(None))
        .order_by(ListingVersion.id.desc())
        .limit(100)
        .subquery()
    )
    count, newest = sa.func.count(), sa.func.max(latest.c.id)
    query = sa.select(latest.c.category_id).group_by(latest.c.category_id).order_by(count.desc(), newest.desc())
    return [int(ident) for ident in db.session.scalars(query.limit(limit))]


def customs_codes(listing_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """For the customs form: (category in English, its HS code) of each listing as it is on sale; one statement."""
    rows = db.session.execute(
        sa.select(Listing.id, Category.name_en, Category.hs6)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .join(Category, Category.id == ListingVersion.category_id)
        .where(Listing.id.in_(listing_ids))
    )
    return {ident: (name, code) for ident, name, code in rows}

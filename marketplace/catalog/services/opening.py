"""The version to write to: the draft that is being worked on, or a copy of the approved one, made at the first edit."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from marketplace.catalog.models import Listing, ListingVersion, VersionPhoto, VersionStatus
from marketplace.core import clock
from marketplace.core.db import db

from .loading import newest

# Everything of a version that a copy keeps, beside its photos: words, facts and the revision that was approved.
KEPT = (
    *("title_en", "title_id", "description_en", "description_id", "category_id", "material", "fineness", "plating"),
    *("weight_grams", "techniques", "finish", "stones_en", "stones_id", "dimensions_en", "dimensions_id"),
    *("engraving_limit", "sold_as", "set_count", "tags", "revision", "workshop_id"),
)
BATCH = 500


def open_version(listing: Listing) -> ListingVersion:
    """The version to write to, inside a transaction, under the listing's lock.

    One that is under review or was rejected becomes a draft again.
    """
    return open_versions({listing.id: newest(listing)})[listing.id]


def open_versions(shown: Mapping[int, ListingVersion]) -> dict[int, ListingVersion]:
    """The same for many pieces at once; `shown` are the versions that their maker sees, by the listing's number."""
    approved = {ident: one for ident, one in shown.items() if one.status is VersionStatus.APPROVED}
    opened = {**shown, **copies(approved)}
    for version in opened.values():
        if version.status is not VersionStatus.DRAFT:
            version.move_to(VersionStatus.DRAFT, clock.now())
        version.revision += 1
        version.updated_at = clock.now()
    return opened


def copied(source: ListingVersion, listing_id: int) -> ListingVersion:
    """A new draft with the same words, facts and photos."""
    return copies({listing_id: source})[listing_id]


def copies(sources: Mapping[int, ListingVersion]) -> dict[int, ListingVersion]:
    """A new draft for each of these listings, as the version beside it; a few statements for each 500."""
    at = clock.now()
    made = {
        listing_id: ListingVersion(listing_id=listing_id, created_at=at, updated_at=at, **_kept(source))
        for listing_id, source in sources.items()
    }
    db.session.add_all(made.values())
    db.session.flush()
    _copy_photos({source.id: made[listing_id].id for listing_id, source in sources.items()})
    return made


def _kept(source: ListingVersion) -> dict[str, object]:
    values = {name: getattr(source, name) for name in KEPT}
    return {name: list(value) if isinstance(value, list) else value for name, value in values.items()}


def _copy_photos(versions: Mapping[int, int]) -> None:
    """`versions`: from which to which."""
    old = list(versions)
    names = ("photo_id", "position", "alt_en", "alt_id")
    for start in range(0, len(old), BATCH):
        query = sa.select(VersionPhoto).where(VersionPhoto.version_id.in_(old[start : start + BATCH]))
        rows = [
            {"version_id": versions[photo.version_id], **{name: getattr(photo, name) for name in names}}
            for photo in db.session.scalars(query.order_by(VersionPhoto.position, VersionPhoto.id))
        ]
        if rows:
            db.session.execute(sa.insert(VersionPhoto), rows)

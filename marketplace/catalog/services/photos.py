"""The photos of a piece: at most ten, in the maker's order; the first one is the cover.

They belong to the version being edited, so the public sees a change when it is published, not before. A photo is no
edit that another window could overwrite: the listing's count of saves stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.catalog.models import Listing, VersionPhoto
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.errors import NotFound
from marketplace.media.models import Photo

from .errors import TooManyPhotos
from .loading import newest, own_listing, photos_of
from .opening import open_version

MOST = 10


def add(listing_id: int, workshop_id: int, photo_id: int) -> None:
    """Put a received photo at the end. A photo that is already there stays where it is.

    Raises:
        NotFound: the piece or the photo is another workshop's.
        TooManyPhotos: ten are there already.
    """
    with transaction():
        listing = own_listing(listing_id, workshop_id)
        owned = sa.select(Photo.id).where(Photo.id == photo_id, Photo.workshop_id == workshop_id)
        if db.session.scalar(owned) is None:
            raise NotFound("Photo", photo_id)
        present = photos_of(newest(listing))
        if any(photo.photo_id == photo_id for photo in present):
            return
        if len(present) >= MOST:
            raise TooManyPhotos()
        version = open_version(listing)
        db.session.add(VersionPhoto(version_id=version.id, photo_id=photo_id, position=len(present)))
        listing.updated_at = clock.now()


def move(listing_id: int, workshop_id: int, photo_id: int, step: int) -> None:
    """One place forward (-1) or back (+1); at either end nothing happens."""
    with transaction():
        listing, photos, at = _find(listing_id, workshop_id, photo_id)
        to = max(0, min(len(photos) - 1, at + (1 if step > 0 else -1)))
        photos.insert(to, photos.pop(at))
        _number(photos)
        listing.updated_at = clock.now()


def remove(listing_id: int, workshop_id: int, photo_id: int) -> None:
    """Take the photo out of the draft; versions that were approved with it keep it."""
    with transaction():
        listing, photos, at = _find(listing_id, workshop_id, photo_id)
        db.session.delete(photos.pop(at))
        _number(photos)
        listing.updated_at = clock.now()


def _find(listing_id: int, workshop_id: int, photo_id: int) -> tuple[Listing, list[VersionPhoto], int]:
    """Raises NotFound when the photo is not one of this piece: then no draft is begun either."""
    listing = own_listing(listing_id, workshop_id)
    if photo_id not in [photo.photo_id for photo in photos_of(newest(listing))]:
        raise NotFound("Photo", photo_id)
    version = open_version(listing)
    photos = photos_of(version)
    return listing, photos, [photo.photo_id for photo in photos].index(photo_id)


def _number(photos: Sequence[VersionPhoto]) -> None:
    for position, photo in enumerate(photos):
        photo.position = position

"""Photos that reach a piece in pieces: begun for it, and put at the end of its row when they are whole."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import db, transaction
from marketplace.core.errors import NotFound
from marketplace.core.i18n import speaking
from marketplace.core.tasks import sweeper
from marketplace.media.lab import LabBusy
from marketplace.media.services import uploads
from marketplace.media.services.uploads import Arriving

from .errors import TooManyPhotos
from .loading import newest, own_listing, photos_of
from .photos import MOST, add

log = logging.getLogger(__name__)
SUBJECT = "listing:"


def begin(listing_id: int, workshop_id: int, user_id: int, key: str, size: int) -> Arriving:
    """The upload of that key for this piece, begun now or before, and as far as it can be.

    Raises:
        NotFound: the piece is another workshop's. TooManyPhotos, and what `uploads.begin` and `settle` raise.
    """
    with transaction():
        photos = photos_of(newest(own_listing(listing_id, workshop_id)))
        if len(photos) >= MOST and not _is_known(workshop_id, key):
            raise TooManyPhotos()
        uploads.begin(workshop_id, user_id, key, size, f"{SUBJECT}{listing_id}")
    return settle(workshop_id, key)


def settle(workshop_id: int, key: str) -> Arriving:
    """Do what is left to do for an upload: keep its photo, give it its place. Asked again, nothing happens twice.

    Raises:
        NotFound; LabBusy, WrongPlace: see `uploads.develop`.
    """
    upload = uploads.develop(workshop_id, key)
    if upload.photo_id is None or upload.is_over:
        return upload
    try:
        _deliver(upload, upload.photo_id, workshop_id)
    except TooManyPhotos as error:
        return uploads.refuse(workshop_id, key, error.sentence)
    uploads.clear(upload)
    return uploads.find(workshop_id, key)


@sweeper("arrivals")
def settle_left() -> int:
    """Photos whose last piece came when the shop went down, and whose phone did not ask again."""
    left = uploads.left()
    for workshop, person, key in left:
        try:
            with speaking(_language_of(person)):
                settle(workshop, key)
        except LabBusy:
            return 0  # the next sweep has more room
        except uploads.WrongPlace:
            continue  # pieces were lost: the phone sends them again
        except Exception:
            log.exception("upload %s was not finished", key)
    return len(left)


def _language_of(user_id: int) -> str:
    return str(db.session.scalar(sa.select(User.language).where(User.id == user_id)) or "id")


def listing_of(upload: Arriving) -> int:
    return int(upload.subject.removeprefix(SUBJECT))


def _deliver(upload: Arriving, photo_id: int, workshop_id: int) -> None:
    """The place and the note of it in one transaction: a photo that its maker took away does not come back."""
    with transaction():
        listing = own_listing(listing_of(upload), workshop_id)
        if uploads.find(workshop_id, upload.key).is_over:
            return
        add(listing.id, workshop_id, photo_id)
        uploads.delivered(upload.id, workshop_id)


def _is_known(workshop_id: int, key: str) -> bool:
    try:
        uploads.find(workshop_id, key)
    except NotFound:
        return False
    return True

"""Receive a photo, make its renditions, find again what was left."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import after_commit, db, end_read, locked, transaction
from marketplace.core.ids import new_key
from marketplace.core.tasks import enqueue, job, sweeper
from marketplace.media import lab
from marketplace.media.darkroom import MAX_BYTES, Developed, keys_of
from marketplace.media.lab import PhotoRefused
from marketplace.media.models import Photo, PhotoShape, PhotoStatus
from marketplace.media.store import storage
from marketplace.media.tones import tone_of

log = logging.getLogger(__name__)

READ_AT_MOST = MAX_BYTES + 1  # what a view reads of an upload: enough to see that it is too large
MAX_TRIES = 3
LATE = timedelta(minutes=2)  # a photo still waiting after that is looked for by the sweep


def receive(
    data: bytes,
    *,
    workshop_id: int | None = None,
    user_id: int | None = None,
    shape: PhotoShape = PhotoShape.PIECE,
) -> int:
    """Keep a photo of a workshop (or of a person without one) and show its preview at once; gives its number.

    The original stays private as it came. The other renditions are made by the worker. A refused file leaves nothing.
    The same file from the same hands is the same photo: sent twice, it is there once.

    Raises:
        PhotoRefused, LabBusy: see `lab`.
    """
    content_hash = hashlib.sha256(data).hexdigest()
    known = _known(content_hash, workshop_id=workshop_id, user_id=user_id, shape=shape)
    if known is not None:
        return known
    preview = lab.develop(data, shape.cut, preview=True)
    facts = _facts(preview, private=shape is PhotoShape.PRIVATE)
    key = f"originals/{new_key()}"
    storage().put(key, data, private=True)
    try:
        with transaction():
            photo = Photo(
                workshop_id=workshop_id,
                user_id=user_id,
                shape=shape,
                status=PhotoStatus.RECEIVED,
                content_hash=content_hash,
                original_key=key,
                byte_count=len(data),
                created_at=clock.now(),
                **facts,
            )
            db.session.add(photo)
            db.session.flush()
            after_commit(enqueue, "render_photo", photo.id)
            return photo.id
    except BaseException:
        storage().delete(key, private=True)
        raise


def keep(developed: Developed, *, private: bool = False) -> list[tuple[str, int, str]]:
    """Put renditions where the public finds them, or beside the originals; gives (format, width, key) of each."""
    files = []
    for rendition, key in zip(developed.renditions, keys_of(developed.renditions), strict=True):
        if not storage().exists(key, private=private):
            storage().put(key, rendition.data, private=private)
        files.append((rendition.format, rendition.width, key))
    return files


def _known(content_hash: str, **owner: Any) -> int | None:
    """Their own photo with that very content. Ends the read: what follows is slow, and no connection waits for it."""
    mine = sa.select(Photo.id).filter_by(content_hash=content_hash, **owner).where(Photo.status != PhotoStatus.FAILED)
    found = db.session.scalar(mine.order_by(Photo.id).limit(1))
    end_read()
    return found


def _facts(developed: Developed, *, private: bool) -> dict[str, Any]:
    """What the row tells of renditions, which are put in place first: no file is written inside a transaction."""
    return {
        "renditions": [list(file) for file in keep(developed, private=private)],
        "width": developed.width,
        "height": developed.height,
        "tone": tone_of(developed.color),
    }


@job("render_photo")
def render_photo(photo_id: int) -> None:
    """Make every rendition of a photo that has only its preview. Safe to run twice: files are named by content."""
    photo = db.session.get(Photo, photo_id)
    if photo is None or photo.status is not PhotoStatus.RECEIVED:
        return
    key, shape = photo.original_key, photo.shape
    end_read()
    original = storage().read(key, private=True)
    if original is None:
        _note_failure(photo_id, "the original is missing")
        return
    try:
        developed = lab.develop(original, shape.cut)
    except PhotoRefused as refused:
        _note_failure(photo_id, type(refused).__name__)
    else:
        _note_renditions(photo_id, _facts(developed, private=shape is PhotoShape.PRIVATE))


def _note_renditions(photo_id: int, facts: dict[str, Any]) -> None:
    with transaction():
        photo = locked(Photo, photo_id)
        for name, fact in facts.items():
            setattr(photo, name, fact)
        photo.status, photo.error = PhotoStatus.READY, ""


def _note_failure(photo_id: int, problem: str) -> None:
    with transaction():
        photo = locked(Photo, photo_id)
        if photo.status is not PhotoStatus.RECEIVED:
            return  # another run made it in the meantime
        photo.tries += 1
        photo.error = problem
        if photo.tries >= MAX_TRIES:
            photo.status = PhotoStatus.FAILED
            log.error("photo %s cannot be rendered: %s", photo_id, problem)


@sweeper("photos")
def render_left() -> int:
    """Photos whose task was lost. One that fails in an unknown way stops no other."""
    waiting = sa.select(Photo.id).where(Photo.status == PhotoStatus.RECEIVED, Photo.created_at < clock.now() - LATE)
    ids = db.session.scalars(waiting.order_by(Photo.tries, Photo.id).limit(50)).all()
    for photo_id in ids:
        try:
            render_photo(photo_id)
        except lab.LabBusy:
            return 0  # the next sweep has more room; that is no failure of the photo
        except Exception:
            log.exception("photo %s was not rendered", photo_id)
            _note_failure(photo_id, "see the log")
    return len(ids)

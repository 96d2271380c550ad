"""Photos in: receive one, make its renditions, find again what was left."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import after_commit, db, transaction
from marketplace.core.ids import new_key
from marketplace.core.tasks import enqueue, job, sweeper

from . import lab
from .darkroom import Developed, key_of
from .lab import PhotoRefused
from .models import Photo, PhotoShape, PhotoStatus
from .store import storage
from .tones import tone_of

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

    Raises:
        PhotoRefused: see `lab`.
    """
    preview = lab.develop(data, shape, preview=True)
    key = f"originals/{new_key()}"
    storage().put(key, data, private=True)
    try:
        with transaction():
            photo = Photo(
                workshop_id=workshop_id,
                user_id=user_id,
                shape=shape,
                status=PhotoStatus.RECEIVED,
                content_hash=hashlib.sha256(data).hexdigest(),
                original_key=key,
                byte_count=len(data),
                created_at=clock.now(),
            )
            _fill_in(photo, preview)
            db.session.add(photo)
            db.session.flush()
            after_commit(enqueue, "render_photo", photo.id)
            return photo.id
    except BaseException:
        storage().delete(key, private=True)
        raise


def keep(developed: Developed) -> list[tuple[str, int, str]]:
    """Put renditions where the public finds them; gives (format, width, key) of each."""
    files = []
    for rendition in developed.renditions:
        key = key_of(rendition)
        if not storage().exists(key):
            storage().put(key, rendition.data)
        files.append((rendition.format, rendition.width, key))
    return files


def _fill_in(photo: Photo, developed: Developed) -> None:
    photo.renditions = [list(file) for file in keep(developed)]
    photo.width, photo.height = developed.width, developed.height
    photo.tone = tone_of(developed.color)


@job("render_photo")
def render_photo(photo_id: int) -> None:
    """Make every rendition of a photo that has only its preview. Safe to run twice: files are named by content."""
    photo = db.session.get(Photo, photo_id)
    if photo is None or photo.status is not PhotoStatus.RECEIVED:
        return
    original = storage().read(photo.original_key, private=True)
    shape, problem, developed = photo.shape, "the original is missing", None
    db.session.rollback()
    if original is not None:
        try:
            developed = lab.develop(original, shape)
        except PhotoRefused as refused:
            problem = type(refused).__name__
    _write_result(photo_id, developed, problem)


def _write_result(photo_id: int, developed: Developed | None, problem: str) -> None:
    with transaction():
        photo = db.session.get(Photo, photo_id, with_for_update=True, populate_existing=True)
        if photo is None or photo.status is not PhotoStatus.RECEIVED:
            return
        if developed is not None:
            _fill_in(photo, developed)
            photo.status, photo.error = PhotoStatus.READY, ""
            return
        photo.tries += 1
        photo.error = problem
        if photo.tries >= MAX_TRIES:
            photo.status = PhotoStatus.FAILED


@sweeper("photos")
def render_left() -> int:
    """Photos whose task was lost."""
    waiting = sa.select(Photo.id).where(Photo.status == PhotoStatus.RECEIVED, Photo.created_at < clock.now() - LATE)
    ids = db.session.scalars(waiting.order_by(Photo.id).limit(50)).all()
    for photo_id in ids:
        render_photo(photo_id)
    return len(ids)

"""A photo in pieces: begun by the phone's own key, continued where it stopped, whole at the end.

Each step may be asked for again: begun twice it is there once, a piece that came twice is refused with the right
place, a photo that was kept is not kept again. The caller puts the photo where it belongs and says `delivered`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, insert_ignore, locked, transaction
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.ids import new_key
from marketplace.core.tasks import sweeper
from marketplace.media.darkroom import MAX_BYTES
from marketplace.media.lab import PhotoRefused, PhotoTooLarge
from marketplace.media.models import Upload
from marketplace.media.store import storage

from .photos import LATE, receive

log = logging.getLogger(__name__)

MOST_IN_PIECE = 512 * 1024
LEAST_IN_PIECE = 16 * 1024  # all but the last: a photo of 30 MB has at most 1,920 pieces
MOST_OPEN = 20  # of one workshop: ten photos of one piece, and of the next
FORGOTTEN = timedelta(days=3)


class TooManyUploads(DomainError):
    message = _l("20 photos are on their way already. Wait until some have arrived.")


class OtherPhoto(DomainError):
    message = _l("Another photo was begun under this number. Choose the photo again.")


class PieceTooLarge(DomainError):
    message = _l("This piece of the photo has a size that we do not take. Choose the photo again.")


class WrongPlace(DomainError):
    """The piece does not continue what is there; `offset` is where it goes on."""

    message = _l("The photo goes on from another place.")

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Arriving:
    """How far an upload is. `refusal` ends it: the file is no photo, or has no place any more."""

    id: int
    key: str
    subject: str
    size: int
    offset: int
    photo_id: int | None
    refusal: str
    is_delivered: bool

    @property
    def is_whole(self) -> bool:
        return self.offset == self.size

    @property
    def is_over(self) -> bool:
        return self.is_delivered or bool(self.refusal)


def begin(workshop_id: int, user_id: int, key: str, size: int, subject: str) -> Arriving:
    """The upload of that key, begun now or before. `size` is the whole photo's, in bytes.

    Raises:
        PhotoTooLarge, TooManyUploads; OtherPhoto: the key stands for another size or subject.
    """
    if not 0 < size <= MAX_BYTES:
        raise PhotoTooLarge
    with transaction():
        if _row(workshop_id, key) is None:
            if _open_count(workshop_id) >= MOST_OPEN:
                raise TooManyUploads()
            at = clock.now()
            insert_ignore(
                Upload,
                workshop_id=workshop_id,
                user_id=user_id,
                key=key,
                subject=subject,
                byte_count=size,
                received_count=0,
                pieces=[],
                refusal="",
                created_at=at,
                updated_at=at,
            )
        upload = find(workshop_id, key)
    if (upload.size, upload.subject) != (size, subject):
        raise OtherPhoto()
    return upload


def find(workshop_id: int, key: str) -> Arriving:
    """Raises NotFound, for another workshop's too."""
    row = _row(workshop_id, key)
    if row is None:
        raise NotFound("Upload", 0)
    return _arriving(row)


def put(workshop_id: int, key: str, offset: int, data: bytes) -> Arriving:
    """Add a piece. Of two at the same place one is taken, whatever they hold.

    Raises:
        NotFound; PieceTooLarge; WrongPlace: with the place where the photo goes on.
    """
    upload = find(workshop_id, key)
    end_read()
    if upload.is_over or offset != upload.offset:
        raise WrongPlace(upload.offset)
    _check_piece(upload, len(data))
    name = f"{_folder(upload.id)}/{new_key()}"
    storage().put(name, data, private=True)
    try:
        with transaction():
            row = locked(Upload, upload.id, workshop_id=workshop_id)
            if row.received_count != offset:
                raise WrongPlace(row.received_count)
            row.received_count += len(data)
            row.pieces = [*row.pieces, name]
            row.updated_at = clock.now()
            return _arriving(row)
    except BaseException:
        storage().delete(name, private=True)
        raise


def develop(workshop_id: int, key: str) -> Arriving:
    """Keep the photo of an upload that is whole; nothing happens to any other. A refused file ends the upload.

    Raises:
        NotFound; LabBusy: ask again later; WrongPlace: pieces were lost, and the photo is sent once more.
    """
    upload = find(workshop_id, key)
    if not upload.is_whole or upload.photo_id is not None or upload.is_over:
        return upload
    try:
        photo_id = receive(_assembled(upload, workshop_id), workshop_id=workshop_id)
    except PhotoRefused as refused:
        return refuse(workshop_id, key, refused.sentence)
    with transaction():
        row = locked(Upload, upload.id, workshop_id=workshop_id)
        row.photo_id = row.photo_id or photo_id
        row.updated_at = clock.now()
        return _arriving(row)


def refuse(workshop_id: int, key: str, sentence: str) -> Arriving:
    """End an upload for good, and say why; what had arrived is thrown away."""
    with transaction():
        row = locked(Upload, find(workshop_id, key).id, workshop_id=workshop_id)
        row.refusal, row.updated_at = sentence[:300], clock.now()
        upload = _arriving(row)
    clear(upload)
    return upload


def delivered(upload_id: int, workshop_id: int) -> None:
    """The photo is where it belongs. Inside the caller's transaction; `clear` follows it."""
    row = locked(Upload, upload_id, workshop_id=workshop_id)
    row.delivered_at = row.updated_at = clock.now()


def clear(upload: Arriving) -> None:
    """Throw the pieces of a finished upload away; what a crash leaves of them goes with the row."""
    end_read()
    storage().delete_under(_folder(upload.id), private=True)


@sweeper("uploads")
def forget_idle() -> int:
    """Uploads that nothing happened to for three days, with their pieces. The photos that came of them stay."""
    idle = sa.select(Upload.id).where(Upload.updated_at < clock.now() - FORGOTTEN)
    ids = db.session.scalars(idle.order_by(Upload.id).limit(200)).all()
    end_read()
    for upload_id in ids:
        storage().delete_under(_folder(upload_id), private=True)
        with transaction():
            still = sa.delete(Upload).where(Upload.id == upload_id, Upload.updated_at < clock.now() - FORGOTTEN)
            db.session.execute(still.execution_options(synchronize_session=False))
    return len(ids)


def left() -> list[tuple[int, int, str]]:
    """(workshop, person, key) of uploads that are whole, and of which nothing came for two minutes: a lost process."""
    is_left = sa.and_(
        Upload.received_count == Upload.byte_count,
        Upload.delivered_at.is_(None),
        Upload.refusal == "",
        Upload.updated_at < clock.now() - LATE,
    )
    rows = db.session.execute(
        sa.select(Upload.workshop_id, Upload.user_id, Upload.key).where(is_left).order_by(Upload.id).limit(50)
    )
    return [(row.workshop_id, row.user_id, row.key) for row in rows]


def _row(workshop_id: int, key: str) -> Upload | None:
    query = sa.select(Upload).where(Upload.workshop_id == workshop_id, Upload.key == key)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _open_count(workshop_id: int) -> int:
    is_open = sa.and_(Upload.workshop_id == workshop_id, Upload.delivered_at.is_(None), Upload.refusal == "")
    return int(db.session.scalar(sa.select(sa.func.count(Upload.id)).where(is_open)) or 0)


def _arriving(row: Upload) -> Arriving:
    return Arriving(
        id=row.id,
        key=row.key,
        subject=row.subject,
        size=row.byte_count,
        offset=row.received_count,
        photo_id=row.photo_id,
        refusal=row.refusal,
        is_delivered=row.delivered_at is not None,
    )


def _folder(upload_id: int) -> str:
    return f"uploads/{upload_id}"


def _check_piece(upload: Arriving, length: int) -> None:
    ends = upload.offset + length
    is_small = length < LEAST_IN_PIECE and ends != upload.size
    if not length or is_small or length > MOST_IN_PIECE or ends > upload.size:
        raise PieceTooLarge()


def _assembled(upload: Arriving, workshop_id: int) -> bytes:
    """Raises WrongPlace when pieces are missing: then the upload stands at its beginning again."""
    row = _row(workshop_id, upload.key)
    names = list(row.pieces) if row else []
    end_read()
    pieces = [storage().read(name, private=True) for name in names]
    whole = b"".join(piece for piece in pieces if piece is not None)
    if len(whole) == upload.size:
        return whole
    log.error("upload %s lost pieces: %s of %s bytes are there", upload.id, len(whole), upload.size)
    with transaction():
        fresh = locked(Upload, upload.id, workshop_id=workshop_id)
        if fresh.photo_id is None and fresh.pieces == names:
            fresh.received_count, fresh.pieces, fresh.updated_at = 0, [], clock.now()
    raise WrongPlace(fresh.received_count)

"""Photos as templates/ui/pic.html wants them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from PIL import Image

from marketplace.core.db import db
from marketplace.core.errors import NotFound

from .models import Photo, PhotoShape
from .store import storage

THUMBNAIL = 200  # pixels of the longer side: 14 mm on paper at 360 dots per inch


@dataclass(frozen=True, slots=True)
class PhotoView:
    """`sources` are (format, width, address), wide before narrow; `src` is what an old browser gets."""

    id: int
    tone: int
    width: int
    height: int
    sources: tuple[tuple[str, int, str], ...]
    src: str
    kept: dict[Any, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_ready(self) -> bool:
        return bool(self.sources)

    def jpeg(self) -> str:
        """The address for mails and social cards, or ''."""
        return next((url for kind, _width, url in self.sources if kind == "jpeg"), "")


def media_url(key: str) -> str:
    return f"/media/{key}"


def view_of(photo: Photo) -> PhotoView:
    """From a row that another query has joined: costs no statement."""
    return _view(photo.id, photo.tone, photo.width, photo.height, photo.renditions)


# What a statement names to get a view without loading a row; the renditions as text, so that what is kept is hashable.
VIEW_COLUMNS = (
    Photo.id.label("photo_id"),
    Photo.tone,
    Photo.width,
    Photo.height,
    sa.cast(Photo.renditions, sa.Text).label("renditions"),
)


def view_from(values: Sequence[Any]) -> PhotoView | None:
    """From VIEW_COLUMNS; None where an outer join found no photo."""
    return None if values[0] is None else _kept_view(*values)


@lru_cache(maxsize=1000)
def _kept_view(ident: int, tone: int, width: int, height: int, renditions: str) -> PhotoView:
    """The same row is the same view, with the HTML made of it."""
    return _view(ident, tone, width, height, json.loads(renditions))


def _view(ident: int, tone: int, width: int, height: int, renditions: Iterable[Sequence[Any]]) -> PhotoView:
    sources = tuple((kind, wide, media_url(key)) for kind, wide, key in renditions)
    small = [url for kind, width, url in sources if kind == "webp" and width <= 640]
    src = small[0] if small else (sources[0][2] if sources else "")  # an address that the page names anyway
    return PhotoView(ident, tone, width, height, sources, src)


def photo_views(ids: Iterable[int | None]) -> dict[int, PhotoView]:
    """By number; one statement for all, none for none."""
    wanted: Sequence[int] = sorted({ident for ident in ids if ident is not None})
    if not wanted:
        return {}
    rows = db.session.scalars(sa.select(Photo).where(Photo.id.in_(wanted)))
    return {photo.id: view_of(photo) for photo in rows}


def thumbnails(ids: Iterable[int | None]) -> dict[int, bytes]:
    """Small JPEGs for papers, by number; photos whose files are not there are left out. One statement."""
    wanted = sorted({ident for ident in ids if ident is not None})
    rows = db.session.execute(sa.select(Photo.id, Photo.renditions).where(Photo.id.in_(wanted))) if wanted else ()
    found = {ident: _smallest(renditions) for ident, renditions in rows}
    return {ident: small for ident, small in found.items() if small is not None}


def _smallest(renditions: Iterable[Sequence[Any]]) -> bytes | None:
    readable = sorted((wide, key) for kind, wide, key in renditions if kind in ("webp", "jpeg"))
    data = storage().read(readable[0][1]) if readable else None
    if data is None:
        return None
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=75)
    return out.getvalue()


def original(photo_id: int, workshop_id: int) -> bytes:
    """The private original, for its own workshop only.

    Raises:
        NotFound: it is not there, or not theirs.
    """
    key = db.session.scalar(sa.select(Photo.original_key).where(Photo.id == photo_id, Photo.workshop_id == workshop_id))
    data = storage().read(key, private=True) if key else None
    if data is None:
        raise NotFound("photo", photo_id)
    return data


def private_file(photo_id: int, width: int) -> tuple[bytes, str]:
    """(bytes, format) of the private photo's rendition that is at least so wide, or its widest; whoever asks has been
    judged already.

    Raises:
        NotFound: it is not there.
    """
    renditions = db.session.scalar(
        sa.select(Photo.renditions).where(Photo.id == photo_id, Photo.shape == PhotoShape.PRIVATE)
    )
    by_width = sorted((wide, kind, key) for kind, wide, key in renditions or ())
    chosen = next((one for one in by_width if one[0] >= width), by_width[-1] if by_width else None)
    data = storage().read(chosen[2], private=True) if chosen else None
    if chosen is None or data is None:
        raise NotFound("photo", photo_id)
    return data, chosen[1]

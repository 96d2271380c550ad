"""The demo's pictures: from the repository's files to photo rows, as if each workshop had sent them."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.media import lab
from marketplace.media import services as media
from marketplace.media.darkroom import Developed
from marketplace.media.models import Photo, PhotoShape, PhotoStatus
from marketplace.media.store import storage
from marketplace.media.tones import tone_of
from marketplace.workshops.models import Workshop

FOLDER = Path(__file__).parent / "photos"


@dataclass(frozen=True, slots=True)
class Made:
    """One picture with its files in place; `facts` are what its row holds."""

    name: str
    facts: dict[str, object]


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    id: int
    alt_en: str
    alt_id: str


Kept = Mapping[str, list[KeptPhoto]]  # by SKU; 'hero' for the wide ones


def render() -> list[Made]:
    """Make every picture's renditions, as many at once as there are processors."""
    folder = sorted(FOLDER.glob("*.jpg"))
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        developed = list(pool.map(_develop, folder))
    return [_put(path, result) for path, result in zip(folder, developed, strict=True)]


def _develop(path: Path) -> Developed:
    return lab.develop(path.read_bytes(), _shape(path.name))


def _shape(name: str) -> PhotoShape:
    return PhotoShape.WIDE if name.startswith("hero") else PhotoShape.PIECE


def _put(path: Path, developed: Developed) -> Made:
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    key = f"originals/demo-{digest[:24]}"
    storage().put(key, data, private=True)
    return Made(
        path.name,
        {
            "shape": _shape(path.name),
            "status": PhotoStatus.READY,
            "content_hash": digest,
            "original_key": key,
            "byte_count": len(data),
            "width": developed.width,
            "height": developed.height,
            "tone": tone_of(developed.color),
            "renditions": [list(file) for file in media.keep(developed)],
        },
    )


def keep(made: list[Made], workshop_of_sku: Mapping[str, Workshop]) -> Kept:
    """Write the rows, in the caller's transaction."""
    kept: dict[str, list[KeptPhoto]] = {}
    for picture in made:
        sku = picture.name.rpartition("-")[0]
        owner = workshop_of_sku.get(sku)
        photo = Photo(**picture.facts, workshop_id=owner.id if owner else None, created_at=clock.now())
        db.session.add(photo)
        db.session.flush()
        kept.setdefault(sku, []).append(KeptPhoto(photo.id, *_alt()[picture.name]))
    return kept


@cache
def _alt() -> dict[str, tuple[str, str]]:
    with (FOLDER / "ALT.csv").open(newline="", encoding="utf-8") as file:
        return {row["file"]: (row["alt_en"], row["alt_id"]) for row in csv.DictReader(file)}

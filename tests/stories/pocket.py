"""What the stories of the pocket need: a slow phone on a thin line, its photos, and what the shop has of a piece."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image

from marketplace.catalog.models import Listing, ListingVersion, Variant, VersionPhoto
from marketplace.media.models import Photo
from marketplace.workshops.models import Workshop

from .conftest import LiveShop

LINE = 50_000  # bytes per second: 400 kbit/s
COLORS = ((200, 60, 60), (60, 180, 70), (60, 80, 200), (210, 190, 60))
# How much lies in the phone's store.
KEPT = """() => new Promise((done) => {
  const names = ["drafts", "photos", "meta"], found = {};
  const asked = indexedDB.open("pocket", 1);
  asked.onupgradeneeded = () => names.forEach((name) => asked.result.createObjectStore(name, { keyPath: "key" }));
  asked.onsuccess = () => {
    const work = asked.result.transaction(names);
    for (const name of names)
      work.objectStore(name).count().onsuccess = ({ target }) => { found[name] = target.result; };
    work.oncomplete = () => { asked.result.close(); done(found); };
  };
})"""


@cache
def grain(size: tuple[int, int]) -> Image.Image:
    return Image.merge("RGB", (Image.effect_noise(size, 14),) * 3)


def camera(folder: Path, number: int, size: tuple[int, int] = (4000, 3000)) -> Path:
    """As a phone's camera keeps it: lying in the file with a mark to turn it upright, and with its sensor's grain."""
    color = COLORS[number % len(COLORS)]
    picture = Image.blend(Image.new("RGB", size, color), grain(size), 0.3)
    mark = Image.Exif()
    mark[0x0112] = 6
    path = folder / f"IMG_{number}.jpg"
    picture.save(path, "JPEG", quality=97, exif=mark)
    return path


def slow_down(page: Any) -> None:
    """A four-year-old phone on a thin line."""
    wire = page.context.new_cdp_session(page)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    line = {"offline": False, "latency": 300, "downloadThroughput": LINE, "uploadThroughput": LINE}
    wire.send("Network.emulateNetworkConditions", line)


@dataclass
class Kept:
    """What the shop has of one listing."""

    listing: Any
    words: Any
    stock: int
    prices: list[int]
    originals: list[bytes]


def kept_of(live: LiveShop, listing_id: int) -> Kept:
    with live.database() as database:
        listing = database.execute(sa.select(Listing.__table__).where(Listing.id == listing_id)).one()
        newest = sa.select(ListingVersion.__table__).where(ListingVersion.listing_id == listing_id)
        words = database.execute(newest.order_by(ListingVersion.id.desc())).first()
        assert words is not None
        variants = sa.select(Variant.stock, Variant.price_amount).where(
            Variant.listing_id == listing_id, Variant.retired_at.is_(None)
        )
        sizes = database.execute(variants).all()
        photos = sa.select(Photo.original_key).join(VersionPhoto, VersionPhoto.photo_id == Photo.id)
        keys = database.scalars(photos.where(VersionPhoto.version_id == words.id).order_by(VersionPhoto.position)).all()
    files = [next(live.instance.joinpath("media").rglob(Path(key).name)).read_bytes() for key in keys]
    return Kept(listing, words, sum(row.stock for row in sizes), [row.price_amount for row in sizes], files)


def count(live: LiveShop, table: Any, *where: Any) -> int:
    with live.database() as database:
        return int(database.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)


def workshop_id(live: LiveShop, name: str) -> int:
    with live.database() as database:
        return int(database.scalar(sa.select(Workshop.id).where(Workshop.name == name)) or 0)


def color_of(data: bytes) -> tuple[int, ...]:
    pixel = Image.open(io.BytesIO(data)).convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return min(COLORS, key=lambda color: sum((one - other) ** 2 for one, other in zip(color, pixel, strict=True)))  # type: ignore[arg-type]

"""A synthetic catalog of any size, over all categories, prices, workshops and both languages. For load, not for sale.

The same N gives the same pieces. Rows go in by the thousand, each thousand in a transaction of its own.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from marketplace.catalog import publication, sizes
from marketplace.catalog.models import (
    Category,
    Listing,
    ListingState,
    ListingVersion,
    Variant,
    VersionPhoto,
    VersionStatus,
)
from marketplace.core import clock
from marketplace.core.db import db, is_sqlite, transaction
from marketplace.workshops.models import Workshop

BATCH = 1000
PIECES_A_WORKSHOP = 250

# (English, Indonesian) words that titles and texts are put together from; each pair says the same.
LOOKS = (
    ("Granulated", "Jawan", "granulation"),
    ("Wire Scroll", "Bun", "wirework"),
    ("Filigree", "Filigri", "filigree"),
    ("Chased", "Tatah", "chasing"),
    ("Repoussé", "Timbul", "repousse"),
    ("Hammered", "Palu", "hammering"),
    ("Openwork", "Kerawang", "openwork"),
    ("Woven", "Anyam", "wire-weaving"),
)
MOTIFS = (
    ("Frangipani", "Jepun"),
    ("Lotus", "Teratai"),
    ("Bamboo", "Bambu"),
    ("Wave", "Ombak"),
    ("Fern", "Paku"),
    ("Moon", "Bulan"),
    ("Rice Ear", "Padi"),
    ("Dragon", "Naga"),
    ("Mountain", "Gunung"),
    ("Buah Gonda", "Buah Gonda"),
    ("Liman Paya", "Liman Paya"),
    ("Mango Leaf", "Daun Mangga"),
)
STONES = ("", "", "", "garnet 6 mm", "amethyst 8x6 mm", "blue topaz 5 mm", "moonstone 7 mm", "black onyx 10 mm")
FINISHES = ("polished", "satin", "oxidised-recesses", "oxidised", "hammered-polished")
NAMES_A = ("Sari", "Merta", "Puspa", "Giri", "Wana", "Tirta", "Surya", "Candra", "Bumi", "Segara", "Angin", "Kembang")
NAMES_B = ("Perak", "Selaka", "Jawan", "Karya", "Rupa", "Utama", "Alit", "Luwih", "Becik", "Asri", "Jaya", "Mas")


@dataclass(frozen=True, slots=True)
class Ground:
    """What every batch needs to know of the database."""

    categories: Sequence[Category]
    workshop_ids: Sequence[int]
    photo_ids: Sequence[tuple[int, str, str]]


def fill(count: int, tell: Any = print) -> None:
    """Add `count` live listings beside those that are there."""
    chance = random.Random(count)  # noqa: S311 (the same pieces each time, nothing secret)
    first = (db.session.scalar(sa.select(sa.func.max(Listing.id))) or 0) + 1
    ground = _ground(max(1, count // PIECES_A_WORKSHOP), chance)
    for start in range(0, count, BATCH):
        numbers = range(first + start, first + min(start + BATCH, count))
        with transaction():
            _batch(numbers, ground, chance)
        if start and start % 10_000 == 0:
            tell(f"{start:,} of {count:,}")
    _finish()


def _ground(workshop_count: int, chance: random.Random) -> Ground:
    with transaction():
        db.session.execute(sa.insert(Workshop), _new_workshops(workshop_count, chance))
    parents = sa.select(Category.parent_id).where(Category.parent_id.is_not(None))
    leaves = db.session.scalars(sa.select(Category).where(Category.id.not_in(parents), Category.policy == "")).all()
    photos = sa.select(VersionPhoto.photo_id, VersionPhoto.alt_en, VersionPhoto.alt_id).where(
        VersionPhoto.position == 0
    )
    return Ground(
        leaves,
        db.session.scalars(sa.select(Workshop.id)).all(),
        [(row.photo_id, row.alt_en, row.alt_id) for row in db.session.execute(photos.limit(200))],
    )


def _new_workshops(count: int, chance: random.Random) -> list[dict[str, Any]]:
    start, now = db.session.scalar(sa.select(sa.func.max(Workshop.id))) or 0, clock.now()
    rows = []
    for number in range(start + 1, start + count + 1):
        name = f"{NAMES_A[number % 12]} {NAMES_B[number // 12 % 12]}"
        rows.append(
            {
                "slug": f"{name.lower().replace(' ', '-')}-{number}",
                "name": name,
                "initials": "".join(word[0] for word in name.split()),
                "email": f"workshop-{number}@demo.test",
                "since_year": 1950 + number % 70,
                "artisan_count": chance.randint(1, 12),
                "specialities": [],
                "story_en": "An invented workshop of the synthetic catalog.",
                "story_id": "Bengkel rekaan dari katalog sintetis.",
                "is_trusted": True,
                "approved_at": now,
                "created_at": now,
            }
        )
    return rows


def _batch(numbers: range, ground: Ground, chance: random.Random) -> None:
    listings, versions, variants, photos = [], [], [], []
    for number in numbers:
        category = ground.categories[number % len(ground.categories)]
        listing, version = _piece(number, category, ground, chance)
        listings.append(listing)
        versions.append({**version, "id": _version_id(number)})
        variants += _variants(number, category, chance, made=listing["made_to_order"])
        if ground.photo_ids:
            photo_id, alt_en, alt_id = chance.choice(ground.photo_ids)
            photos.append(
                {
                    "version_id": _version_id(number),
                    "photo_id": photo_id,
                    "position": 0,
                    "alt_en": alt_en,
                    "alt_id": alt_id,
                }
            )
    db.session.execute(sa.insert(Listing), listings)
    db.session.execute(sa.insert(ListingVersion), versions)
    db.session.execute(sa.insert(Variant), variants)
    if photos:
        db.session.execute(sa.insert(VersionPhoto), photos)
    ids = [listing["id"] for listing in listings]
    db.session.execute(
        sa.update(Listing)
        .where(Listing.id.in_(ids))
        .values(approved_version_id=Listing.id + VERSION_OFFSET)
        .execution_options(synchronize_session=False)
    )
    publication.refresh(ids)


VERSION_OFFSET = 10_000_000  # a synthetic listing's version has its number plus this: no look-up while filling


def _version_id(listing_id: int) -> int:
    return listing_id + VERSION_OFFSET


def _piece(
    number: int, category: Category, ground: Ground, chance: random.Random
) -> tuple[dict[str, Any], dict[str, Any]]:
    look, motif = chance.choice(LOOKS), chance.choice(MOTIFS)
    title_en = f"{motif[0]} {look[0]} {category.name_en} {number}"[:120]
    title_id = f"{category.name_id} {look[1]} {motif[1]} {number}"[:120]
    workshop_id = chance.choice(ground.workshop_ids)
    at = clock.now() - timedelta(days=30, minutes=number)
    made = chance.random() < 0.3
    listing = {
        "id": number,
        "workshop_id": workshop_id,
        "sku": f"SYN-{number}",
        "state": ListingState.LIVE,
        "slug": f"{motif[0]}-{look[0]}".lower().replace(" ", "-").replace("é", "e"),
        "made_to_order": made,
        "lead_time_days": chance.choice((7, 14, 21, 30)) if made else 0,
        "published_at": at,
        "created_at": at,
        "updated_at": at,
    }
    version = {
        "listing_id": number,
        "workshop_id": workshop_id,
        "status": VersionStatus.APPROVED,
        "category_id": category.id,
        "title_en": title_en,
        "title_id": title_id,
        "description_en": f"{look[0]} work with a {motif[0].lower()} motif. A synthetic piece, made to test the shop.",
        "description_id": f"Kerja {look[1].lower()} bermotif {motif[1].lower()}. Barang sintetis untuk menguji toko.",
        "material": "silver",
        "fineness": chance.choice((925, 925, 925, 950, 800)),
        "weight_grams": Decimal(chance.randint(20, 2500)) / 10,
        "techniques": [look[2]],
        "finish": chance.choice(FINISHES),
        "stones_en": chance.choice(STONES),
        "dimensions_en": f"{chance.randint(8, 90)} mm",
        "tags": [motif[0].lower(), motif[1].lower()],
        "submitted_at": at,
        "approved_at": at,
        "created_at": at,
        "updated_at": at,
    }
    return listing, version


def _variants(number: int, category: Category, chance: random.Random, *, made: bool) -> list[dict[str, Any]]:
    price = chance.randint(40, 4000) * 5000
    names = [f"US {size}" for size in (6, 7, 8)] if category.size_kind == "ring" else [""]
    return [
        {
            "listing_id": number,
            "position": position,
            "size": name,
            "size_mm": sizes.millimeters(name, category.size_kind) if name else None,
            "price_amount": price,
            "stock": 0 if made else chance.choice((0, 1, 2, 5, 10)),
        }
        for position, name in enumerate(names)
    ]


def _finish() -> None:
    """Numbers were given by hand: the database's counters follow; and it learns how much there is now."""
    with transaction():
        if not is_sqlite():
            for table in ("listings", "listing_versions"):
                db.session.execute(
                    sa.text(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")  # noqa: S608
                )
    with transaction():
        db.session.execute(sa.text("analyze"))

"""The demo shop: ten invented workshops, 48 pieces, six sign-ins, weeks of sales. Never in production.

No real person, workshop or design is meant (marketplace/seed/photos/README.md).
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from marketplace.accounts import services as accounts
from marketplace.accounts.models import User
from marketplace.catalog import publication, showcases, sizes
from marketplace.catalog.models import (
    Category,
    FxRate,
    Listing,
    ListingState,
    ListingVersion,
    Variant,
    VersionPhoto,
    VersionStatus,
)
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.money import allocate
from marketplace.core.sealing import seal
from marketplace.payments.setup import processor_named
from marketplace.workshops import banks
from marketplace.workshops.models import BankAccount, Member, MemberRole, Workshop
from marketplace.workshops.services.bank import HOLD_AFTER_CHANGE

from . import demo_costing, demo_photos, demo_sales, demo_talk, demo_visits

DATA = Path(__file__).parent / "data"
PASSWORD = "celuk-demo-1915"
# Rupiah for one unit; sample figures of the day, an admin enters real ones.
RATES = {"USD": Decimal("16650"), "AUD": Decimal("10900")}
# Who owns which workshop, and how the shop speaks to her or him.
OWNERS = {
    "luh-selaka": ("artisan@demo.test", "Ni Luh Ayu Selaka", "Ibu"),
    "jawan-sari-perak": ("artisan2@demo.test", "I Wayan Jawan Sari", "Bapak"),
}
ENGRAVING = {"rings-men": 20, "cufflinks": 6, "boxes": 40, "tableware": 30, "rings-band": 20}
JUST_CHANGED = 3  # which workshop of the file has given another bank account yesterday
PLATED = {"silver-plated-brass", "gold-plated-brass"}


def is_there() -> bool:
    return db.session.scalar(sa.select(User.id).where(User.email == "admin@demo.test")) is not None


def fill() -> None:
    """Make the demo shop, all of it or nothing; then let it sell, if its payments are the demo's.

    The photos' files are made first: they are named by content.
    """
    photos = demo_photos.render()
    with transaction():
        _people()
        _rates()
        workshops = _workshops()
        rows = _rows("sample_catalogue.csv")
        kept = demo_photos.keep(photos, {row["sku"]: workshops[row["workshop"]] for row in rows})
        listing_ids = [
            _listing(row, number, workshops, kept) for number, row in enumerate(_rows("sample_catalogue.csv"))
        ]
        db.session.flush()
        demo_costing.fill(
            _rows("sample_costing.csv"), {row["sku"]: ident for row, ident in zip(rows, listing_ids, strict=True)}
        )
        publication.refresh(listing_ids)
        _showcases(kept, {row["sku"]: ident for row, ident in zip(rows, listing_ids, strict=True)})
    demo_visits.fill()
    if processor_named("demo") is not None:
        demo_sales.fill()
    demo_talk.fill()


# The pictures of the home page: photo (SKU and which of its photos), and the pieces that are seen on it.
SHOWCASES = {
    "home": ("hero", 0, ("CS-001", "CS-005", "CS-002", "CS-006")),
    "ceremonial": ("hero", 1, ("CS-034", "CS-029", "CS-023")),
    "granulation": ("CS-001", 0, ()),
    "wirework": ("CS-040", 0, ()),
    "hammering": ("CS-033", 0, ()),
}


def _showcases(kept: demo_photos.Kept, ids: dict[str, int]) -> None:
    for slot, (sku, place, seen) in SHOWCASES.items():
        photo = kept[sku][place]
        showcases.put(
            slot, photo.id, alt_en=photo.alt_en, alt_id=photo.alt_id, listing_ids=[ids[other] for other in seen]
        )


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _people() -> None:
    for email, name, language, is_admin in (
        ("buyer@demo.test", "Maya Chen", "en", False),
        ("buyer2@demo.test", "Ayu Lestari", "id", False),
        ("admin@demo.test", "Ketut Rai", "id", True),
        ("bendahara@demo.test", "Made Sutami", "id", True),  # the treasurer: runs of payouts need two people
        *((email, name, "id", False) for email, name, _address in OWNERS.values()),
    ):
        accounts.create_user(email, PASSWORD, name, language, is_admin=is_admin, confirmed=True)


def _rates() -> None:
    for currency, rate in RATES.items():
        db.session.add(FxRate(currency=currency, rate=rate, source="sample figure", quoted_at=clock.now()))


def _crafts() -> dict[str, list[str]]:
    """The three techniques that each workshop uses most, as codes: they have a name in both languages."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in _rows("sample_catalogue.csv"):
        counts[row["workshop"]].update(row["technique"].split(","))
    return {name: [code for code, _times in count.most_common(3)] for name, count in counts.items()}


def _workshops() -> dict[str, Workshop]:
    """By name, as the catalogue file names them."""
    made, crafts = {}, _crafts()
    for number, row in enumerate(_rows("sample_workshops.csv")):
        at = clock.now() - timedelta(days=240 - 12 * number)
        email, contact, address = OWNERS.get(row["slug"], (f"{row['slug']}@demo.test", row["name"], ""))
        workshop = Workshop(
            slug=row["slug"],
            name=row["name"],
            initials="".join(word[0] for word in row["name"].split())[:2].upper(),
            contact_name=contact,
            form_of_address=address,
            phone=f"+62 812 3600 {1000 + number}",
            email=email,
            banjar=("Celuk", "Tangsub", "Cemenggaon")[number % 3],
            since_year=int(row["since_year"]),
            artisan_count=int(row["artisans"]),
            specialities=crafts[row["name"]],
            story_en=row["story_en"],
            story_id=row["story_id"],
            is_trusted=True,
            approved_at=at,
            created_at=at,
        )
        db.session.add(workshop)
        db.session.flush()
        made[row["name"]] = workshop
        _bank_account(workshop, number, at)
        if row["slug"] in OWNERS:
            user_id = db.session.scalars(sa.select(User.id).where(User.email == email)).one()
            db.session.add(Member(workshop_id=workshop.id, user_id=user_id, role=MemberRole.OWNER, created_at=at))
    return made


def _bank_account(workshop: Workshop, number: int, at: datetime) -> None:
    """At one of the common banks, with a number of its usual length; the last workshop has just changed it."""
    bank = banks.COMMON[number % len(banks.COMMON)]
    digits = f"{4_400_100 + 1117 * number:0{bank.lengths[0]}d}"
    changed_at = clock.now() - timedelta(days=1) if number == JUST_CHANGED else at
    db.session.add(
        BankAccount(
            workshop_id=workshop.id,
            bank_code=bank.code,
            number_sealed=seal(digits),
            holder_sealed=seal(workshop.contact_name.upper()),
            last_digits=digits[-4:],
            changed_at=changed_at,
            usable_at=changed_at + HOLD_AFTER_CHANGE if number == JUST_CHANGED else at,
        )
    )


def _listing(row: dict[str, str], number: int, workshops: dict[str, Workshop], photos: demo_photos.Kept) -> int:
    """One live listing; the file's order is that of the shop: the first piece is the newest."""
    workshop, at = workshops[row["workshop"]], clock.now() - timedelta(hours=7 * number + 2)
    made_to_order = row["made_to_order"] == "1"
    listing = Listing(
        workshop_id=workshop.id,
        sku=row["sku"],
        state=ListingState.LIVE,
        slug=_slug(row["title_en"]),
        made_to_order=made_to_order,
        lead_time_days=int(row["lead_time_days"]),
        published_at=at,
        created_at=at,
        updated_at=at,
    )
    db.session.add(listing)
    db.session.flush()
    category = db.session.scalars(sa.select(Category).where(Category.slug == row["category"])).one()
    version = _version(row, listing, category.id, at)
    db.session.add(version)
    db.session.flush()
    listing.approved_version_id = version.id
    db.session.add_all(_photos(version, photos[row["sku"]]))
    db.session.add_all(_variants(row, listing, category.size_kind))
    return listing.id


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _version(row: dict[str, str], listing: Listing, category_id: int, at: datetime) -> ListingVersion:
    plated_brass = row["fineness"] in PLATED
    return ListingVersion(
        listing_id=listing.id,
        workshop_id=listing.workshop_id,
        status=VersionStatus.APPROVED,
        category_id=category_id,
        title_en=row["title_en"],
        title_id=row["title_id"],
        description_en=row["description_en"],
        description_id=row["description_id"],
        material=row["material"],
        fineness=None if plated_brass else int(row["fineness"]),
        plating=row["plating"],
        weight_grams=Decimal(row["weight_g"]),
        techniques=row["technique"].split(","),
        finish=row["finish"],
        stones_en=row["stones"],
        stones_id=_indonesian()[row["sku"]]["stones_id"],
        dimensions_en=row["dimensions"],
        dimensions_id=_indonesian()[row["sku"]]["dimensions_id"],
        tags=row["tags"].split(","),
        engraving_limit=ENGRAVING.get(row["category"], 0),
        submitted_at=at,
        approved_at=at,
        created_at=at,
        updated_at=at,
    )


@cache
def _indonesian() -> dict[str, dict[str, str]]:
    """What the catalogue file says in English only, by SKU."""
    return {row["sku"]: row for row in _rows("sample_catalogue_id.csv")}


def _photos(version: ListingVersion, photos: Sequence[demo_photos.KeptPhoto]) -> Iterator[VersionPhoto]:
    for position, photo in enumerate(photos):
        yield VersionPhoto(
            version_id=version.id, photo_id=photo.id, position=position, alt_en=photo.alt_en, alt_id=photo.alt_id
        )


def _variants(row: dict[str, str], listing: Listing, size_kind: str) -> Iterator[Variant]:
    """One variant a size; the file's stock is the whole piece's, shared out with the middle sizes first."""
    names = row["sizes"].split("|") if row["sizes"] else [""]
    stocks = allocate(int(row["stock"]), [2 if 0 < place < len(names) - 1 else 1 for place in range(len(names))])
    for position, (size, stock) in enumerate(zip(names, stocks, strict=True)):
        yield Variant(
            listing_id=listing.id,
            position=position,
            size=size,
            size_mm=sizes.millimeters(size, size_kind),
            price_amount=int(row["price_idr"]),
            stock=0 if listing.made_to_order else stock,
        )

"""A piece while it is written: saved at every step, however incomplete; the approved version stays on sale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal

import sqlalchemy as sa

from marketplace.catalog import publication
from marketplace.catalog.models import Listing, ListingVersion
from marketplace.core import clock
from marketplace.core.db import db, insert_ignore, transaction

from .errors import EditedElsewhere
from .loading import newest, own_listing, photos_of
from .opening import open_version
from .variants import Offer, put

PhotoTexts = Mapping[int, tuple[str, str]]  # photo id: alternative text in English, in Indonesian


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reviewer looks at, as typed so far; every field may still be empty. Grams are of one sold unit."""

    title_en: str = ""
    title_id: str = ""
    description_en: str = ""
    description_id: str = ""
    category_id: int | None = None
    material: str = ""
    fineness: int | None = None
    plating: str = ""
    weight_grams: Decimal | None = None
    techniques: tuple[str, ...] = ()
    finish: str = ""
    stones_en: str = ""
    stones_id: str = ""
    dimensions_en: str = ""
    dimensions_id: str = ""
    sold_as: str = "piece"
    set_count: int = 1
    engraving_limit: int = 0
    photo_texts: PhotoTexts = field(default_factory=dict)

    def values(self) -> dict[str, object]:
        """Column by column, as ListingVersion keeps them."""
        named = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "photo_texts"}
        return {**named, "techniques": list(self.techniques)}


@dataclass(frozen=True, slots=True)
class Save:
    """Which open page saves, by a name of its own, and the how-manieth save of that page it is.

    A phone with a weak signal may send an older save after a newer one, and does not know of a save whose answer was
    lost: neither is somebody else's change.
    """

    page: str = ""
    step: int = 0


def start(workshop_id: int, key: str = "") -> int:
    """An empty draft; gives the listing's number. `key` is the phone's own: begun twice, the draft is there once."""
    with transaction():
        at = clock.now()
        if key:
            is_new = insert_ignore(Listing, workshop_id=workshop_id, draft_key=key, created_at=at, updated_at=at)
            listing_id = begun(workshop_id, key) or 0
            if not is_new:
                return listing_id
        else:
            listing = Listing(workshop_id=workshop_id, created_at=at, updated_at=at)
            db.session.add(listing)
            db.session.flush()
            listing_id = listing.id
        db.session.add(ListingVersion(listing_id=listing_id, workshop_id=workshop_id, created_at=at, updated_at=at))
    return listing_id


def begun(workshop_id: int, key: str) -> int | None:
    """The draft that was begun with that key."""
    mine = sa.select(Listing.id).where(Listing.workshop_id == workshop_id, Listing.draft_key == key)
    return db.session.scalar(mine)


def save(
    listing_id: int,
    workshop_id: int,
    draft: Draft,
    offer: Offer | None,
    *,
    saw: int | None = None,
    page: Save | None = None,
    by: int | None = None,
) -> bool:
    """Keep what was typed. Words go to the version being edited, price and stock (if an offer comes) at once.

    A piece on sale gets a version of its own only when its words change; a version under review is withdrawn by an
    edit. `saw` is the listing's count of saves that the form was made from; it does not matter when the last save was
    of the same `page`. False: that page has saved something newer already, and nothing was changed.

    Raises:
        NotFound: there is no such piece, or it is another workshop's.
        EditedElsewhere: it has been saved since the form was opened.
        StockMoved, TooMany, PriceMissing, SizeTwice: the offer cannot stand as it is; nothing was changed.
    """
    with transaction():
        listing = own_listing(listing_id, workshop_id)
        if not _is_newest(listing, saw, page):
            return False
        _write_words(listing, draft)
        moved = offer is not None and put(listing, offer, by)
        touch(listing, page)
        if moved and listing.approved_version_id is not None:
            publication.refresh([listing.id])
    return True


def _is_newest(listing: Listing, saw: int | None, page: Save | None) -> bool:
    if page is not None and page.page and page.page == listing.saved_page:
        return page.step >= listing.saved_step
    if saw is not None and saw != listing.edits:
        raise EditedElsewhere()
    return True


def touch(listing: Listing, page: Save | None = None) -> None:
    """Count a change, so that a form which was made before it is not taken for the newest. Whatever else than the
    editor changes a piece calls it too."""
    page = page or Save()
    listing.edits += 1
    listing.saved_page, listing.saved_step = page.page, page.step
    listing.updated_at = clock.now()


def _write_words(listing: Listing, draft: Draft) -> None:
    current = newest(listing)
    if not _differs(current, draft):
        return
    version = open_version(listing)
    for name, value in draft.values().items():
        setattr(version, name, value)
    for photo in photos_of(version):
        photo.alt_en, photo.alt_id = draft.photo_texts.get(photo.photo_id, (photo.alt_en, photo.alt_id))


def _differs(version: ListingVersion, draft: Draft) -> bool:
    if any(getattr(version, name) != value for name, value in draft.values().items()):
        return True
    now = {photo.photo_id: (photo.alt_en, photo.alt_id) for photo in photos_of(version)}
    return any(now.get(photo_id, texts) != texts for photo_id, texts in draft.photo_texts.items())

"""Publishing: is the piece complete, may the workshop sell, must somebody look at it first?"""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.catalog import publication
from marketplace.catalog.models import Category, Listing, ListingVersion, VersionStatus
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.workshops.models import Workshop

from . import words
from .completeness import Piece, problems_of
from .drafts import touch
from .errors import Incomplete, TakenDown, WorkshopSuspended
from .loading import approved, being_edited, newest, own_listing, photos_of, variants_of, workshop_of
from .review import show

LOOKED_AT_FIRST = 3  # pieces of a new workshop that somebody looks at before they are shown


def submit(listing_id: int, workshop_id: int, by: int | None = None) -> VersionStatus:
    """Show the piece, or send it to be looked at; tells which of the two happened.

    When nothing is being edited there is nothing to do, and the answer is APPROVED.

    Raises:
        NotFound: there is no such piece, or it is another workshop's.
        WorkshopSuspended, TakenDown: it may not be shown now.
        Incomplete: with every problem and its field.
        IllegalTransition: it is being looked at already.
    """
    with transaction():
        listing = own_listing(listing_id, workshop_id)
        workshop = workshop_of(listing)
        _may_sell(listing, workshop)
        version = being_edited(listing)
        problems = problems_of(_piece(listing, version or newest(listing)))
        if problems:
            raise Incomplete(problems)
        if version is None:
            return VersionStatus.APPROVED
        before = version.status
        after = _decide(listing, version, workshop)
        record("listing.submit", "listing", listing_id, by, {"status": before.value}, {"status": after.value})
        return after


def withdraw(listing_id: int, workshop_id: int, by: int | None = None) -> None:
    """Take a piece back from review, to go on writing.

    Raises:
        NotFound; IllegalTransition: it is not being looked at.
    """
    with transaction():
        listing = own_listing(listing_id, workshop_id)
        newest(listing).move_to(VersionStatus.DRAFT, clock.now())
        touch(listing)
        record("listing.withdraw", "listing", listing_id, by)


def needs_review(version: ListingVersion, workshop: Workshop) -> bool:
    return bool(reasons(version, workshop))


def reasons(version: ListingVersion, workshop: Workshop) -> list[Lazy]:
    """Why somebody has to look first, for the reviewer and the maker; empty when nobody has to."""
    found: list[Lazy] = []
    if not workshop.is_trusted and _approved_pieces(workshop.id, version.listing_id) < LOOKED_AT_FIRST:
        found.append(_l("one of the first pieces of a new workshop"))
    category = db.session.get(Category, version.category_id) if version.category_id else None
    if category is not None and category.policy:
        found.append(_l("a kind of piece with rules of its own"))
    risky = words.found(words.RISK, " ".join(_texts(version)))
    if risky:
        found.append(_l("words that need care: %(words)s", words=", ".join(risky)))
    if version.decision_code:
        found.append(_l("it was sent back before"))
    if _promises_more(version):
        found.append(_l("the change says that the metal is finer than before"))
    return found


def _may_sell(listing: Listing, workshop: Workshop) -> None:
    if not workshop.in_good_standing:
        raise WorkshopSuspended()
    if listing.taken_down_at is not None:
        raise TakenDown(reason=listing.taken_down_reason)


def _decide(listing: Listing, version: ListingVersion, workshop: Workshop) -> VersionStatus:
    at = clock.now()
    if version.status is VersionStatus.REJECTED:
        version.move_to(VersionStatus.DRAFT, at)
    if needs_review(version, workshop):
        version.move_to(VersionStatus.IN_REVIEW, at)
    else:
        show(listing, version, by=None)
    touch(listing)
    db.session.flush()
    publication.refresh([listing.id])
    return version.status


def _piece(listing: Listing, version: ListingVersion) -> Piece:
    category = db.session.get(Category, version.category_id) if version.category_id else None
    return Piece(
        listing=listing,
        version=version,
        variants=variants_of(listing),
        photo_count=len(photos_of(version)),
        category=category,
        is_root=category is not None and category.parent_id is None,
    )


def _approved_pieces(workshop_id: int, besides: int) -> int:
    """Pieces of the workshop that somebody has already said yes to, this one left out."""
    query = sa.select(sa.func.count(Listing.id)).where(
        Listing.workshop_id == workshop_id, Listing.approved_version_id.is_not(None), Listing.id != besides
    )
    return int(db.session.scalar(query) or 0)


def _texts(version: ListingVersion) -> tuple[str, ...]:
    return (
        version.title_en,
        version.title_id,
        version.description_en,
        version.description_id,
        version.stones_en,
        version.stones_id,
        *version.tags,
    )


def _promises_more(version: ListingVersion) -> bool:
    """Whether an edit claims more than was approved: silver where there was brass, solid where plated, finer metal."""
    listing = db.session.get(Listing, version.listing_id)
    before = approved(listing) if listing is not None else None
    if before is None:
        return False
    return _worth(version) > _worth(before)


def _worth(version: ListingVersion) -> tuple[int, int, bool]:
    rank = {"gold": 2, "silver": 1}.get(version.material, 0)
    return rank, version.fineness or 0, version.plating in ("", "none") and rank > 0

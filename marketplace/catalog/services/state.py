"""Hiding, showing again, putting away and copying a piece: the maker's own acts, which nobody has to look at."""

from __future__ import annotations

from marketplace.audit.services import record
from marketplace.catalog import publication
from marketplace.catalog.models import Listing, ListingState, Variant, VersionStatus
from marketplace.core import clock
from marketplace.core.db import db, transaction

from . import costing, pricing_log
from .drafts import touch
from .errors import NeverApproved, TakenDown, WorkshopSuspended
from .loading import being_edited, newest, own_listing, variants_of, workshop_of
from .opening import copied
from .pricing_log import Reason


def pause(listing_id: int, workshop_id: int, by: int | None = None) -> None:
    """Hide a piece that is on sale. Raises NotFound, IllegalTransition."""
    _move("pause", listing_id, workshop_id, ListingState.PAUSED, by)


def resume(listing_id: int, workshop_id: int, by: int | None = None) -> None:
    """Show a hidden piece again.

    Raises:
        WorkshopSuspended, TakenDown, NeverApproved; NotFound, IllegalTransition.
    """
    with transaction():
        listing = own_listing(listing_id, workshop_id)
        if not workshop_of(listing).in_good_standing:
            raise WorkshopSuspended()
        if listing.taken_down_at is not None:
            raise TakenDown(reason=listing.taken_down_reason)
        if listing.approved_version_id is None:
            raise NeverApproved()
        _move("resume", listing_id, workshop_id, ListingState.LIVE, by)


def archive(listing_id: int, workshop_id: int, by: int | None = None) -> None:
    """Put a piece away: out of the shop and out of the list. A version under review is withdrawn."""
    with transaction():
        listing = own_listing(listing_id, workshop_id)
        version = being_edited(listing)
        if version is not None and version.status is VersionStatus.IN_REVIEW:
            version.move_to(VersionStatus.DRAFT, clock.now())
        _move("archive", listing_id, workshop_id, ListingState.ARCHIVED, by)


def bring_back(listing_id: int, workshop_id: int, by: int | None = None) -> None:
    """Take a piece out of the archive; it stays hidden until its maker shows it."""
    _move("bring_back", listing_id, workshop_id, ListingState.PAUSED, by)


def copy(listing_id: int, workshop_id: int, by: int | None = None) -> int:
    """A new draft with everything that this piece has but its stock, its costing too; gives its number."""
    with transaction():
        source = own_listing(listing_id, workshop_id)
        at = clock.now()
        listing = Listing(
            workshop_id=workshop_id,
            made_to_order=source.made_to_order,
            lead_time_days=source.lead_time_days,
            packed_grams=source.packed_grams,
            engraving_price_idr=source.engraving_price_idr,
            unfinished=[{**size, "stock": 0} for size in source.unfinished],
            created_at=at,
            updated_at=at,
        )
        db.session.add(listing)
        db.session.flush()
        copied(newest(source), listing.id)
        for variant in [_copy_of(variant, listing.id) for variant in variants_of(source)]:
            db.session.add(variant)
            pricing_log.changed(variant, None, variant.price_amount, Reason.TYPED, by)
        costing.copy(source.id, listing.id)
        record("listing.copy", "listing", listing.id, by, {"copied": listing_id})
    return listing.id


def _copy_of(variant: Variant, listing_id: int) -> Variant:
    return Variant(
        listing_id=listing_id,
        position=variant.position,
        size=variant.size,
        size_mm=variant.size_mm,
        price_amount=variant.price_amount,
        price_currency=variant.price_currency,
        weight_grams=variant.weight_grams,
        labour_idr=variant.labour_idr,
    )


def _move(act: str, listing_id: int, workshop_id: int, to: ListingState, by: int | None) -> None:
    with transaction():
        listing = own_listing(listing_id, workshop_id)
        before = listing.state
        listing.move_to(to, clock.now())
        record(f"listing.{act}", "listing", listing_id, by, {"state": before.value}, {"state": to.value})
        touch(listing)
        db.session.flush()
        publication.refresh([listing.id])

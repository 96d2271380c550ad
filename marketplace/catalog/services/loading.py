"""Rows of one workshop's piece, locked in one order (listing, then version), so that no two acts block each other."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.catalog.models import Listing, ListingVersion, Variant, VersionPhoto, VersionStatus
from marketplace.core.db import db, locked
from marketplace.core.errors import NotFound
from marketplace.workshops.models import Workshop

OPEN = (VersionStatus.DRAFT, VersionStatus.IN_REVIEW, VersionStatus.REJECTED)


def own_listing(listing_id: int, workshop_id: int) -> Listing:
    """Raises NotFound for another workshop's."""
    return locked(Listing, listing_id, workshop_id=workshop_id)


def being_edited(listing: Listing) -> ListingVersion | None:
    """The version that is being worked on or looked at; None when the approved one is the last."""
    return db.session.scalar(
        sa.select(ListingVersion)
        .where(ListingVersion.listing_id == listing.id, ListingVersion.status.in_(OPEN))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def approved(listing: Listing) -> ListingVersion | None:
    if listing.approved_version_id is None:
        return None
    return db.session.get(ListingVersion, listing.approved_version_id)


def newest(listing: Listing) -> ListingVersion:
    """What its maker sees in the editor."""
    version = being_edited(listing) or approved(listing)
    if version is None:  # a listing is made together with its first version
        raise NotFound("ListingVersion", listing.id)
    return version


def photos_of(version: ListingVersion) -> list[VersionPhoto]:
    query = sa.select(VersionPhoto).where(VersionPhoto.version_id == version.id)
    return list(db.session.scalars(query.order_by(VersionPhoto.position, VersionPhoto.id)))


def variants_of(listing: Listing) -> list[Variant]:
    """Those on offer, in their order; read fresh, because sales move the stock."""
    query = sa.select(Variant).where(Variant.listing_id == listing.id, Variant.retired_at.is_(None))
    fresh = query.order_by(Variant.position, Variant.id).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))


def workshop_of(listing: Listing) -> Workshop:
    workshop = db.session.get(Workshop, listing.workshop_id, populate_existing=True)
    if workshop is None:
        raise NotFound("Workshop", listing.workshop_id)
    return workshop

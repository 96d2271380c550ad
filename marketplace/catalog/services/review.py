"""What a reviewer's decision does to a piece. Who may decide, the record and the mail are moderation's."""

from __future__ import annotations

from marketplace.catalog import publication
from marketplace.catalog.models import Listing, ListingState, ListingVersion, VersionStatus
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import IllegalTransition, NotFound

from .errors import SeenAnotherRevision
from .words import slug_of


def approve(version_id: int, revision: int, *, by: int | None) -> int:
    """Show the version that was looked at; the one shown before stays as history. Gives the listing's number.

    Raises:
        NotFound: there is no such version.
        SeenAnotherRevision: the maker has changed it since the reviewer opened it.
        IllegalTransition: it does not wait for a decision any more.
    """
    with transaction():
        listing, version = _waiting(version_id, revision, VersionStatus.APPROVED)
        show(listing, version, by=by)
        db.session.flush()
        publication.refresh([listing.id])
    return listing.id


def reject(version_id: int, revision: int, *, by: int, code: str, reason: str) -> int:
    """Give the version back with a reason that its maker reads; what is on sale stays on sale.

    Raises: as approve.
    """
    with transaction():
        listing, version = _waiting(version_id, revision, VersionStatus.REJECTED)
        version.move_to(VersionStatus.REJECTED, clock.now())
        version.decided_by, version.decision_code, version.decision_reason = by, code, reason
    return listing.id


def show(listing: Listing, version: ListingVersion, *, by: int | None) -> None:
    """Make the version the public one, inside the caller's transaction. A paused or archived piece stays so."""
    at = clock.now()
    version.move_to(VersionStatus.APPROVED, at)
    version.decided_by, version.decision_code, version.decision_reason = by, "", ""
    first = listing.approved_version_id is None
    listing.approved_version_id = version.id
    listing.slug = slug_of(version.title_en, version.title_id)
    if first and listing.state in (ListingState.DRAFT, ListingState.PAUSED):
        listing.move_to(ListingState.LIVE, at)


def _waiting(version_id: int, revision: int, to: VersionStatus) -> tuple[Listing, ListingVersion]:
    found = db.session.get(ListingVersion, version_id)
    if found is None:
        raise NotFound("ListingVersion", version_id)
    listing = locked(Listing, found.listing_id)
    version = locked(ListingVersion, version_id)
    if version.status is not VersionStatus.IN_REVIEW:
        raise IllegalTransition(version.status, to)
    if version.revision != revision:
        raise SeenAnotherRevision()
    return listing, version

"""Pieces: a version is approved or sent back, a listing is taken down or restored.

`taken_down_at` is a flag beside the listing's state: lifting it restores exactly what was there (architecture.md).
"""

from __future__ import annotations

from marketplace.audit.services import record
from marketplace.catalog import publication
from marketplace.catalog.models import Listing, ListingVersion
from marketplace.catalog.services import review
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.moderation import mails
from marketplace.moderation.reasons import LISTING_REJECTIONS, TAKEDOWNS
from marketplace.workshops.models import Workshop
from marketplace.workshops.services import given

SUBJECT = "listing"


class AlreadyDown(DomainError):
    message = _l("The piece has already been taken down.")


class NotDown(DomainError):
    message = _l("The piece is not taken down.")


def approve_listing(version_id: int, revision: int, by: int) -> None:
    """Put the version that was looked at in place of the approved one.

    Raises:
        SeenAnotherRevision: it was saved again since the page was opened.
        IllegalTransition: it was withdrawn or decided since.
    """
    with transaction():
        version, before = _version(version_id)
        review.approve(version_id, revision, by=by)
        after = {"approved_version_id": version_id, "revision": revision}
        record("listing.approve", SUBJECT, version.listing_id, by, {"approved_version_id": before}, after)
        mails.about_version("listing_approved", version)


def reject_listing(version_id: int, revision: int, by: int, code: str, words: str = "") -> None:
    """Send the version back with a listed reason; what is on sale stays as it is.

    Raises:
        UnknownReason, WordsMissing, and as approve_listing
    """
    reason = given(LISTING_REJECTIONS, code, words)
    with transaction():
        version, _approved = _version(version_id)
        before = {"version_id": version_id, "status": version.status}
        review.reject(version_id, revision, by=by, code=code, reason=words)
        after = {"version_id": version_id, "status": version.status, "reason_code": code}
        record("listing.reject", SUBJECT, version.listing_id, by, before, after, words)
        mails.about_version("listing_rejected", version, reason, words)


def take_down(listing_id: int, by: int, code: str, words: str = "") -> None:
    """Hide the piece everywhere at once and tell the workshop why.

    Raises:
        AlreadyDown, UnknownReason, WordsMissing
    """
    reason = given(TAKEDOWNS, code, words)
    with transaction():
        listing = locked(Listing, listing_id)
        if listing.taken_down_at is not None:
            raise AlreadyDown
        listing.taken_down_at = clock.now()
        listing.taken_down_reason = mails.sentence(reason, words, _language_of(listing))
        publication.refresh([listing.id])
        record(
            "listing.take_down",
            SUBJECT,
            listing.id,
            by,
            {"state": listing.state, "is_taken_down": False},
            {"state": listing.state, "is_taken_down": True, "reason_code": code},
            words,
        )
        mails.about_listing("listing_taken_down", listing, reason, words)


def restore(listing_id: int, by: int, why: str) -> None:
    """Lift the flag: the piece stands as it stood, paused if it was paused.

    Raises:
        NotDown
    """
    with transaction():
        listing = locked(Listing, listing_id)
        if listing.taken_down_at is None:
            raise NotDown
        before = {"is_taken_down": True, "reason": listing.taken_down_reason}
        listing.taken_down_at, listing.taken_down_reason = None, ""
        publication.refresh([listing.id])
        record("listing.restore", SUBJECT, listing.id, by, before, {"is_taken_down": False}, why)
        mails.about_listing("listing_restored", listing, words=why)


def _version(version_id: int) -> tuple[ListingVersion, int | None]:
    """The version, and which one is public; the listing is held from here on."""
    version = db.session.get(ListingVersion, version_id, populate_existing=True)
    if version is None:
        raise NotFound("ListingVersion", version_id)
    return version, locked(Listing, version.listing_id).approved_version_id


def _language_of(listing: Listing) -> str:
    return db.session.get_one(Workshop, listing.workshop_id).language

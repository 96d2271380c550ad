"""What a workshop is told of decisions about it, in its language; queued in the transaction that decides."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.catalog.models import Listing, ListingVersion
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import pick, speaking
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail
from marketplace.workshops.models import Workshop
from marketplace.workshops.reasons import Reason

from .reasons import APPEAL


def sentence(reason: Reason, words: str, language: str) -> str:
    """What the workshop reads on its pages: title, advice and the admin's own words."""
    with speaking(language):
        return " ".join(part for part in (f"{reason.title}.", str(reason.advice), words) if part)


def about_version(template: str, version: ListingVersion, reason: Reason | None = None, words: str = "") -> None:
    workshop = db.session.get_one(Workshop, version.workshop_id)
    _queue(template, workshop, f"{version.id}.{version.revision}", _piece(version, workshop), reason, words)


def about_listing(template: str, listing: Listing, reason: Reason | None = None, words: str = "") -> None:
    workshop = db.session.get_one(Workshop, listing.workshop_id)
    version = db.session.scalar(
        sa.select(ListingVersion)
        .where(ListingVersion.listing_id == listing.id)
        .order_by((ListingVersion.id == listing.approved_version_id).desc(), ListingVersion.id.desc())
        .limit(1)
    )
    _queue(template, workshop, f"{listing.id}.{_moment()}", _piece(version, workshop, listing.id), reason, words)


def about_workshop(template: str, workshop: Workshop, reason: Reason | None = None, words: str = "") -> None:
    address = links.absolute("seller.home", "")
    _queue(template, workshop, f"{workshop.id}.{_moment()}", {"address": address}, reason, words)


def _piece(version: ListingVersion | None, workshop: Workshop, listing_id: int = 0) -> dict[str, str]:
    with speaking(workshop.language):
        title = pick(version.title_en, version.title_id) if version else ""
    number = listing_id or (version.listing_id if version else 0)
    return {"piece": title, "address": links.absolute("seller_listings.edit", "", listing_id=number)}


def _moment() -> int:
    return int(clock.now().timestamp() * 1000)


def _queue(
    template: str, workshop: Workshop, key: str, facts: dict[str, str], reason: Reason | None, words: str
) -> None:
    if not workshop.email:
        return
    with speaking(workshop.language):
        why = {"title": str(reason.title), "advice": str(reason.advice), "appeal": str(APPEAL)} if reason else {}
    name = f"{workshop.form_of_address} {workshop.contact_name}".strip() or workshop.name
    context = {"name": name, "workshop_name": workshop.name, "words": words, **facts, **why}
    queue_mail(template, to=workshop.email, language=workshop.language, key=f"{template}:{key}", context=context)

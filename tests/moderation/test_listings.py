"""Pieces under review and taken down: what is on sale changes only when somebody decides, and exactly so."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.audit.models import AuditRow
from marketplace.catalog.models import (
    Card,
    Listing,
    ListingState,
    ListingVersion,
    Placement,
    VersionPhoto,
    VersionStatus,
)
from marketplace.catalog.services import drafts
from marketplace.catalog.services.errors import SeenAnotherRevision
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import DomainError, IllegalTransition
from marketplace.core.i18n import speaking
from marketplace.moderation import services
from marketplace.moderation.reasons import LISTING_REJECTIONS, TAKEDOWNS
from marketplace.search.models import Document
from marketplace.workshops.services import UnknownReason, WordsMissing
from tests.factories.accounts import AdminFactory
from tests.factories.catalog import ListingFactory
from tests.factories.workshops import WorkshopFactory
from tests.helpers import mails

pytestmark = pytest.mark.usefixtures("app")


def fresh(listing: Listing) -> Listing:
    return db.session.get_one(Listing, listing.id, populate_existing=True)


def proposed(listing: Listing, **words: Any) -> ListingVersion:
    """An edit of a piece on sale that waits for a look."""
    approved = db.session.get_one(ListingVersion, listing.approved_version_id)
    now = clock.now()
    same = {
        name: getattr(approved, name)
        for name in ("category_id", "title_en", "title_id", "description_en", "description_id", "material")
    }
    version = ListingVersion(
        listing_id=listing.id,
        workshop_id=listing.workshop_id,
        status=VersionStatus.IN_REVIEW,
        revision=3,
        submitted_at=now,
        created_at=now,
        updated_at=now,
        **{**same, **words},
    )
    db.session.add(version)
    db.session.flush()
    for photo in db.session.scalars(sa.select(VersionPhoto).where(VersionPhoto.version_id == approved.id)):
        db.session.add(VersionPhoto(version_id=version.id, photo_id=photo.photo_id, position=photo.position))
    db.session.commit()
    return version


def public(listing: Listing) -> dict[str, Any]:
    """Everything the public sees of a piece, from the rows that its pages are made of."""

    def rows(model: Any) -> list[dict[str, Any]]:
        table = model.__table__
        query = sa.select(table).where(table.c.listing_id == listing.id).order_by(*table.primary_key)
        return [dict(row) for row in db.session.execute(query).mappings()]

    return {model.__name__: rows(model) for model in (Placement, Card, Document)}


def columns(listing: Listing) -> dict[str, Any]:
    """The listing's own row; the counter of its page's ETag left out, which only ever grows."""
    row = db.session.execute(sa.select(Listing.__table__).where(Listing.__table__.c.id == listing.id)).mappings().one()
    return {name: value for name, value in row.items() if name != "version"}


def last_act() -> AuditRow:
    return db.session.scalars(sa.select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()


def test_an_edit_that_waits_never_changes_what_is_on_sale() -> None:
    listing = ListingFactory()
    before, row = public(listing), columns(listing)
    version = proposed(listing, title_en="Blessed Ring")
    assert (public(listing), columns(listing)) == (before, row)
    services.reject_listing(version.id, 3, AdminFactory().id, "sacred")
    assert (public(listing), columns(listing)) == (before, row)


def test_approving_shows_the_new_words_at_once_and_leaves_a_record() -> None:
    listing, admin = ListingFactory(), AdminFactory()
    old = listing.approved_version_id
    version = proposed(listing, title_en="Dome Ring of Grains", title_id="Cincin Kubah")
    services.approve_listing(version.id, 3, admin.id)
    assert public(listing)["Card"][0]["title_en"] == "Dome Ring of Grains"
    assert fresh(listing).approved_version_id == version.id
    act = last_act()
    assert (act.action, act.actor_id, act.subject_id) == ("listing.approve", admin.id, listing.id)
    assert act.before == {"approved_version_id": old}
    assert act.after == {"approved_version_id": version.id, "revision": 3}
    (mail,) = mails()
    assert "Cincin Kubah" in mail.subject, "in the workshop's language"


def test_nobody_approves_words_that_they_have_not_seen() -> None:
    listing, admin = ListingFactory(), AdminFactory()
    version, before = proposed(listing), public(listing)
    for decide in (
        lambda: services.approve_listing(version.id, 2, admin.id),
        lambda: services.reject_listing(version.id, 2, admin.id, "words"),
    ):
        with pytest.raises(SeenAnotherRevision):
            decide()
    assert public(listing) == before
    assert not mails()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditRow)) == 0


def test_an_edit_during_the_review_takes_it_out_of_the_queue() -> None:
    from tests.catalog_writing.test_drafts import draft_of, offer_of

    listing, admin = ListingFactory(), AdminFactory()
    version = proposed(listing)
    drafts.save(listing.id, listing.workshop_id, draft_of(listing, title_en="Another name"), offer_of(listing))
    with pytest.raises(DomainError):
        services.approve_listing(version.id, 3, admin.id)
    assert fresh(listing).approved_version_id != version.id


def test_a_decision_is_made_once() -> None:
    listing, admin = ListingFactory(), AdminFactory()
    version = proposed(listing)
    services.approve_listing(version.id, 3, admin.id)
    with pytest.raises(IllegalTransition):
        services.approve_listing(version.id, 3, admin.id)
    with pytest.raises(IllegalTransition):
        services.reject_listing(version.id, 3, admin.id, "words")
    assert len(mails()) == 1


def test_sent_back_with_a_listed_reason_in_the_workshops_language() -> None:
    listing, admin = ListingFactory(), AdminFactory()
    version = proposed(listing)
    services.reject_listing(version.id, 3, admin.id, "sacred", "Kalimat terakhir mohon diganti.")
    version = db.session.get_one(ListingVersion, version.id, populate_existing=True)
    assert version.status is VersionStatus.REJECTED
    assert (version.decision_code, version.decision_reason) == ("sacred", "Kalimat terakhir mohon diganti.")
    (mail,) = mails()
    reason = next(row for row in LISTING_REJECTIONS if row.code == "sacred")
    with speaking("id"):
        assert str(reason.title) in mail.text
        assert str(reason.advice) in mail.text
    assert "Kalimat terakhir" in mail.text
    assert last_act().after["reason_code"] == "sacred"
    assert last_act().reason == "Kalimat terakhir mohon diganti."


def test_taken_down_is_hidden_at_once_and_restored_exactly() -> None:
    listing, other, admin = ListingFactory(), ListingFactory(), AdminFactory()
    before, row, neighbor = public(listing), columns(listing), public(other)
    services.take_down(listing.id, admin.id, "material", "Ini kuningan.")
    assert public(listing) == {"Placement": [], "Card": [], "Document": []}
    assert fresh(listing).state is ListingState.LIVE, "a flag, not a state"
    reason = next(one for one in TAKEDOWNS if one.code == "material")
    with speaking("id"):
        assert str(reason.title) in fresh(listing).taken_down_reason
    assert last_act().action == "listing.take_down"
    assert last_act().after["is_taken_down"] is True
    services.restore(listing.id, admin.id, "It is silver after all")
    assert (public(listing), columns(listing)) == (before, row)
    assert public(other) == neighbor
    assert last_act().action == "listing.restore"
    assert last_act().reason == "It is silver after all"
    assert len(mails()) == 2


def test_a_paused_piece_stays_paused_after_a_takedown() -> None:
    listing, admin = ListingFactory(live=False, state=ListingState.PAUSED), AdminFactory()
    row = columns(listing)
    services.take_down(listing.id, admin.id, "photos")
    services.restore(listing.id, admin.id, "Own photos")
    assert columns(listing) == row
    assert fresh(listing).state is ListingState.PAUSED
    assert public(listing)["Placement"] == []


def test_down_twice_and_up_twice_say_so() -> None:
    listing, admin = ListingFactory(), AdminFactory()
    with pytest.raises(services.NotDown):
        services.restore(listing.id, admin.id, "why")
    services.take_down(listing.id, admin.id, "origin")
    with pytest.raises(services.AlreadyDown):
        services.take_down(listing.id, admin.id, "origin")
    assert len(mails()) == 1


def test_reasons_are_of_the_list() -> None:
    listing, admin = ListingFactory(), AdminFactory()
    with pytest.raises(UnknownReason):
        services.take_down(listing.id, admin.id, "facts")  # of the other list
    with pytest.raises(WordsMissing):
        services.take_down(listing.id, admin.id, "other")
    assert fresh(listing).taken_down_at is None


def test_a_workshop_without_an_address_gets_no_mail() -> None:
    listing = ListingFactory(workshop=WorkshopFactory(email=""))
    services.take_down(listing.id, AdminFactory().id, "origin")
    assert not mails()
    assert fresh(listing).taken_down_at is not None

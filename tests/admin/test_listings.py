"""Pieces on the collective's pages: both versions side by side, and a decision about the one that was seen."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.catalog.models import ListingState, ListingVersion, VersionStatus
from marketplace.core.db import db
from marketplace.moderation.compare import sides
from tests.admin.conftest import post
from tests.factories.catalog import ListingFactory
from tests.factories.workshops import WorkshopFactory
from tests.moderation.test_listings import fresh, proposed, public


def decide(client: FlaskClient, listing: Any, version: Any, act: str, **more: Any) -> Any:
    form = {"version_id": version.id, "revision": version.revision, **more}
    return post(client, f"/admin/listings/{listing.id}/{act}", data=form, follow_redirects=True)


def state(version: ListingVersion) -> VersionStatus:
    return db.session.get_one(ListingVersion, version.id, populate_existing=True).status


def test_changed_words_are_marked_on_both_sides(client: FlaskClient, admin: User) -> None:
    listing = ListingFactory(description_en="A band of grains. A souvenir.", photos=2)
    proposed(listing, description_en="A band of grains. Blessed by a priest.", material="brass")
    page = client.get(f"/admin/listings/{listing.id}").text
    assert "<del>A souvenir.</del>" in page
    assert "<ins>Blessed by a priest.</ins>" in page
    assert "<ins>brass" in page
    assert "<del>silver 925</del>" in page
    assert "The approved version stays on sale" in page
    assert "Why it waits" in page


def test_a_first_version_stands_alone_with_nothing_marked(client: FlaskClient, admin: User) -> None:
    listing = ListingFactory(live=False)
    page = client.get(f"/admin/listings/{listing.id}").text
    assert "<ins>" not in page
    assert "<del>" not in page
    assert "Granulated Dome Ring" in page


def test_the_queue_holds_what_waits_the_oldest_first(client: FlaskClient, admin: User, stopped_clock: Any) -> None:
    first, second = ListingFactory(), ListingFactory()
    ListingFactory(title_en="Never asked")
    proposed(second, title_en="Asked first")
    stopped_clock.forward(hours=5)
    proposed(first, title_en="Asked second")
    page = client.get("/admin/listings/").text
    assert page.index("Asked first") < page.index("Asked second")
    assert "Never asked" not in page
    assert "Edit waits" in page
    assert "waits 5 hours" in page


def test_approving_from_the_page(client: FlaskClient, admin: User) -> None:
    listing = ListingFactory()
    version = proposed(listing, title_en="Dome Ring of Grains")
    answer = decide(client, listing, version, "approval", decision="yes")
    assert "Approved. The new version is on show." in answer.text
    assert fresh(listing).approved_version_id == version.id
    assert db.session.scalars(sa.select(AuditRow.action)).all() == ["listing.approve"]


def test_a_page_that_is_out_of_date_decides_nothing(client: FlaskClient, admin: User) -> None:
    listing = ListingFactory()
    version = proposed(listing)
    before = public(listing)
    version.revision += 1
    db.session.commit()
    answer = post(
        client,
        f"/admin/listings/{listing.id}/approval",
        data={"version_id": version.id, "revision": version.revision - 1, "decision": "yes"},
        follow_redirects=True,
    )
    assert "has changed this piece since you opened it" in answer.text
    assert state(version) is VersionStatus.IN_REVIEW
    assert public(listing) == before


def test_sent_back_needs_a_reason(client: FlaskClient, admin: User) -> None:
    listing = ListingFactory()
    version = proposed(listing)
    answer = decide(client, listing, version, "rejection", decision="ask", words="Ganti kalimat.")
    assert answer.status_code == 422
    assert "Ganti kalimat." in answer.text
    assert state(version) is VersionStatus.IN_REVIEW
    answer = decide(client, listing, version, "rejection", decision="ask", ask_code="sacred", words="Ganti kalimat.")
    assert answer.status_code == 200
    assert state(version) is VersionStatus.REJECTED
    page = client.get(f"/admin/listings/{listing.id}").text
    assert "Claims a blessing" in page
    assert "Ganti kalimat." in page


def test_the_button_must_be_that_of_the_decision(client: FlaskClient, admin: User) -> None:
    """Enter in a form presses its first button: that alone must not approve what was to be sent back."""
    listing = ListingFactory()
    version = proposed(listing)
    answer = decide(client, listing, version, "approval", decision="no", no_code="sacred")
    assert answer.status_code == 422
    assert state(version) is VersionStatus.IN_REVIEW


def test_taken_down_and_restored(client: FlaskClient, admin: User) -> None:
    listing = ListingFactory()
    before = public(listing)
    form = {"code": "material", "words": "Ini kuningan."}
    answer = post(client, f"/admin/listings/{listing.id}/takedown", data=form, follow_redirects=True)
    assert "Taken down" in answer.text
    assert "Ini kuningan." in answer.text
    assert "Restore the piece" in answer.text
    assert public(listing)["Card"] == []
    answer = post(client, f"/admin/listings/{listing.id}/restoration", data={"why": ""})
    assert answer.status_code == 422
    post(client, f"/admin/listings/{listing.id}/restoration", data={"why": "It is silver"})
    assert public(listing) == before


def test_a_version_under_review_can_be_taken_down_at_once(client: FlaskClient, admin: User) -> None:
    listing = ListingFactory()
    version = proposed(listing)
    decide(client, listing, version, "takedown", decision="no", no_code="forbidden")
    assert fresh(listing).taken_down_at is not None
    assert fresh(listing).state is ListingState.LIVE
    assert state(version) is VersionStatus.IN_REVIEW, "the words are decided on their own"


def test_found_by_name_code_and_workshop(client: FlaskClient, admin: User) -> None:
    workshop = WorkshopFactory(name="Luh Selaka")
    ListingFactory(workshop=workshop, title_en="Woven Collar", sku="LS-7")
    ListingFactory(title_en="Onyx Signet", sku="XX-1")
    for words in ("woven", "ls-7", "selaka"):
        page = client.get("/admin/listings/", query_string={"q": words}).text
        assert "Woven Collar" in page, words
        assert "Onyx Signet" not in page, words
    assert "Nothing found" in client.get("/admin/listings/?q=100%25").text, "a percent sign is a letter"
    assert "Onyx Signet" not in client.get(f"/admin/listings/?show=all&workshop={workshop.id}").text


def test_compared_texts_are_the_texts_themselves() -> None:
    pairs = [
        ("", ""),
        ("", "new"),
        ("one two  three", "one three\nfour"),
        ("a b c", "x y z"),
        ("same", "same"),
        (" lead and trail ", "lead and trail"),
    ]
    for before, after in pairs:
        old, new = sides(before, after)
        assert "".join(piece.text for piece in old) == before
        assert "".join(piece.text for piece in new) == after
        assert any(piece.is_changed for piece in (*old, *new)) is (before != after)

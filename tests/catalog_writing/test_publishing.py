"""From draft to the shop window: complete, honest, and looked at where it must be."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.catalog.models import Listing, ListingState, VersionStatus
from marketplace.catalog.services import drafts, review, state, submission
from marketplace.catalog.services.errors import (
    Incomplete,
    NeverApproved,
    SeenAnotherRevision,
    TakenDown,
    WorkshopSuspended,
)
from marketplace.catalog.services.words import says_plated, says_silver, slug_of
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import IllegalTransition, NotFound
from tests.catalog_writing.test_drafts import draft_of, fresh, offer_of, versions_of
from tests.factories.catalog import CategoryFactory, ListingFactory
from tests.factories.workshops import WorkshopFactory

pytestmark = pytest.mark.usefixtures("app")


def leaf(**facts: Any) -> Any:
    root = CategoryFactory(slug="root")
    return CategoryFactory(**{"slug": "rings-band", "parent_id": root.id, **facts})


def new_draft(workshop: Any, **facts: Any) -> Listing:
    facts.setdefault("category", None)
    if facts["category"] is None:
        facts["category"] = leaf()
    return ListingFactory(live=False, workshop=workshop, **facts)


def edit(listing: Listing, **changes: Any) -> None:
    drafts.save(listing.id, listing.workshop_id, draft_of(listing, **changes), offer_of(listing))


def submit(listing: Listing) -> VersionStatus:
    return submission.submit(listing.id, listing.workshop_id)


def fields(listing: Listing) -> list[str]:
    with pytest.raises(Incomplete) as refused:
        submit(listing)
    return [problem.field for problem in refused.value.problems]


def test_the_first_three_pieces_of_a_new_workshop_are_looked_at_the_fourth_is_not() -> None:
    workshop, category = WorkshopFactory(), leaf()
    for number in range(3):
        listing = new_draft(workshop, category=category)
        assert submit(listing) is VersionStatus.IN_REVIEW, number
        version = versions_of(listing.id)[0]
        review.approve(version.id, version.revision, by=None)
        assert fresh(listing.id).state is ListingState.LIVE
    assert submit(new_draft(workshop, category=category)) is VersionStatus.APPROVED


def test_a_trusted_workshop_shows_its_first_piece_at_once() -> None:
    listing = new_draft(WorkshopFactory(is_trusted=True), title_en="Dome Ring", title_id="Cincin Kubah")
    assert submit(listing) is VersionStatus.APPROVED
    listing = fresh(listing.id)
    assert listing.slug == "dome-ring"
    assert listing.published_at is not None
    assert listing.approved_version_id == versions_of(listing.id)[0].id


def test_everything_missing_is_named_at_once_with_its_field() -> None:
    workshop = WorkshopFactory(is_trusted=True)
    listing = fresh(drafts.start(workshop.id))
    assert fields(listing) == ["photos", "category_id", "title", "material", "price"]


def test_the_category_demands_its_own_fields() -> None:
    category = leaf(required_fields=["material", "weight", "technique", "size", "dimensions", "stones"])
    listing = new_draft(
        WorkshopFactory(is_trusted=True), category=category, weight_grams=None, techniques=[], fineness=None
    )
    expected = ["fineness", "weight_grams", "techniques", "stones", "dimensions", "sizes-0-size"]
    assert fields(listing) == expected


def test_a_new_piece_needs_something_to_sell_a_sold_out_one_may_be_edited() -> None:
    workshop, category = WorkshopFactory(is_trusted=True), leaf()
    assert fields(new_draft(workshop, category=category, stock=0)) == ["sizes-0-stock"]
    made = new_draft(workshop, category=category, stock=0, made_to_order=True, lead_time_days=14)
    assert submit(made) is VersionStatus.APPROVED
    sold_out = ListingFactory(workshop=workshop, category=category, stock=0)
    edit(sold_out, description_id="Akan dibuat lagi.")
    assert submit(sold_out) is VersionStatus.APPROVED


def test_a_made_piece_says_how_long_it_takes_and_stands_in_no_root() -> None:
    root = CategoryFactory(slug="alone")
    listing = new_draft(WorkshopFactory(is_trusted=True), category=root, made_to_order=True)
    assert fields(listing) == ["category_id", "lead_time_days"]


@pytest.mark.parametrize(
    ("title", "material", "plating", "is_honest"),
    [
        ("Bokor Perak", "brass", "", False),
        ("Bokor Kuningan", "brass", "", True),
        ("Bokor Perak", "brass", "silver", False),
        ("Bokor Kuningan Lapis Perak", "brass", "silver", True),
        ("Bokor Kuningan", "brass", "silver", False),
        ("Silver-Plated Brass Bokor", "brass", "silver", True),
        ("Gelungan Kuningan Sepuh Emas", "brass", "gold", True),
        ("Sterling Ring", "copper", "", False),
        ("Alpaca Spoon, nickel silver", "nickel-silver", "", True),
        ("Cincin Perak 925", "silver", "", True),
        ("Petitis Ukir", "silver", "gold-22k", True),
    ],
)
def test_words_are_honest_about_the_metal(title: str, material: str, plating: str, is_honest: bool) -> None:
    listing = new_draft(
        WorkshopFactory(is_trusted=True), title_id=title, title_en="", material=material, plating=plating, fineness=925
    )
    if is_honest:
        assert submit(listing) is VersionStatus.APPROVED
    else:
        assert fields(listing) == ["title_id"]


@pytest.mark.parametrize(
    "words",
    [
        {"description_en": "Set with a red coral bead."},
        {"description_id": "Bermata marjan merah."},
        {"title_id": "Gelang Antik"},
        {"description_id": "Sudah di-pasupati oleh pemangku."},
        {"stones_id": "ivory"},
    ],
)
def test_words_that_need_care_stop_even_a_trusted_workshop(words: dict[str, str]) -> None:
    assert submit(new_draft(WorkshopFactory(is_trusted=True), **words)) is VersionStatus.IN_REVIEW


def test_a_kind_with_rules_of_its_own_is_looked_at() -> None:
    category = leaf(policy="no-blade")
    assert submit(new_draft(WorkshopFactory(is_trusted=True), category=category)) is VersionStatus.IN_REVIEW


def test_an_edit_that_claims_more_is_looked_at_and_the_old_version_stays_on_sale() -> None:
    category = leaf()
    listing = ListingFactory(
        workshop=WorkshopFactory(is_trusted=True),
        category=category,
        material="brass",
        title_en="",
        title_id="Gelang",
        fineness=None,
    )
    edit(listing, description_id="Lebih panjang.")
    assert submit(listing) is VersionStatus.APPROVED, "a plain edit of a trusted workshop"
    before = fresh(listing.id).approved_version_id
    edit(listing, material="silver", fineness=925)
    assert submit(listing) is VersionStatus.IN_REVIEW
    assert fresh(listing.id).approved_version_id == before
    version = versions_of(listing.id)[-1]
    review.approve(version.id, version.revision, by=None)
    assert fresh(listing.id).approved_version_id == version.id
    assert [v.status for v in versions_of(listing.id)] == [VersionStatus.APPROVED] * 3, "history stays"


def test_an_edit_withdraws_it_from_review_and_an_approval_names_what_was_seen() -> None:
    listing = new_draft(WorkshopFactory())
    submit(listing)
    seen = versions_of(listing.id)[0]
    version_id, revision = seen.id, seen.revision
    edit(listing, title_id="Nama lain")
    with pytest.raises(IllegalTransition):
        review.approve(version_id, revision, by=None)
    submit(listing)
    with pytest.raises(SeenAnotherRevision):
        review.approve(version_id, revision, by=None)
    assert fresh(listing.id).approved_version_id is None


def test_saving_without_a_change_keeps_it_in_review_and_withdrawing_takes_it_out() -> None:
    listing = new_draft(WorkshopFactory())
    submit(listing)
    edit(listing)
    assert versions_of(listing.id)[0].status is VersionStatus.IN_REVIEW
    submission.withdraw(listing.id, listing.workshop_id)
    assert versions_of(listing.id)[0].status is VersionStatus.DRAFT
    with pytest.raises(IllegalTransition):
        submission.withdraw(listing.id, listing.workshop_id)


def test_what_was_sent_back_is_looked_at_again() -> None:
    workshop = WorkshopFactory(is_trusted=True)
    listing = new_draft(workshop, description_id="Bermata marjan.")
    submit(listing)
    version = versions_of(listing.id)[0]
    review.reject(version.id, version.revision, by=_admin(), code="coral", reason="Tulis batunya.")
    assert versions_of(listing.id)[0].decision_reason == "Tulis batunya."
    edit(listing, description_id="Bermata kaca merah.")
    assert submit(listing) is VersionStatus.IN_REVIEW


def test_a_suspended_workshop_and_a_piece_taken_down_are_not_shown() -> None:
    workshop = WorkshopFactory(is_trusted=True, suspended_at=clock.now())
    listing = new_draft(workshop)
    with pytest.raises(WorkshopSuspended):
        submit(listing)
    down = ListingFactory(workshop=WorkshopFactory(), state=ListingState.PAUSED, taken_down_at=clock.now())
    with pytest.raises(TakenDown):
        state.resume(down.id, down.workshop_id)
    with pytest.raises(TakenDown):
        submit(down)
    db.session.rollback()


def test_a_draft_brought_back_from_the_archive_must_be_published_not_resumed() -> None:
    listing = new_draft(WorkshopFactory(is_trusted=True))
    state.archive(listing.id, listing.workshop_id)
    state.bring_back(listing.id, listing.workshop_id)
    with pytest.raises(NeverApproved):
        state.resume(listing.id, listing.workshop_id)
    submit(listing)
    assert fresh(listing.id).state is ListingState.LIVE


def test_putting_away_withdraws_from_review() -> None:
    listing = new_draft(WorkshopFactory())
    submit(listing)
    state.archive(listing.id, listing.workshop_id)
    assert versions_of(listing.id)[0].status is VersionStatus.DRAFT


def test_another_workshop_can_neither_submit_nor_withdraw() -> None:
    listing, stranger = new_draft(WorkshopFactory()), WorkshopFactory()
    for act in (submission.submit, submission.withdraw):
        with pytest.raises(NotFound):
            act(listing.id, stranger.id)


def test_words_are_found_whole() -> None:
    assert says_silver("Cincin PERAK")
    assert says_silver("925 ring")
    assert not says_silver("Nickel silver spoon")
    assert not says_silver("Peraknya")
    assert says_plated("Kuningan disepuh emas", "brass")
    assert not says_plated("Disepuh emas", "brass")
    assert slug_of("", "Cincin Kubah Jawan!") == "cincin-kubah-jawan"
    assert slug_of("…", "") == "piece"


def _admin() -> int:
    from marketplace.accounts.models import User

    user = User(email="admin@example.test", is_admin=True, created_at=clock.now())
    db.session.add(user)
    db.session.commit()
    return user.id

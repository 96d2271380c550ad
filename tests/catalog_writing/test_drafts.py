"""A piece while it is written."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Listing, ListingState, ListingVersion, Placement, Variant, VersionStatus
from marketplace.catalog.services import drafts, photos, state
from marketplace.catalog.services.drafts import Draft
from marketplace.catalog.services.errors import EditedElsewhere, PriceMissing, SizeTwice, StockMoved, TooManyPhotos
from marketplace.catalog.services.variants import Offer, Size
from marketplace.core.db import db
from marketplace.core.errors import IllegalTransition, NotFound
from tests.factories.catalog import ListingFactory, PhotoFactory, variants_of
from tests.factories.workshops import WorkshopFactory

pytestmark = pytest.mark.usefixtures("app")


def draft_of(listing: Listing, **changes: object) -> Draft:
    version = versions_of(listing.id)[-1]
    names = [name for name in Draft.__slots__ if name not in ("photo_texts", "techniques")]
    kept = Draft(techniques=tuple(version.techniques), **{name: getattr(version, name) for name in names})
    return replace(kept, **changes)


def offer_of(listing: Listing, **changes: object) -> Offer:
    rows = [v for v in variants_of(listing) if v.retired_at is None]
    sizes = [Size(v.size, v.stock, v.price_amount, v.id, v.stock, v.size_mm) for v in rows]
    return replace(Offer(None, sizes, listing.made_to_order, listing.lead_time_days), **changes)


def versions_of(listing_id: int) -> list[ListingVersion]:
    query = sa.select(ListingVersion).where(ListingVersion.listing_id == listing_id).order_by(ListingVersion.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def fresh(listing_id: int) -> Listing:
    db.session.rollback()
    return db.session.get_one(Listing, listing_id, populate_existing=True)


def test_an_unfinished_draft_is_kept_with_its_sizes_before_there_is_a_price() -> None:
    workshop = WorkshopFactory()
    listing_id = drafts.start(workshop.id)
    sizes = [Size("US 7", 2), Size("US 8", 1)]
    drafts.save(listing_id, workshop.id, Draft(title_id="Cincin"), Offer(None, sizes))
    listing = fresh(listing_id)
    assert listing.state is ListingState.DRAFT
    assert [row["size"] for row in listing.unfinished] == ["US 7", "US 8"]
    assert variants_of(listing) == []
    drafts.save(listing_id, workshop.id, Draft(title_id="Cincin"), Offer(450_000, sizes))
    listing = fresh(listing_id)
    assert listing.unfinished == []
    assert [(v.size, v.stock, v.price_amount) for v in variants_of(listing)] == [
        ("US 7", 2, 450_000),
        ("US 8", 1, 450_000),
    ]


def test_an_edit_waits_beside_the_version_on_sale() -> None:
    listing = ListingFactory(title_id="Cincin Lama")
    drafts.save(listing.id, listing.workshop_id, draft_of(listing, title_id="Cincin Baru"), offer_of(listing))
    approved, draft = versions_of(listing.id)
    assert (approved.status, approved.title_id) == (VersionStatus.APPROVED, "Cincin Lama")
    assert (draft.status, draft.title_id) == (VersionStatus.DRAFT, "Cincin Baru")
    assert fresh(listing.id).approved_version_id == approved.id


def test_price_and_stock_change_at_once_and_make_no_new_version() -> None:
    listing = ListingFactory(stock=4)
    variant = variants_of(listing)[0]
    sizes = [Size("", 9, None, variant.id, 4)]
    drafts.save(listing.id, listing.workshop_id, draft_of(listing), offer_of(listing, price=800_000, sizes=sizes))
    assert len(versions_of(listing.id)) == 1
    placed = set(db.session.scalars(sa.select(Placement.price_amount).where(Placement.listing_id == listing.id)))
    assert placed == {800_000}
    assert variants_of(fresh(listing.id))[0].stock == 9


def test_a_sale_while_the_form_was_open_stays_subtracted() -> None:
    listing = ListingFactory(stock=5)
    variant = variants_of(listing)[0]
    db.session.execute(sa.update(Variant).where(Variant.id == variant.id).values(stock=3))  # two were sold
    db.session.commit()
    sizes = [Size("", 6, None, variant.id, 5)]  # one more came from the bench
    drafts.save(listing.id, listing.workshop_id, draft_of(listing), Offer(745_000, sizes))
    assert variants_of(fresh(listing.id))[0].stock == 4


def test_stock_that_was_sold_cannot_be_taken_away() -> None:
    listing = ListingFactory(stock=5)
    variant = variants_of(listing)[0]
    db.session.execute(sa.update(Variant).where(Variant.id == variant.id).values(stock=1))
    db.session.commit()
    with pytest.raises(StockMoved) as refused:
        drafts.save(
            listing.id,
            listing.workshop_id,
            draft_of(listing, title_id="Nama baru"),
            Offer(745_000, [Size("", 2, None, variant.id, 5)]),
        )
    assert refused.value.facts["left"] == 1
    assert variants_of(fresh(listing.id))[0].stock == 1
    assert len(versions_of(listing.id)) == 1, "nothing of the save was kept"


def test_the_second_of_two_windows_does_not_overwrite_the_first() -> None:
    listing = ListingFactory()
    seen = listing.edits
    words, offer = draft_of(listing, title_id="Dari jendela satu"), offer_of(listing)
    drafts.save(listing.id, listing.workshop_id, words, offer, saw=seen)
    with pytest.raises(EditedElsewhere):
        drafts.save(listing.id, listing.workshop_id, replace(words, title_id="Dari jendela dua"), offer, saw=seen)
    assert versions_of(listing.id)[-1].title_id == "Dari jendela satu"


def test_sizes_that_go_are_retired_and_sizes_that_come_are_added() -> None:
    listing = ListingFactory(sizes=("US 6", "US 7"))
    seven = variants_of(listing)[1]
    sizes = [Size("US 7", 2, None, seven.id, seven.stock), Size("US 8", 1)]
    drafts.save(listing.id, listing.workshop_id, draft_of(listing), Offer(745_000, sizes))
    rows = {v.size: v for v in variants_of(fresh(listing.id))}
    assert rows["US 6"].retired_at is not None
    assert rows["US 7"].retired_at is None
    assert (rows["US 7"].id, rows["US 7"].stock, rows["US 8"].stock) == (seven.id, 2, 1)


def test_a_piece_on_sale_needs_a_price_and_each_size_once() -> None:
    listing = ListingFactory(sizes=("US 6",))
    six = variants_of(listing)[0]
    row = Size("US 6", 6, None, six.id, 6)
    with pytest.raises(PriceMissing):
        drafts.save(listing.id, listing.workshop_id, draft_of(listing), Offer(None, [row]))
    with pytest.raises(SizeTwice):
        drafts.save(listing.id, listing.workshop_id, draft_of(listing), Offer(1000, [row, Size("US 6", 1)]))


def test_a_size_may_have_a_price_of_its_own() -> None:
    listing = ListingFactory(live=False, sizes=("US 6", "US 12"))
    small, large = variants_of(listing)
    sizes = [Size("US 6", 6, None, small.id, 6), Size("US 12", 6, 990_000, large.id, 6)]
    drafts.save(listing.id, listing.workshop_id, draft_of(listing), Offer(800_000, sizes))
    assert [v.price_amount for v in variants_of(fresh(listing.id))] == [800_000, 990_000]


def test_another_workshops_variant_cannot_be_named() -> None:
    mine, theirs = ListingFactory(), ListingFactory(stock=3)
    stolen = variants_of(theirs)[0]
    with pytest.raises(NotFound):
        drafts.save(mine.id, mine.workshop_id, draft_of(mine), Offer(1000, [Size("", 0, None, stolen.id, 3)]))
    assert variants_of(fresh(theirs.id))[0].stock == 3


def test_photos_are_ordered_described_and_removed_in_the_draft_only() -> None:
    listing = ListingFactory(photos=2)
    first, second = (photo.photo_id for photo in photos.photos_of(versions_of(listing.id)[0]))
    new = PhotoFactory(workshop_id=listing.workshop_id).id
    photos.add(listing.id, listing.workshop_id, new)
    photos.move(listing.id, listing.workshop_id, new, -1)
    photos.remove(listing.id, listing.workshop_id, first)
    drafts.save(
        listing.id,
        listing.workshop_id,
        replace(draft_of(listing), photo_texts={new: ("A ring", "Sebuah cincin")}),
        offer_of(listing),
    )
    approved, draft = versions_of(listing.id)
    assert [photo.photo_id for photo in photos.photos_of(approved)] == [first, second]
    assert next((p.photo_id, p.alt_id) for p in photos.photos_of(draft)) == (new, "Sebuah cincin")
    assert [photo.photo_id for photo in photos.photos_of(draft)] == [new, second]


def test_ten_photos_are_enough_and_foreign_ones_are_not_there() -> None:
    listing = ListingFactory(photos=10)
    with pytest.raises(TooManyPhotos):
        photos.add(listing.id, listing.workshop_id, PhotoFactory(workshop_id=listing.workshop_id).id)
    other = ListingFactory(photos=1)
    with pytest.raises(NotFound):
        photos.add(other.id, other.workshop_id, PhotoFactory(workshop_id=listing.workshop_id).id)
    with pytest.raises(NotFound):
        photos.remove(other.id, other.workshop_id, photos.photos_of(versions_of(listing.id)[0])[0].photo_id)


def test_hide_show_put_away_bring_back() -> None:
    listing = ListingFactory()
    mine = (listing.id, listing.workshop_id)

    def placed() -> int:
        query = sa.select(sa.func.count()).select_from(Placement).where(Placement.listing_id == listing.id)
        return int(db.session.scalar(query) or 0)

    assert placed() > 0
    state.pause(*mine)
    assert (fresh(listing.id).state, placed()) == (ListingState.PAUSED, 0)
    state.resume(*mine)
    assert placed() > 0
    state.archive(*mine)
    with pytest.raises(IllegalTransition):
        state.resume(*mine)
    state.bring_back(*mine)
    assert fresh(listing.id).state is ListingState.PAUSED


def test_a_copy_is_a_draft_without_stock() -> None:
    listing = ListingFactory(sizes=("US 6", "US 7"), photos=2, weight_grams=Decimal("6.8"))
    copy = fresh(state.copy(listing.id, listing.workshop_id))
    assert (copy.state, copy.approved_version_id) == (ListingState.DRAFT, None)
    assert [(v.size, v.stock, v.price_amount) for v in variants_of(copy)] == [
        ("US 6", 0, 745_000),
        ("US 7", 0, 745_000),
    ]
    version = versions_of(copy.id)[0]
    assert (version.title_id, version.weight_grams) == ("Cincin Kubah Jawan", Decimal("6.8"))
    assert len(photos.photos_of(version)) == 2


@pytest.mark.parametrize("act", [state.pause, state.resume, state.archive, state.bring_back, state.copy])
def test_no_act_reaches_another_workshops_piece(act: object) -> None:
    listing, stranger = ListingFactory(), WorkshopFactory()
    with pytest.raises(NotFound):
        act(listing.id, stranger.id)  # type: ignore[operator]
    with pytest.raises(NotFound):
        drafts.save(listing.id, stranger.id, Draft(), Offer(1))
    assert fresh(listing.id).state is ListingState.LIVE

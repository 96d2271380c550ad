"""What the public sees follows from the rows, at once and again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.catalog import changes, publication, versions
from marketplace.catalog.categories import load_taxonomy
from marketplace.catalog.models import (
    Card,
    Category,
    Change,
    DataVersion,
    Listing,
    ListingState,
    Placement,
    Variant,
)
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.media.models import Photo, PhotoStatus
from marketplace.search.models import Document
from marketplace.workshops.models import Workshop
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.workshops import WorkshopFactory


def placed(listing: Listing) -> set[int]:
    return set(db.session.scalars(sa.select(Placement.category_id).where(Placement.listing_id == listing.id)))


def card(listing: Listing) -> Card | None:
    return db.session.scalars(
        sa.select(Card).where(Card.listing_id == listing.id).execution_options(populate_existing=True)
    ).one_or_none()


def number(scope: str) -> int:
    return db.session.scalar(sa.select(DataVersion.number).where(DataVersion.scope == scope)) or 0


def category(slug: str) -> Category:
    return db.session.scalars(sa.select(Category).where(Category.slug == slug)).one()


def test_a_piece_stands_in_its_category_in_every_one_above_and_in_the_shop(app: Flask) -> None:
    load_taxonomy()
    ring = ListingFactory(category=category("rings-band"))
    expected = {0, category("rings-band").id, category("rings").id, category("jewellery").id}
    assert placed(ring) == expected


@pytest.mark.parametrize(
    "hide",
    [
        lambda listing: setattr(listing, "state", ListingState.PAUSED),
        lambda listing: setattr(listing, "taken_down_at", clock.now()),
        lambda listing: setattr(listing, "approved_version_id", None),
    ],
)
def test_what_is_paused_taken_down_or_not_approved_is_nowhere(app: Flask, hide: object) -> None:
    ring = ListingFactory()
    with transaction():
        row = db.session.get_one(Listing, ring.id, populate_existing=True)
        hide(row)  # type: ignore[operator]
        publication.refresh([ring.id])
    assert placed(ring) == set()
    assert card(ring) is None
    assert db.session.get(Document, ring.id) is None


def test_a_suspended_workshop_takes_all_its_pieces_along_and_brings_them_back(app: Flask) -> None:
    workshop = WorkshopFactory()
    rings = [ListingFactory(workshop=workshop) for _ in range(3)]
    elsewhere = ListingFactory()

    def suspend(moment: object) -> None:
        with transaction():
            db.session.get_one(Workshop, workshop.id, populate_existing=True).suspended_at = moment  # type: ignore[assignment]
            publication.refresh_workshop(workshop.id)

    before = [placed(ring) for ring in rings]
    suspend(clock.now())
    assert [placed(ring) for ring in rings] == [set(), set(), set()]
    assert placed(elsewhere)
    suspend(None)
    assert [placed(ring) for ring in rings] == before


def test_a_draft_is_nowhere(app: Flask) -> None:
    draft = ListingFactory(live=False)
    publication.refresh([draft.id])
    assert placed(draft) == set()


def test_a_card_tells_the_lowest_price_and_all_that_is_left(app: Flask) -> None:
    ring = ListingFactory(sizes=("US 6", "US 7", "US 8"), stock=2)
    first, _second, last = variants_of(ring)
    with transaction():
        db.session.get_one(Variant, first.id).price_amount = 700_000
        db.session.get_one(Variant, last.id).retired_at = clock.now()
        publication.refresh([ring.id])
    shown = card(ring)
    assert shown is not None
    assert (shown.price_amount, shown.stock, shown.weight_grams) == (700_000, 4, Decimal("6.8"))


def test_the_document_speaks_both_languages_and_knows_the_sku(app: Flask) -> None:
    ring = ListingFactory(sku="CS-001", stones_en="garnet 8x6 mm", tags=["kubah"])
    document = db.session.get_one(Document, ring.id)
    assert {"granulated", "dome", "ring", "cincin", "kubah", "jawan", "cs", "001", "cs001"} <= set(
        document.title.split()
    )
    assert {"granulation", "garnet", "silver", "925", "rings", "cincin", "kubah"} <= set(document.attributes.split())
    assert "grains" in document.body


def test_refreshing_changes_the_versions_of_the_pages_that_show_it_and_of_no_other(app: Flask) -> None:
    load_taxonomy()
    ring = ListingFactory(category=category("rings-band"))
    other = ListingFactory(category=category("bokor"))
    scopes = [
        versions.SHOP,
        versions.category_scope(category("rings").id),
        versions.category_scope(category("bokor").id),
        versions.workshop_scope(ring.workshop_id),
        versions.workshop_scope(other.workshop_id),
    ]
    before = [number(scope) for scope in scopes]
    publication.refresh([ring.id])
    assert [number(scope) - was for scope, was in zip(scopes, before, strict=True)] == [1, 1, 0, 1, 0]


def test_leaving_a_category_changes_its_page_too(app: Flask) -> None:
    load_taxonomy()
    ring = ListingFactory(category=category("rings-band"))
    scope = versions.category_scope(category("rings-band").id)
    before = number(scope)
    with transaction():
        db.session.get_one(Listing, ring.id).state = ListingState.ARCHIVED
        publication.refresh([ring.id])
    assert number(scope) == before + 1


def test_a_sale_is_appended_and_folded_after_its_commit(app: Flask) -> None:
    ring = ListingFactory(stock=5)
    version = db.session.get_one(Listing, ring.id).version
    with transaction():
        db.session.execute(sa.update(Variant).where(Variant.listing_id == ring.id).values(stock=2))
        changes.append([ring.id])
        shown = card(ring)
        assert shown is not None
        assert shown.stock == 5, "the sale itself touches no shared row"
    shown = card(ring)
    assert shown is not None
    assert shown.stock == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Change)) == 0
    assert db.session.get_one(Listing, ring.id, populate_existing=True).version == version + 1


def test_a_sale_that_was_rolled_back_leaves_nothing_to_fold(app: Flask) -> None:
    ring = ListingFactory()
    with pytest.raises(RuntimeError), transaction():
        changes.append([ring.id])
        raise RuntimeError
    assert changes.fold() == 0


def test_the_sweep_folds_what_a_lost_process_left(app: Flask) -> None:
    ring = ListingFactory(stock=5)
    with transaction():
        db.session.execute(sa.update(Variant).where(Variant.listing_id == ring.id).values(stock=0))
        db.session.add(Change(listing_id=ring.id, at=clock.now() - timedelta(minutes=5)))
    assert changes.fold() == 1
    shown = card(ring)
    assert shown is not None
    assert shown.stock == 0


def test_a_piece_whose_photo_is_still_being_made_is_looked_at_again(app: Flask) -> None:
    ring = ListingFactory()
    with transaction():
        db.session.execute(sa.update(Photo).values(status=PhotoStatus.RECEIVED))
        publication.refresh([ring.id])
    assert changes.fold() == 1, "it stays noted until the picture is there"
    with transaction():
        db.session.execute(sa.update(Photo).values(status=PhotoStatus.READY))
    before = db.session.get_one(Listing, ring.id, populate_existing=True).version
    assert changes.fold() == 1
    assert db.session.get_one(Listing, ring.id, populate_existing=True).version == before + 1
    assert changes.fold() == 0

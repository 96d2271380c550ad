"""Silver moves: prices are proposed, agreed to once and exactly as seen, and never move by themselves."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.catalog.models import Card, Costing, Listing, ListingState, PriceChange, Variant
from marketplace.catalog.queries.price_history import history, last_accepted
from marketplace.catalog.queries.repricing import Preview, counts, proposals
from marketplace.catalog.services import drafts, repricing
from marketplace.catalog.services.repricing import Chosen, NothingWaits, ProposalsMoved
from marketplace.core import clock
from marketplace.core.db import db
from tests.factories.accounts import UserFactory
from tests.factories.catalog import CostingFactory, ListingFactory, MetalRateFactory, variants_of
from tests.factories.workshops import WorkshopFactory

ALL = Chosen(frozenset(), frozenset(), rest=True)


@pytest.fixture
def yesterday(app: Flask) -> Any:
    return MetalRateFactory(quoted_at=clock.now() - timedelta(days=1))


@pytest.fixture
def workshop(yesterday: Any) -> Any:
    return WorkshopFactory()


@pytest.fixture
def wayan(app: Flask) -> int:
    return int(UserFactory(full_name="Wayan Sari").id)


def ring(workshop: Any, rate: Any, *, price: int = 745_000, **facts: Any) -> Listing:
    """The ring of the worked example with its sheet."""
    sheet = {name: facts.pop(name) for name in ("labour_idr", "follows_rate", "margin_bp") if name in facts}
    listing = ListingFactory(workshop=workshop, price=price, **facts)
    CostingFactory(listing=listing, rate=rate, **sheet)
    return listing


def price_of(listing: Listing) -> int:
    db.session.rollback()
    return variants_of(listing)[0].price_amount


def told(preview: Preview) -> list[tuple[int, int, int]]:
    return [(row.listing_id, change.old, change.new) for row in preview.rows for change in row.changes]


def test_silver_that_rises_by_a_fifth_proposes_and_moves_nothing(workshop: Any, yesterday: Any) -> None:
    listing = ring(workshop, yesterday)
    assert told(proposals(workshop.id)) == []
    MetalRateFactory(idr_per_gram=54_000)
    assert told(proposals(workshop.id)) == [(listing.id, 745_000, 835_000)]
    assert price_of(listing) == 745_000


def test_yes_moves_exactly_what_was_seen_with_its_history(workshop: Any, yesterday: Any, wayan: int) -> None:
    listing, edits = ring(workshop, yesterday), 0
    rate = MetalRateFactory(idr_per_gram=54_000)
    seen = proposals(workshop.id)
    assert repricing.accept(workshop.id, ALL, seen.stamp, wayan) == 1
    assert price_of(listing) == 835_000
    assert db.session.get_one(Listing, listing.id, populate_existing=True).edits == edits + 1
    assert db.session.get_one(Card, listing.id, populate_existing=True).price_amount == 835_000
    (past,) = history(listing.id, workshop.id)
    assert (past.old, past.new, past.reason, past.who, past.rate_idr) == (
        745_000,
        835_000,
        "rate",
        "Wayan Sari",
        54_000,
    )
    assert db.session.get_one(Costing, listing.id, populate_existing=True).rate_id == rate.id
    assert told(proposals(workshop.id)) == []


def test_some_are_taken_and_the_others_go_on_waiting(workshop: Any, yesterday: Any, wayan: int) -> None:
    first, second, third = (ring(workshop, yesterday) for _ in range(3))
    MetalRateFactory(idr_per_gram=54_000)
    stamp = proposals(workshop.id).stamp
    chosen = Chosen(ticked={second.id}, shown={first.id, second.id}, rest=True)
    assert repricing.accept(workshop.id, chosen, stamp, wayan) == 2
    assert [price_of(one) for one in (first, second, third)] == [745_000, 835_000, 835_000]
    assert [row.listing_id for row in proposals(workshop.id).rows] == [first.id]


def test_no_keeps_the_prices_and_asks_again_only_with_the_next_rate(workshop: Any, yesterday: Any) -> None:
    listing = ring(workshop, yesterday)
    MetalRateFactory(idr_per_gram=54_000)
    assert repricing.decline(workshop.id, proposals(workshop.id).stamp) == 1
    assert price_of(listing) == 745_000
    assert told(proposals(workshop.id)) == []
    MetalRateFactory(idr_per_gram=55_000, quoted_at=clock.now() + timedelta(seconds=1))
    assert [new for _, _, new in told(proposals(workshop.id))] == [845_000]


def test_a_second_click_moves_nothing_more(workshop: Any, yesterday: Any, wayan: int) -> None:
    ring(workshop, yesterday)
    MetalRateFactory(idr_per_gram=54_000)
    stamp = proposals(workshop.id).stamp
    repricing.accept(workshop.id, ALL, stamp, wayan)
    with pytest.raises(NothingWaits):
        repricing.accept(workshop.id, ALL, stamp, wayan)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PriceChange)) == 1


def test_a_newer_rate_is_shown_before_anything_is_taken(workshop: Any, yesterday: Any, wayan: int) -> None:
    listing = ring(workshop, yesterday)
    MetalRateFactory(idr_per_gram=54_000)
    stamp = proposals(workshop.id).stamp
    MetalRateFactory(idr_per_gram=60_000, quoted_at=clock.now() + timedelta(seconds=1))
    with pytest.raises(ProposalsMoved):
        repricing.accept(workshop.id, ALL, stamp, wayan)
    with pytest.raises(ProposalsMoved):
        repricing.decline(workshop.id, stamp)
    assert price_of(listing) == 745_000


def test_a_price_typed_meanwhile_is_not_overwritten(workshop: Any, yesterday: Any, wayan: int) -> None:
    listing = ring(workshop, yesterday)
    MetalRateFactory(idr_per_gram=54_000)
    stamp = proposals(workshop.id).stamp
    db.session.execute(sa.update(Variant).values(price_amount=750_000))
    db.session.commit()
    with pytest.raises(ProposalsMoved):
        repricing.accept(workshop.id, ALL, stamp, wayan)
    assert price_of(listing) == 750_000


def test_two_clicks_at_once_move_each_price_once(app: Flask, workshop: Any, yesterday: Any, wayan: int) -> None:
    for _ in range(4):
        ring(workshop, yesterday)
    MetalRateFactory(idr_per_gram=54_000)
    stamp = proposals(workshop.id).stamp
    db.session.remove()
    start, results = threading.Barrier(2), []

    def click() -> None:
        with app.app_context():
            start.wait()
            try:
                results.append(repricing.accept(workshop_id, ALL, stamp, wayan))
            except (NothingWaits, ProposalsMoved):
                results.append(0)

    workshop_id = workshop.id
    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 4]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PriceChange)) == 4
    assert set(db.session.scalars(sa.select(Variant.price_amount))) == {835_000}


def test_back_takes_up_the_old_prices_once(workshop: Any, yesterday: Any, wayan: int) -> None:
    kept, touched = ring(workshop, yesterday), ring(workshop, yesterday)
    MetalRateFactory(idr_per_gram=54_000)
    repricing.accept(workshop.id, ALL, proposals(workshop.id).stamp, wayan)
    db.session.execute(sa.update(Variant).where(Variant.listing_id == touched.id).values(price_amount=900_000))
    db.session.commit()
    before = last_accepted(workshop.id)
    assert told(before) == [(kept.id, 835_000, 745_000)]
    assert repricing.go_back(workshop.id, ALL, before.stamp, wayan) == 1
    assert price_of(kept) == 745_000
    assert [past.reason for past in history(kept.id, workshop.id)] == ["back", "rate"]
    assert told(proposals(workshop.id)) == []  # it was refused: the next rate asks again
    assert told(last_accepted(workshop.id)) == []


def test_each_size_is_reckoned_with_its_own_weight_and_charge(workshop: Any, yesterday: Any) -> None:
    listing = ring(workshop, yesterday, sizes=("US 6", "US 9"), variant_weights={"US 9": Decimal("8.0")})
    small, large = variants_of(listing)
    db.session.execute(
        sa.update(Variant).where(Variant.id == large.id).values(labour_idr=250_000, price_amount=910_000)
    )
    db.session.commit()
    MetalRateFactory(idr_per_gram=54_000)
    (row,) = proposals(workshop.id).rows
    # 8.0 × 0.925 × 54,000 × 1.08 = 431,568; + 250,000 + 25,000 = 706,568; / 0.7 = 1,009,383
    assert [(change.variant_id, change.new) for change in row.changes] == [(small.id, 835_000), (large.id, 1_010_000)]


@pytest.mark.parametrize(
    ("price", "rate", "waits"), [(900_000, 54_000, False), (600_000, 40_000, False), (900_000, 40_000, True)]
)
def test_a_price_never_goes_against_the_metal(
    workshop: Any, yesterday: Any, price: int, rate: int, waits: bool
) -> None:
    ring(workshop, yesterday, price=price)
    MetalRateFactory(idr_per_gram=rate)
    assert bool(proposals(workshop.id).rows) is waits


def test_a_rate_that_is_too_old_proposes_nothing_and_says_so(workshop: Any, stopped_clock: clock.Hands) -> None:
    ring(workshop, None, price=700_000)
    assert len(proposals(workshop.id).rows) == 1
    stopped_clock.forward(hours=80)
    preview = proposals(workshop.id)
    assert preview.rows == ()
    assert [rate.metal for rate in preview.stale] == ["silver"]


def test_others_pieces_and_those_that_do_not_follow_are_left_alone(workshop: Any, yesterday: Any, wayan: int) -> None:
    mine = ring(workshop, yesterday)
    others = ring(WorkshopFactory(), yesterday)
    still = ring(workshop, yesterday, follows_rate=False)
    archived = ring(workshop, yesterday, state=ListingState.ARCHIVED)
    ListingFactory(workshop=workshop)  # no sheet at all
    MetalRateFactory(idr_per_gram=54_000)
    assert repricing.accept(workshop.id, ALL, proposals(workshop.id).stamp, wayan) == 1
    assert [price_of(one) for one in (mine, others, still, archived)] == [835_000, 745_000, 745_000, 745_000]
    assert (counts(workshop.id).following, counts(workshop.id).rest) == (1, 2)
    foreign = Chosen(ticked={others.id}, shown=set())
    with pytest.raises(NothingWaits):
        repricing.accept(workshop.id, foreign, proposals(workshop.id).stamp, wayan)


def test_a_form_opened_before_does_not_bring_the_old_price_back(workshop: Any, yesterday: Any, wayan: int) -> None:
    listing = ring(workshop, yesterday)
    MetalRateFactory(idr_per_gram=54_000)
    repricing.accept(workshop.id, ALL, proposals(workshop.id).stamp, wayan)
    from marketplace.catalog.services.errors import EditedElsewhere
    from marketplace.catalog.services.variants import Offer, Size

    variant = variants_of(listing)[0]
    offer = Offer(price=745_000, sizes=[Size(stock=6, variant_id=variant.id, saw=6)])
    with pytest.raises(EditedElsewhere):
        drafts.save(listing.id, workshop.id, drafts.Draft(), offer, saw=0)
    assert price_of(listing) == 835_000

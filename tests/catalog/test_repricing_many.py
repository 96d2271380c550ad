"""A workshop of a thousand pieces when silver rises by a tenth: previewed, agreed to once, in a few seconds."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.catalog.costing import Metal, Sheet, suggested
from marketplace.catalog.models import Card, Costing, Listing, ListingVersion, Placement, PriceChange, Variant
from marketplace.catalog.queries.repricing import proposals
from marketplace.catalog.services import repricing
from marketplace.catalog.services.repricing import Chosen, NothingWaits
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.seed import synthetic
from tests.factories.accounts import UserFactory
from tests.factories.catalog import CategoryFactory, MetalRateFactory

PIECES = 1_000
SECONDS = 5  # of this process: it takes about one, and others may keep the machine busy meanwhile
STATEMENTS = 60  # in batches: none of them is one piece


@pytest.fixture
def thousand(app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """One workshop whose thousand pieces of 925 silver cost what their sheet suggests at Rp 45,000; its id."""
    for _ in range(3):
        CategoryFactory(parent_id=CategoryFactory().id)
    monkeypatch.setattr(synthetic, "PIECES_A_WORKSHOP", PIECES)
    synthetic.fill(PIECES, tell=lambda *_: None)
    rate = MetalRateFactory(quoted_at=clock.now() - timedelta(days=1))
    db.session.execute(sa.update(ListingVersion).values(material="silver", fineness=925))
    rows = db.session.execute(
        sa.select(Variant.id, Variant.listing_id, ListingVersion.weight_grams).join(
            ListingVersion, ListingVersion.listing_id == Variant.listing_id
        )
    ).all()
    sheet = Sheet(labour_idr=190_000)
    db.session.execute(
        sa.update(Variant),
        [
            {"id": row.id, "price_amount": suggested(Metal(row.weight_grams, 925, 45_000), sheet).suggestion_idr}
            for row in rows
        ],
    )
    listings = db.session.execute(sa.select(Listing.id, Listing.workshop_id)).all()
    facts = {"labour_idr": 190_000, "rate_id": rate.id, "updated_at": clock.now()}
    db.session.execute(
        sa.insert(Costing), [{"listing_id": one, "workshop_id": shop, **facts} for one, shop in listings]
    )
    db.session.commit()
    return int(listings[0].workshop_id)


def test_a_thousand_pieces_follow_a_tenth_once(thousand: int, statements: Any) -> None:
    wayan = UserFactory().id
    MetalRateFactory(idr_per_gram=49_500)
    with statements() as looked:
        preview = proposals(thousand)
    assert len(preview.rows) > PIECES * 9 // 10  # the lightest stay within their Rp 5,000
    assert len(looked) <= 3
    expected = {change.variant_id: (change.old, change.new) for row in preview.rows for change in row.changes}
    assert all(new > old and new % 5_000 == 0 for old, new in expected.values())

    everything = Chosen(frozenset(), frozenset(), rest=True)
    begun = time.process_time()
    with statements() as asked:
        assert repricing.accept(thousand, everything, preview.stamp, wayan) == len(preview.rows)
    took = time.process_time() - begun
    assert took < SECONDS
    assert len(asked) <= STATEMENTS, len(asked)

    logged = db.session.execute(sa.select(PriceChange.variant_id, PriceChange.old_amount, PriceChange.new_amount)).all()
    assert {row.variant_id: (row.old_amount, row.new_amount) for row in logged} == expected
    assert len(logged) == len(expected)
    prices = {row.id: row.price_amount for row in db.session.execute(sa.select(Variant.id, Variant.price_amount))}
    assert {ident: prices[ident] for ident in expected} == {ident: new for ident, (_, new) in expected.items()}
    cheapest = sa.select(sa.func.min(Variant.price_amount)).where(Variant.listing_id == Card.listing_id)
    lagging = sa.select(Card.listing_id).where(Card.price_amount != cheapest.scalar_subquery())
    assert db.session.scalars(lagging).all() == []
    placed = sa.select(Placement.listing_id).join(Card, Card.listing_id == Placement.listing_id)
    assert db.session.scalars(placed.where(Placement.price_amount != Card.price_amount)).all() == []

    with pytest.raises(NothingWaits):
        repricing.accept(thousand, everything, preview.stamp, wayan)
    sys.stderr.write(f"{len(expected)} prices of {len(preview.rows)} pieces: {took:.1f} s, {len(asked)} statements\n")

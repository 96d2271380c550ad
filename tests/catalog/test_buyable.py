"""What cart and checkout ask of a variant."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.catalog import publication
from marketplace.catalog.models import Listing, ListingState, Variant
from marketplace.catalog.queries import buyable
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.workshops.models import Workshop
from tests.conftest import Statements
from tests.factories.catalog import ListingFactory, variants_of


def test_one_statement_tells_everything_about_many_variants(app: Flask, statements: type[Statements]) -> None:
    ring = ListingFactory(sizes=("US 6", "US 7"), engraving_limit=20)
    bowl = ListingFactory(made_to_order=True, lead_time_days=30, stock=0, packed_grams=900)
    wanted = [variant.id for listing in (ring, bowl) for variant in variants_of(listing)]
    with statements() as asked:
        found = buyable([*wanted, 999_999])
    assert len(asked) == 1
    assert sorted(found) == sorted(wanted)
    six = found[wanted[0]]
    assert (six.size, six.price_idr, six.stock, six.engraving_limit) == ("US 6", 745_000, 6, 20)
    assert (six.packed_grams, found[wanted[2]].packed_grams) == (86, 900)
    assert six.photo is not None
    assert six.is_buyable
    assert six.can_give(6)
    assert not six.can_give(7)
    assert found[wanted[2]].can_give(7), "made to order is not counted"


@pytest.mark.parametrize(
    "stop",
    [
        sa.update(Listing).values(state=ListingState.PAUSED),
        sa.update(Listing).values(taken_down_at=clock.now()),
        sa.update(Workshop).values(suspended_at=clock.now()),
        sa.update(Variant).values(retired_at=clock.now()),
    ],
)
def test_what_went_off_sale_is_named_but_not_sold(app: Flask, stop: sa.Update) -> None:
    ring = ListingFactory()
    variant = variants_of(ring)[0]
    with transaction():
        db.session.execute(stop)
        publication.refresh([ring.id])
    item = buyable([variant.id])[variant.id]
    assert not item.is_buyable
    assert item.title == "Granulated Dome Ring"


def test_a_variant_with_its_own_weight_says_so(app: Flask) -> None:
    ring = ListingFactory(sizes=("US 6", "US 12"), variant_weights={"US 12": 9})
    first, last = (buyable([v.id])[v.id] for v in variants_of(ring))
    assert (str(first.weight_grams), str(last.weight_grams)) == ("6.8", "9.0")

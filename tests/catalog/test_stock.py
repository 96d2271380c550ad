"""Pieces that can be counted are never sold twice."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.catalog import stock
from marketplace.catalog.models import Listing, Variant
from marketplace.core.db import db
from tests.factories.catalog import ListingFactory, VariantFactory, variants_of


def left(variant_id: int) -> int:
    db.session.rollback()
    return db.session.get_one(Variant, variant_id, populate_existing=True).stock


def test_taking_counts_down_and_giving_back_counts_up(app: Flask) -> None:
    ring = VariantFactory(stock=3)
    assert stock.take({ring.id: 2}) == [ring.id]
    assert left(ring.id) == 1
    stock.give_back({ring.id: 2})
    assert left(ring.id) == 3


def test_when_one_piece_is_short_nothing_is_taken(app: Flask) -> None:
    plenty, short = VariantFactory(stock=9), VariantFactory(stock=1)
    with pytest.raises(stock.OutOfStock) as caught:
        stock.take({plenty.id: 2, short.id: 2})
    assert (caught.value.variant_id, caught.value.left) == (short.id, 1)
    assert (left(plenty.id), left(short.id)) == (9, 1)


def test_a_piece_made_to_order_is_not_counted(app: Flask) -> None:
    bowl = variants_of(ListingFactory(made_to_order=True, stock=0, lead_time_days=30))[0]
    assert stock.take({bowl.id: 4}) == []
    assert left(bowl.id) == 0


def test_a_variant_that_is_gone_is_out_of_stock(app: Flask) -> None:
    with pytest.raises(stock.OutOfStock):
        stock.take({999_999: 1})


def test_what_was_counted_comes_back_although_the_piece_is_made_to_order_by_now(app: Flask) -> None:
    ring = variants_of(ListingFactory(stock=3))[0]
    assert stock.take({ring.id: 2}) == [ring.id]
    db.session.get_one(Listing, ring.listing_id).made_to_order = True
    db.session.commit()
    stock.give_back({ring.id: 2})
    assert left(ring.id) == 3

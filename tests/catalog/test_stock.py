"""Pieces that can be counted are never sold twice."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.catalog import stock
from marketplace.catalog.models import Listing, StockMove, StockReason, Variant
from marketplace.core.db import db
from tests.factories.accounts import UserFactory
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


def moves(variant_id: int) -> list[tuple[str, int, int, int | None]]:
    """Reason, change, left and who, oldest first."""
    db.session.rollback()
    query = sa.select(StockMove).where(StockMove.variant_id == variant_id).order_by(StockMove.id)
    return [(row.reason.value, row.change, row.left, row.moved_by) for row in db.session.scalars(query)]


def test_every_sale_and_return_says_why_the_number_changed(app: Flask) -> None:
    ring, pair = VariantFactory(stock=3), VariantFactory(stock=5)
    stock.take({ring.id: 2, pair.id: 1})
    stock.give_back({ring.id: 2})
    assert moves(ring.id) == [("ordered", -2, 1, None), ("returned", 2, 3, None)]
    assert moves(pair.id) == [("ordered", -1, 4, None)]


def test_what_was_not_taken_leaves_no_reason(app: Flask) -> None:
    plenty, short = VariantFactory(stock=9), VariantFactory(stock=1)
    bowl = variants_of(ListingFactory(made_to_order=True, stock=0, lead_time_days=30))[0]
    with pytest.raises(stock.OutOfStock):
        stock.take({plenty.id: 2, short.id: 2})
    stock.take({bowl.id: 1})
    assert moves(plenty.id) == moves(short.id) == moves(bowl.id) == []


def test_a_sale_while_the_maker_was_typing_stays_subtracted(app: Flask) -> None:
    ring, maker = VariantFactory(stock=3), UserFactory()
    stock.take({ring.id: 1})
    assert stock.set_counted(ring.id, 5, 3, StockReason.MADE, maker.id) == 4
    assert moves(ring.id)[1:] == [("made", 2, 4, maker.id)]


def test_a_number_without_an_older_one_is_what_is_there(app: Flask) -> None:
    ring, maker = VariantFactory(stock=3), UserFactory()
    assert stock.set_counted(ring.id, 7, None, StockReason.IMPORTED, maker.id, "stock.csv") == 7
    assert stock.set_counted(ring.id, 7, None, StockReason.IMPORTED, maker.id) == 7
    assert moves(ring.id) == [("imported", 4, 7, maker.id)]


def test_more_cannot_go_than_is_left_by_now(app: Flask) -> None:
    ring, maker = VariantFactory(stock=2), UserFactory()
    stock.take({ring.id: 1})
    with pytest.raises(stock.StockMoved) as refused:
        stock.set_counted(ring.id, 0, 2, StockReason.SHOP_SALE, maker.id)
    assert "1 left of size –" in refused.value.sentence
    assert left(ring.id) == 1


def test_a_slip_of_the_finger_makes_no_mountain_of_rings(app: Flask) -> None:
    ring = VariantFactory(stock=2)
    with pytest.raises(stock.TooMany):
        stock.set_counted(ring.id, 100_000, 2, StockReason.COUNTED, None)
    with pytest.raises(stock.TooMany):
        stock.move(ring.id, stock.MOST, StockReason.MADE, None)
    assert (left(ring.id), moves(ring.id)) == (2, [])


def test_a_new_variant_begins_with_a_count(app: Flask) -> None:
    ring, none, maker = VariantFactory(stock=2), VariantFactory(stock=0), UserFactory()
    stock.begin(ring.id, maker.id)
    stock.begin(none.id, maker.id)
    assert moves(ring.id) == [("counted", 2, 2, maker.id)]
    assert moves(none.id) == []

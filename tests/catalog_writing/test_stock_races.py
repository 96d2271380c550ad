"""The maker adds pieces while buyers take them: nothing is lost in between, on both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.catalog import stock
from marketplace.catalog.models import StockMove, StockReason
from marketplace.catalog.services import drafts
from marketplace.catalog.services.counting import Count, Deed, count
from marketplace.catalog.services.variants import Size
from marketplace.core.db import db, transaction
from tests.catalog_writing.test_drafts import draft_of, fresh, offer_of
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of

pytestmark = pytest.mark.races
EACH = 6


def test_pieces_added_and_sold_at_once_are_all_counted(app: Flask) -> None:
    listing = ListingFactory(stock=10)
    variant = variants_of(listing)[0]
    words = draft_of(listing)
    offer = offer_of(listing, price=745_000, sizes=[Size("", 11, None, variant.id, 10)])  # one more than was seen

    def add() -> None:
        drafts.save(listing.id, listing.workshop_id, words, offer)

    def sell() -> None:
        with transaction():
            stock.take({variant.id: 1})

    def run(act: Callable[[], None]) -> None:
        with app.app_context():
            act()

    with ThreadPoolExecutor(2 * EACH) as pool:
        list(pool.map(run, [add, sell] * EACH))
    assert variants_of(fresh(listing.id))[0].stock == 10


def test_every_piece_that_came_or_went_at_once_has_its_row(app: Flask) -> None:
    """Sales, returns and taps of the workshop together: the rows add up to the number, one after the other."""
    listing = ListingFactory(stock=10)
    variant = variants_of(listing)[0]
    maker = UserFactory().id

    def sell() -> None:
        with transaction():
            stock.take({variant.id: 1})

    def give_back() -> None:
        with transaction():
            stock.give_back({variant.id: 1})

    def tap() -> None:
        """Somebody looks, and writes down a ring that was sold in the shop; a sale in between is not overwritten."""
        saw = variants_of(fresh(listing.id))[0].stock
        with suppress(stock.SeenAnother):
            count(listing.id, listing.workshop_id, Count(variant.id, Deed.SHOP_SALE, 1, saw), maker)

    def run(act: Callable[[], None]) -> None:
        with app.app_context():
            act()

    with ThreadPoolExecutor(3 * EACH) as pool:
        list(pool.map(run, [sell, give_back, tap] * EACH))
    rows = list(db.session.scalars(sa.select(StockMove).where(StockMove.variant_id == variant.id)))
    left = variants_of(fresh(listing.id))[0].stock
    assert left == 10 + sum(row.change for row in rows)
    by_reason = Counter(row.reason for row in rows)
    assert (by_reason[StockReason.ORDERED], by_reason[StockReason.RETURNED]) == (EACH, EACH)
    assert left == 10 - by_reason[StockReason.SHOP_SALE]
    assert all(row.left >= 0 for row in rows)

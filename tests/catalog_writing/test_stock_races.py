"""The maker adds pieces while buyers take them: nothing is lost in between, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from marketplace.catalog import stock
from marketplace.catalog.services import drafts
from marketplace.catalog.services.variants import Size
from marketplace.core.db import transaction
from tests.catalog_writing.test_drafts import draft_of, fresh, offer_of
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

"""Kept HTML is what would have been rendered: per market and language, with its icons, never older than its data."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from marketplace.catalog import publication
from marketplace.catalog.models import Listing
from marketplace.core.db import db, transaction
from tests.factories.catalog import ListingFactory, quote_rates


def _page(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def test_a_page_asked_again_has_the_same_bytes_and_all_its_icons(client: FlaskClient) -> None:
    quote_rates()
    ListingFactory()
    for path in ("/search", "/id/search", "/au/search"):
        first, second = _page(client, path), _page(client, path)
        assert first == second
        drawn, there = set(re.findall(r'href="#i-(\w+)"', first)), set(re.findall(r'id="i-(\w+)"', first))
        assert drawn
        assert drawn == there
    assert "/au/pages/returns" in _page(client, "/au/search")
    assert "/au/" not in _page(client, "/id/search").split("foot__end")[0].split("foot__brand")[1]


def test_a_kept_card_follows_its_piece(client: FlaskClient) -> None:
    quote_rates()
    listing = ListingFactory(stock=1)
    before = _page(client, "/search")
    assert before == _page(client, "/search")
    with transaction():
        row = db.session.get_one(Listing, listing.id)
        row.made_to_order, row.lead_time_days = True, 9
        publication.refresh([listing.id])
    assert "Made to order, 9 days" in _page(client, "/search")
    assert "Made to order" not in before

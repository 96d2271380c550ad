"""'Where the $45 goes': only if the maker ticks it, adding up to the price, in the market's own currency."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketplace.catalog.costing import Sheet
from marketplace.catalog.models import Listing
from marketplace.catalog.services import costing
from marketplace.catalog.services import metals as metal_services
from marketplace.core import clock
from marketplace.storefront import goes
from tests.factories.accounts import AdminFactory
from tests.factories.catalog import CostingFactory, ListingFactory, MetalRateFactory, quote_rates
from tests.factories.workshops import WorkshopFactory


@pytest.fixture
def ring(app: Any) -> Listing:
    """The ring of the worked example, whose maker shows where its Rp 745,000 go."""
    quote_rates()
    rate = MetalRateFactory(quoted_at=clock.now() - timedelta(days=1))
    listing: Any = ListingFactory(workshop=WorkshopFactory(name="Jawan Sari Perak"), price=745_000)
    CostingFactory(listing=listing, rate=rate, shows_breakdown=True)
    return listing


def page(client: FlaskClient, listing: Listing, market: str = "") -> str:
    return client.get(f"{market}/p/{listing.id}-granulated-dome-ring").text


def section(html: str) -> str:
    found = re.search(r'<section class="stack" aria-labelledby="h-goes">.*?</section>', html, re.DOTALL)
    return found[0].replace("\u00a0", " ") if found else ""


def test_it_adds_up_in_dollars_abroad_and_in_rupiah_at_home(ring: Listing, client: FlaskClient) -> None:
    abroad = section(page(client, ring))
    assert "Where the $45.00 goes" in abroad
    sums = [int(text.replace(".", "")) for text in re.findall(r'<span class="num">\$([\d.]+)</span>', abroad)]
    assert sum(sums) == 4500
    assert "Rp" not in abroad
    home = section(page(client, ring, "/id"))
    rupiah = [int(text.replace(".", "")) for text in re.findall(r'<span class="num">Rp ([\d.]+)</span>', home)]
    assert rupiah == [305_694, 190_000, 25_000, 224_306]
    assert sum(rupiah) == 745_000
    assert "$" not in home


def test_only_the_maker_decides_that_it_is_shown(ring: Listing, client: FlaskClient) -> None:
    assert section(page(client, ring))
    first = client.get(f"/p/{ring.id}-granulated-dome-ring").headers["ETag"]
    sheet = Sheet(labour_idr=190_000, finishing_idr=25_000)
    costing.put(ring.id, ring.workshop_id, sheet, follows_rate=True, shows_breakdown=False)
    answer = client.get(f"/p/{ring.id}-granulated-dome-ring", headers={"If-None-Match": first})
    assert answer.status_code == 200
    assert section(answer.text) == ""
    assert "190" not in section(answer.text)


def test_a_new_rate_makes_the_kept_page_old(ring: Listing, client: FlaskClient) -> None:
    first = client.get(f"/id/p/{ring.id}-granulated-dome-ring")
    metal_services.enter("silver", 47_700, "Antam", AdminFactory().id)
    second = client.get(f"/id/p/{ring.id}-granulated-dome-ring", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert "Rp 324.036" in section(second.text)  # 6.8 × 0.925 × 47,700 × 1.08
    assert "745.000" in section(second.text)  # the price itself waits for the maker


def test_it_stays_a_page_for_everybody_in_as_few_statements(
    ring: Listing, client: FlaskClient, statements: Any
) -> None:
    address = f"/p/{ring.id}-granulated-dome-ring"
    client.get(address)
    with statements() as asked:
        answer = client.get(address)
    assert len(asked) <= 8, asked.texts
    assert "public" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_a_price_under_its_cost_shows_nothing(ring: Listing, client: FlaskClient) -> None:
    sheet = Sheet(labour_idr=900_000)
    costing.put(ring.id, ring.workshop_id, sheet, follows_rate=True, shows_breakdown=True)
    assert section(page(client, ring)) == ""


def test_the_bar_is_as_wide_as_its_drawing(ring: Listing, client: FlaskClient) -> None:
    html = section(page(client, ring))
    rects = [(int(x), int(width)) for x, width in re.findall(r'<rect x="(\d+)" width="(\d+)"', html)]
    assert rects[0][0] == 0
    assert rects[-1][0] + rects[-1][1] == goes.WIDTH

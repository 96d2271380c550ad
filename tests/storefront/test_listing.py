"""The page of a piece: what it is, what it costs, when it comes, and what search engines read."""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketplace.cart.models import CartLine
from marketplace.catalog.models import Category, Listing
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.workshops.models import Workshop
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.workshops import WorkshopFactory

Window = Callable[[str], Category]


def address(listing: Listing, prefix: str = "", query: str = "") -> str:
    return f"{prefix}/p/{listing.id}-{listing.slug}{query}"


def page(client: FlaskClient, listing: Listing, prefix: str = "", query: str = "") -> str:
    answer = client.get(address(listing, prefix, query))
    assert answer.status_code == 200
    return markup.unescape(answer.get_data(as_text=True))


def data_of(client: FlaskClient, listing: Listing, prefix: str = "") -> dict[str, Any]:
    html = client.get(address(listing, prefix)).get_data(as_text=True)
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return {block["@type"]: block for block in map(json.loads, blocks)}


@pytest.fixture
def ring(window: Window) -> Listing:
    return ListingFactory(category=window("rings-band"), sizes=("US 6", "US 7"), sku="CS-001", photos=3)


def test_grams_names_and_dates_are_never_hidden(ring: Listing, client: FlaskClient) -> None:
    with clock.stopped(datetime(2026, 11, 24, 2, tzinfo=UTC)):
        html = page(client, ring)
    assert "$45.00" in html
    assert "about Rp\u00a0745.000" in html
    assert "925 silver, solid, not plated" in html
    assert "6.8\u00a0g" in html
    assert "Granulation (jawan)" in html
    assert "Leaves Celuk by Thursday, 26 November" in html
    assert "CS-001" in html


def test_no_size_is_chosen_in_advance_and_each_is_converted(ring: Listing, client: FlaskClient) -> None:
    html = page(client, ring)
    assert html.count('type="radio"') == 2
    assert not re.search(r"<input[^>]*\bchecked\b", html)
    assert "17.3 mm" in html
    assert "Ukuran" in page(client, ring, "/id") or "Ring size, inner diameter" in page(client, ring, "/id")
    assert "17,3 mm" in page(client, ring, "/id")


def test_a_wrong_slug_leads_to_the_right_address(ring: Listing, client: FlaskClient) -> None:
    answer = client.get(f"/id/p/{ring.id}-something-else")
    assert answer.status_code == 301
    assert answer.headers["Location"] == address(ring, "/id")


@pytest.mark.parametrize("missing", ["/p/999999-x", "/p/0-x", "/p/99999999999999999999-x"])
def test_what_is_not_there_is_a_404(window: Window, client: FlaskClient, missing: str) -> None:
    assert client.get(missing).status_code == 404


def test_a_draft_and_a_suspended_workshops_piece_are_404(window: Window, client: FlaskClient) -> None:
    draft = ListingFactory(category=window("rings-band"), live=False)
    assert client.get(address(draft)).status_code == 404
    ring = ListingFactory(category=window("rings-band"))
    db.session.get_one(Workshop, ring.workshop_id).suspended_at = clock.now()
    db.session.commit()
    assert client.get(address(ring)).status_code == 404


def test_the_destination_moves_postage_and_dates(ring: Listing, client: FlaskClient) -> None:
    assert "to Australia" in page(client, ring, query="?to=AU")
    assert "to United States" in page(client, ring, query="?to=XX"), "a country that we do not list is ignored"
    moved = client.get(address(ring, query="?to=ID"))
    assert (moved.status_code, moved.headers["Location"]) == (303, address(ring, "/id")), (
        "rupiah only, inside Indonesia"
    )


def test_a_piece_made_to_order_says_until_when(window: Window, client: FlaskClient) -> None:
    bowl = ListingFactory(
        category=window("bokor"),
        made_to_order=True,
        lead_time_days=30,
        stock=0,
        dimensions_en="180 mm diameter, 75 mm high",
    )
    with clock.stopped(datetime(2026, 11, 24, 2, tzinfo=UTC)):
        html = page(client, bowl)
    assert "Made to order, 30 days" in html
    assert "it is ready by" in html
    assert "180 mm wide and 75 mm high" in html, "the drawing at scale"
    assert "Consecration is done later" in html


def test_a_sold_out_piece_offers_the_bench_instead_of_a_button(window: Window, client: FlaskClient) -> None:
    workshop = WorkshopFactory()
    sold = ListingFactory(category=window("rings-band"), workshop=workshop, stock=0)
    ListingFactory(category=window("rings-band"), workshop=workshop, title_en="Other Ring")
    html = page(client, sold)
    assert "Sold out" in html
    assert "Add to bag" not in html
    assert "Other Ring" in html


def test_a_text_that_is_missing_in_one_language_is_shown_and_marked(window: Window, client: FlaskClient) -> None:
    ring = ListingFactory(category=window("rings-band"), title_en="", description_en="")
    html = page(client, ring)
    assert re.search(r'<h1 lang="id">\s*Cincin Kubah Jawan', html)
    assert "in Indonesian for now" in html
    assert re.search(r'<p class="lead"\s+lang="id">', html)


def test_a_plated_piece_says_so_in_its_tag(window: Window, client: FlaskClient) -> None:
    bowl = ListingFactory(category=window("bokor"), material="brass", fineness=None, plating="gold-22k")
    assert "brass, gold-plated, 22 karat" in page(client, bowl)


def test_search_engines_read_the_same_facts(ring: Listing, client: FlaskClient) -> None:
    data = data_of(client, ring)
    offers = data["Product"]["offers"]
    assert [offer["price"] for offer in offers] == ["45.00", "45.00"]
    assert {offer["priceCurrency"] for offer in offers} == {"USD"}
    assert {offer["availability"] for offer in offers} == {"https://schema.org/InStock"}
    assert offers[0]["shippingDetails"]["shippingRate"]["currency"] == "USD"
    assert data["Product"]["sku"] == "CS-001"
    steps = [step["name"] for step in data["BreadcrumbList"]["itemListElement"]]
    assert steps == ["Home", "Jewellery", "Rings", "Bands and stacking rings", "Granulated Dome Ring"]
    assert data_of(client, ring, "/id")["Product"]["offers"][0]["price"] == "745000"


def test_no_text_can_leave_the_data_block_or_the_page(window: Window, client: FlaskClient) -> None:
    nasty = "</script><script>alert(1)</script><b onclick='x'>"
    ring = ListingFactory(category=window("rings-band"), title_en=nasty, description_en=nasty, stones_en=nasty)
    html = client.get(address(ring)).get_data(as_text=True)
    assert "<script>alert" not in html
    assert "<b onclick" not in html
    assert data_of(client, ring)["Product"]["name"] == nasty


def test_it_goes_into_the_bag_without_a_token_or_a_script(ring: Listing, client: FlaskClient) -> None:
    html = page(client, ring)
    form = re.search(r'<form class="stack"\s+action="/cart/lines".*?</form>', html, re.DOTALL)
    assert form is not None
    assert "csrf_token" not in form.group(0)
    variant = variants_of(ring)[1]
    answer = client.post("/cart/lines", data={"listing_id": ring.id, "variant_id": variant.id, "quantity": "1"})
    assert answer.status_code == 303
    assert db.session.query(CartLine).count() == 1


def test_without_a_size_it_comes_back_with_the_error_at_the_sizes(ring: Listing, client: FlaskClient) -> None:
    answer = client.post("/cart/lines", data={"listing_id": ring.id, "quantity": "3"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "There is a problem" in html
    assert "<title>Problem:" in html
    assert 'href="#variant_id"' in html
    assert 'value="3"' in html, "what was chosen is kept"
    assert answer.headers["Cache-Control"] == "private, no-store"

"""What machines are given: robots.txt, the sitemap, security.txt; and the private answer of /me.json."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

from flask.testing import FlaskClient

from marketplace.catalog.models import Category
from marketplace.catalog.queries.feeds import PIECES_IN_PART
from marketplace.core import clock
from tests.factories.catalog import ListingFactory, variants_of

Window = Callable[[str], Category]
SITE = "http://127.0.0.1:5000"
NS = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
    "i": "http://www.google.com/schemas/sitemap-image/1.1",
}


def test_every_address_of_the_sitemap_answers_and_names_its_siblings(window: Window, client: FlaskClient) -> None:
    shown = [ListingFactory(category=window("rings-band")).id for _ in range(2)]
    hidden = ListingFactory(category=window("rings-band"), live=False)
    index = ET.fromstring(client.get("/sitemap.xml").data)
    parts = [loc.text or "" for loc in index.findall("s:sitemap/s:loc", NS)]
    assert len(parts) == 1 + -(-max(shown) // PIECES_IN_PART)  # numbers go on where earlier tests stopped
    seen: dict[str, set[str]] = {}
    for part in parts:
        for url in ET.fromstring(client.get(part.removeprefix(SITE)).data).findall("s:url", NS):
            place = url.findtext("s:loc", "", NS)
            seen[place] = {link.get("href", "") for link in url.findall("x:link", NS)}
            if "/p/" in place:
                assert (url.findtext("i:image/i:loc", "", NS)).startswith(f"{SITE}/media/")
    assert not any(f"/p/{hidden.id}-" in place for place in seen)
    for place, siblings in seen.items():
        assert place in siblings
        assert all(seen[sibling] == siblings for sibling in siblings), "pairs point at each other"
    for place in [p for p in seen if "/c/" not in p or p.endswith("/rings")]:
        assert client.get(place.removeprefix(SITE)).status_code == 200, place


def test_a_part_without_pieces_is_a_404(window: Window, client: FlaskClient) -> None:
    assert client.get("/sitemap-700000.xml").status_code == 404


def test_robots_may_see_the_window_and_not_the_counter(client: FlaskClient) -> None:
    text = client.get("/robots.txt").get_data(as_text=True)
    assert "Disallow: /cart" in text
    assert "Disallow: /id/checkout" in text
    assert f"Sitemap: {SITE}/sitemap.xml" in text
    assert "Disallow: /c" not in text.replace("/cart", "").replace("/checkout", "")


def test_security_txt_has_not_expired(client: FlaskClient) -> None:
    from datetime import datetime

    lines = dict(
        line.split(": ", 1) for line in client.get("/.well-known/security.txt").get_data(as_text=True).splitlines()
    )
    assert datetime.fromisoformat(lines["Expires"]) > clock.now()
    assert client.get(lines["Contact"].removeprefix(SITE)).status_code == 200


def test_the_icon_that_browsers_ask_for_by_habit(client: FlaskClient) -> None:
    answer = client.get("/favicon.ico", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.mimetype == "image/png"


def test_me_is_private_and_makes_no_session(window: Window, client: FlaskClient) -> None:
    answer = client.get("/me.json")
    assert answer.json == {"signed_in": False, "name": None, "cart": 0}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in answer.headers


def test_me_counts_the_bag(window: Window, client: FlaskClient) -> None:
    ring = ListingFactory(category=window("rings-band"))
    client.post("/cart/lines", data={"listing_id": ring.id, "variant_id": variants_of(ring)[0].id, "quantity": "2"})
    answer = client.get("/me.json")
    assert answer.json is not None
    assert answer.json["cart"] == 2

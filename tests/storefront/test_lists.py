"""Home, categories and workshops as a visitor walks through them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from marketplace.catalog.models import Category
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.workshops.models import Workshop
from tests.factories.catalog import ListingFactory
from tests.factories.workshops import WorkshopFactory

Window = Callable[[str], Category]


def text(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.get_data(as_text=True)


def titles(html: str) -> list[str]:
    cards = re.findall(r'<li class="card">.*?</li>', html, re.DOTALL)
    return [re.findall(r"<h\d[^>]*><a[^>]*>(.*?)</a>", card)[0] for card in cards]


def test_an_empty_shop_still_looks_like_one(window: Window, client: FlaskClient) -> None:
    for address in ("/", "/id/", "/search", "/w", "/c/rings"):
        assert "<h1" in text(client, address)


def test_the_start_page_shows_many_benches(window: Window, client: FlaskClient) -> None:
    for number in range(3):
        workshop = WorkshopFactory(name=f"Bengkel {number}")
        for piece in range(4):
            ListingFactory(workshop=workshop, category=window("rings-band"), title_en=f"Ring {number}-{piece}")
    html = text(client, "/")
    shown = titles(html)
    assert len(shown) == 6, "at most two of one workshop"
    assert all(f"Ring {number}-3" in shown for number in range(3))
    assert "from 3 workshops" in html


def test_a_category_shows_its_text_its_way_and_the_kinds_that_have_pieces(window: Window, client: FlaskClient) -> None:
    ListingFactory(category=window("rings-band"))
    html = text(client, "/c/rings")
    assert "Rings for any finger" in html
    assert 'href="/c/jewellery"' in html
    assert 'href="/c/rings-band"' in html
    assert "/c/rings-couple" not in html, "an empty kind is no dead end"
    assert "1 piece" in html
    assert text(client, "/c/bokor").count("Nothing here at the moment") == 1
    text(client, "/c/nothing", 404)


def test_the_indonesian_market_speaks_indonesian_and_rupiah_only(window: Window, client: FlaskClient) -> None:
    ListingFactory(category=window("rings-band"), price=745_000)
    html = text(client, "/id/c/rings")
    assert "Cincin Kubah Jawan" in html
    assert "Rp\u00a0745.000" in html
    assert "$" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert "US$" not in html


def test_more_pieces_come_by_key_in_every_order_and_none_twice(window: Window, client: FlaskClient) -> None:
    workshop = WorkshopFactory()
    for number in range(30):
        ListingFactory(
            workshop=workshop,
            category=window("rings-band"),
            title_en=f"Ring {number:02}",
            price=100_000 * (number % 7 + 1),
        )
    for sort in ("newest", "price", "-price"):
        first = text(client, f"/c/rings?sort={sort}")
        assert "You have seen 24 of 30" in first
        link = re.search(r'class="btn btn--line"\s+href="([^"]+)"', first)
        assert link is not None
        second = text(client, link.group(1).replace("&amp;", "&"))
        seen = titles(first) + titles(second)
        assert len(seen) == 30
        assert len(set(seen)) == 30
        assert "Show" not in re.findall(r'<div class="more.*?</div>', second, re.DOTALL)


def test_the_cheapest_come_first_when_asked(window: Window, client: FlaskClient) -> None:
    for name, price in (("Middle", 500_000), ("Dear", 900_000), ("Cheap", 100_000)):
        ListingFactory(category=window("rings-band"), title_en=name, price=price)
    assert titles(text(client, "/c/rings?sort=price")) == ["Cheap", "Middle", "Dear"]
    assert titles(text(client, "/c/rings?sort=-price")) == ["Dear", "Middle", "Cheap"]
    assert titles(text(client, "/c/rings?sort=nonsense")) == ["Cheap", "Dear", "Middle"]


@pytest.mark.parametrize("key", ["", "1", "a-b-c", "1-2-3-4", "99999999999999999999-1-1", "-1-2-3", "%00"])
def test_a_key_that_was_tampered_with_begins_anew(window: Window, client: FlaskClient, key: str) -> None:
    ListingFactory(category=window("rings-band"))
    assert len(titles(text(client, f"/c/rings?after={key}"))) == 1


def test_a_workshop_page_tells_who_works_there(window: Window, client: FlaskClient) -> None:
    workshop = WorkshopFactory(name="Palu Alus", story_id="", specialities=["hammering"])
    ListingFactory(workshop=workshop, category=window("rings-band"))
    html = text(client, "/w/palu-alus")
    assert "Everything begins with grains" in html
    assert "hammered (palu)" in html
    indonesian = text(client, "/id/w/palu-alus")
    assert 'lang="en"' in indonesian, "the story is in the other language, and says so"
    assert "Palu Alus" in text(client, "/w")


def test_a_suspended_workshop_is_nowhere(window: Window, client: FlaskClient) -> None:
    workshop = WorkshopFactory(name="Palu Alus")
    with transaction():
        db.session.get_one(Workshop, workshop.id).suspended_at = clock.now()
    text(client, "/w/palu-alus", 404)
    assert "Palu Alus" not in text(client, "/w")


def test_solid_and_plated_are_told_apart_on_every_card(window: Window, client: FlaskClient) -> None:
    ListingFactory(category=window("bokor"), material="brass", fineness=None, plating="silver", title_en="Bowl")
    html = text(client, "/c/bokor")
    assert "silver-plated brass" in html
    assert "925 silver" not in html


def test_siblings_in_other_languages_answer_and_point_back(window: Window, client: FlaskClient) -> None:
    def links(address: str) -> set[tuple[str, str]]:
        found = re.findall(r'hreflang="([^"]+)"\s+href="http://127.0.0.1:5000([^"]+)"', text(client, address))
        return set(found)

    siblings = links("/c/rings")
    assert {name for name, _address in siblings} == {"x-default", "en", "id", "en-AU"}
    for _name, address in siblings:
        assert links(address) == siblings


def test_a_page_that_is_not_there_offers_pieces_that_can_be_bought(window: Window, client: FlaskClient) -> None:
    ListingFactory(category=window("rings-band"), title_en="Gone Ring", stock=0)
    ListingFactory(category=window("rings-band"), title_en="Ready Ring")
    assert titles(text(client, "/nothing/here", 404)) == ["Ready Ring"]
    assert titles(text(client, "/p/999999-x", 404)) == ["Ready Ring"]

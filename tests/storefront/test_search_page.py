"""The search page: what was found, what is near, and what is written down of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.catalog.models import Category
from marketplace.core.db import db
from marketplace.search.models import Query
from tests.conftest import Statements
from tests.factories.catalog import ListingFactory
from tests.factories.workshops import WorkshopFactory

Window = Callable[[str], Category]


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.fixture
def shelf(window: Window) -> None:
    ListingFactory(category=window("rings-band"), sku="CS-001")
    ListingFactory(category=window("bokor"), title_en="Repoussé Bokor", title_id="Bokor Ukir", techniques=["repousse"])


def queries() -> list[tuple[str, str, int]]:
    return [(row.market, row.text, row.hit_count) for row in db.session.scalars(sa.select(Query).order_by(Query.id))]


def test_the_query_stays_in_the_box_and_the_count_is_said(shelf: None, client: FlaskClient) -> None:
    html = text(client, "/search?q=bokor")
    assert "Repoussé Bokor" in html
    assert "1 piece" in html
    assert 'value="bokor"' in html
    assert "Granulated Dome Ring" not in html


def test_bahasa_finds_what_is_shown_in_english(shelf: None, client: FlaskClient) -> None:
    assert "Granulated Dome Ring" in text(client, "/search?q=cincin+jawan")
    assert "Bokor Ukir" in text(client, "/id/search?q=repousse")


def test_results_are_narrowed_by_kind(shelf: None, client: FlaskClient) -> None:
    html = text(client, "/search?q=silver")
    assert re.search(r"kind=ceremonial", html)
    narrowed = text(client, "/search?q=silver&kind=ceremonial")
    assert "Repoussé Bokor" in narrowed
    assert "Granulated Dome Ring" not in narrowed
    assert "Granulated Dome Ring" in text(client, "/search?q=silver&kind=nonsense")


def test_nothing_found_says_which_word_failed_and_shows_what_is_near(shelf: None, client: FlaskClient) -> None:
    html = text(client, "/search?q=platinum+dome")
    assert "Nothing for “platinum dome”" in html
    assert "No piece here holds the word platinum." in html
    assert "Granulated Dome Ring" in html
    nothing = text(client, "/search?q=platinum")
    assert "Have a smith make it" in nothing
    assert "Granulated Dome Ring" in nothing, "no dead end"


def test_a_workshop_is_found_by_its_name(window: Window, client: FlaskClient) -> None:
    WorkshopFactory(name="Palu Alus")
    assert 'href="/w/palu-alus"' in text(client, "/search?q=alus")
    assert 'href="/w/palu-alus"' in text(client, "/search?q=PALU-alus")


def test_every_search_is_written_down_with_what_it_found_and_without_a_name(shelf: None, client: FlaskClient) -> None:
    text(client, "/search?q=bokor")
    text(client, "/id/search?q=platinum")
    text(client, "/search")
    assert queries() == [("world", "bokor", 1), ("id", "platinum", 0)]


def test_a_search_costs_few_statements(shelf: None, client: FlaskClient, statements: type[Statements]) -> None:
    text(client, "/search?q=warm")
    for address in ("/search?q=silver", "/search?q=silver&kind=rings", "/search?q=platinum"):
        with statements() as asked:
            text(client, address)
        reads = [statement for statement in asked.texts if not statement.lower().startswith("insert")]
        assert len(reads) <= 8, reads


@pytest.mark.parametrize(
    "q",
    [
        "%00",
        "<script>alert(1)</script>",
        "'; drop table listings; --",
        "%F0%9F%92%8D",
        "a" * 5000,
        '"',
        "*",
        "%ED%A0%80",
    ],
)
def test_any_question_gets_an_answer(shelf: None, client: FlaskClient, q: str) -> None:
    html = text(client, f"/search?q={q}")
    assert "<script>alert" not in html


def test_pages_of_results_hold_each_piece_once(window: Window, client: FlaskClient) -> None:
    workshop = WorkshopFactory()
    for number in range(30):
        ListingFactory(workshop=workshop, category=window("rings-band"), title_en=f"Star {number:02}")
    first = text(client, "/search?q=star")
    link = re.search(r'class="btn btn--line"\s+href="([^"]+)"', first)
    assert link is not None
    second = text(client, link.group(1).replace("&amp;", "&"))
    found = re.findall(r"Star \d\d", first) + re.findall(r"Star \d\d", second)
    assert len(set(found)) == 30
    assert queries() == [("world", "star", 30)], "a later page is the same question"

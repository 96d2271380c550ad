"""Saved pieces: the address says which, so the page is the same for everybody and can be sent."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from marketplace.catalog.models import Category, Listing, ListingState
from tests.conftest import Statements
from tests.factories.catalog import ListingFactory

Window = Callable[[str], Category]


@pytest.fixture
def pieces(window: Window) -> list[Listing]:
    band = window("rings-band")
    return [ListingFactory(category=band, title_en=f"Ring {number}") for number in range(3)]


def shown(client: FlaskClient, ids: str) -> list[str]:
    answer = client.get(f"/saved?ids={ids}")
    assert answer.status_code == 200
    return re.findall(r'<li class="card">.*?<h2><a [^>]*>([^<]+)', answer.text, re.S)


def test_the_pieces_stand_in_the_order_of_the_address(pieces: list[Listing], client: FlaskClient) -> None:
    first, second, third = (piece.id for piece in pieces)
    assert shown(client, f"{third},{first}") == ["Ring 2", "Ring 0"]
    assert shown(client, f"{second},{second}") == ["Ring 1"]


@pytest.mark.parametrize("ids", ["", ",", "x", "-1", "0", "999999", "9" * 18, "9" * 400, "1;2", "%00", "٣", "1," * 500])
def test_what_is_no_piece_is_left_out(pieces: list[Listing], client: FlaskClient, ids: str) -> None:
    known = pieces[0].id
    assert client.get(f"/saved?ids={ids}").status_code == 200
    if not ids.startswith("1"):
        assert shown(client, f"{known},{ids}") == ["Ring 0"]


def test_hidden_pieces_are_not_shown(pieces: list[Listing], window: Window, client: FlaskClient) -> None:
    paused = ListingFactory(category=window("rings-band"), state=ListingState.PAUSED)
    assert shown(client, f"{paused.id},{pieces[1].id}") == ["Ring 1"]


def test_an_empty_list_says_how_it_fills(pieces: list[Listing], client: FlaskClient) -> None:
    page = client.get("/saved").text
    assert "Nothing saved yet" in page
    assert 'class="card"' not in page


def test_it_is_for_any_cache_and_no_search_engine(pieces: list[Listing], client: FlaskClient) -> None:
    answer = client.get(f"/saved?ids={pieces[0].id}")
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in answer.headers
    assert '<meta name="robots" content="noindex">' in answer.text
    assert f"/saved?ids={pieces[0].id}" in answer.text.replace("%2C", ","), "the link that can be sent"


def test_sixty_pieces_are_as_many_statements_as_one(
    window: Window, client: FlaskClient, statements: type[Statements]
) -> None:
    band = window("rings-band")
    ids = [ListingFactory(category=band, photos=0).id for _number in range(62)]
    client.get("/saved")

    def asked(some: list[int]) -> tuple[int, int]:
        with statements() as done:
            cards = shown(client, ",".join(map(str, some)))
        return len(cards), len(done)

    one, count = asked(ids[:1])
    assert (one, asked(ids)) == (1, (60, count))

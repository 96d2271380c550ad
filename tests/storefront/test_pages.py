"""The pages of words exist in both languages and say what the law asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from config import ROOT
from marketplace.catalog.models import Category
from marketplace.storefront.pages import PAGES

Window = Callable[[str], Category]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_speaks_both_languages(window: Window, client: FlaskClient, name: str) -> None:
    english = client.get(f"/pages/{name}").get_data(as_text=True)
    indonesian = client.get(f"/id/pages/{name}").get_data(as_text=True)
    assert '<html lang="en">' in english
    assert '<html lang="id">' in indonesian
    assert english.count("<h1") == indonesian.count("<h1") == 1
    assert english.count("<h2") == indonesian.count("<h2"), "no part is missing in one language"


def test_every_page_has_its_two_files_and_no_file_is_left_over() -> None:
    files = {path.name for path in (ROOT / "templates/storefront/pages").glob("*.*.html")}
    assert files == {f"{name}.{lang}.html" for name in PAGES for lang in ("en", "id")}


def test_a_page_that_is_not_there(window: Window, client: FlaskClient) -> None:
    assert client.get("/pages/nothing").status_code == 404
    assert client.get("/pages/..%2fabout").status_code == 404


def test_complaints_have_an_address_here_and_at_the_ministry(window: Window, client: FlaskClient) -> None:
    text = client.get("/id/pages/contact").get_data(as_text=True)
    assert "mailto:" in text
    assert "Direktorat Jenderal Perlindungan Konsumen" in text


def test_the_whole_ring_table_stands_on_its_page(window: Window, client: FlaskClient) -> None:
    text = client.get("/pages/sizes").get_data(as_text=True)
    assert text.count("<tr>") >= 24

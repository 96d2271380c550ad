"""The workshop as an app: what a phone is told, what it may keep, and how little of it there is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient
from PIL import Image

from config import ROOT
from scripts import icons
from tests.factories.accounts import UserFactory
from tests.factories.catalog import CategoryFactory
from tests.helpers import sign_in

from .conftest import Maker, fields_of

JS = ROOT / "static/js"
SELLER_MOST, BUYER_MOST = 25_000, 8_000  # bytes with Brotli
BUYER_ONLY = ("checkout", "gallery", "quantity-stepper", "saved", "seen")
ALSO_BUYER = ("site", "copy", "again", "show-password", "pocket/leave")
SHELLS = ("/seller/offline/id", "/seller/offline/id/new", "/seller/offline/en", "/seller/offline/en/new")


def packed(paths: list[Path]) -> int:
    return sum(len(brotli.compress(path.read_bytes(), quality=11)) for path in paths)


def test_all_that_a_seller_ever_loads_keeps_its_budget() -> None:
    assert packed([path for path in JS.rglob("*.js") if path.stem not in BUYER_ONLY]) <= SELLER_MOST


def test_all_that_a_buyer_ever_loads_keeps_its_own() -> None:
    assert packed([JS / f"{name}.js" for name in (*BUYER_ONLY, *ALSO_BUYER)]) <= BUYER_MOST


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_manifest_speaks_the_persons_language(client: FlaskClient, language: str) -> None:
    answer = client.get(f"/manifest.webmanifest?language={language}")
    facts = json.loads(answer.data)
    assert answer.mimetype == "application/manifest+json"
    assert facts["lang"] == language
    assert (facts["start_url"], facts["scope"], facts["display"]) == ("/seller/", "/seller/", "standalone")
    purposes = {(icon["sizes"], icon["purpose"]) for icon in facts["icons"]}
    assert purposes == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    for icon in facts["icons"]:
        picture = client.get(icon["src"])
        assert (picture.status_code, picture.mimetype) == (200, "image/png")


def test_the_icons_are_those_of_the_script() -> None:
    for name, (side, share, is_cut) in icons.FILES.items():
        made = icons.draw(side, share, is_cut).convert("RGBA")
        kept = Image.open(icons.FOLDER / f"{name}.png").convert("RGBA")
        assert kept.size == made.size
        small = [image.resize((8, 8)).tobytes() for image in (made, kept)]
        assert max(abs(one - other) for one, other in zip(*small, strict=True)) <= 8, name


def test_the_worker_is_asked_for_each_time_and_names_all_that_it_keeps(client: FlaskClient) -> None:
    answer = client.get("/seller/sw.js?language=id")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert client.get("/seller/sw.js?language=id", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    shell = json.loads(re.search(r"^const SHELL = (.*);$", answer.text, re.MULTILINE)[1])  # type: ignore[index]
    assert (shell["offline"], shell["editor"]) == ("/seller/offline/id", "/seller/offline/id/new")
    for address in [*shell["files"], shell["offline"], shell["editor"]]:
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("address", SHELLS)
def test_a_page_that_phones_keep_asks_for_nothing_else(client: FlaskClient, address: str) -> None:
    CategoryFactory()
    language = "id" if "/id" in address else "en"
    shell = client.get(f"/seller/sw.js?language={language}").text
    page = client.get(address).text
    wanted = re.findall(r'<(?:script|link)[^>]* (?:src|href)="(/static/[^"]+\.(?:js|css|svg))"', page)
    assert wanted
    assert [file for file in wanted if file not in shell] == []


@pytest.mark.parametrize("address", SHELLS)
def test_a_page_that_phones_keep_knows_nobody(client: FlaskClient, luh: Maker, address: str) -> None:
    """The same bytes for her, for a stranger and for the next one; no session, no form token, no name."""
    CategoryFactory()
    hers, anybodys = luh.get(address), client.get(address)
    assert hers.data == anybodys.data
    for answer in (hers, anybodys):
        assert "Set-Cookie" not in answer.headers
    for secret in ("csrf_token", "data-person", luh.workshop.name, luh.user.full_name):
        assert secret not in hers.text


def test_there_are_no_pages_in_other_languages(client: FlaskClient) -> None:
    assert client.get("/seller/offline/fr").status_code == 404
    assert client.get("/seller/offline/fr/new").status_code == 404


def test_a_phone_is_told_whose_it_is(luh: Maker, wayan: Maker, client: FlaskClient) -> None:
    hers, his = luh.get("/seller/pocket.json"), wayan.get("/seller/pocket.json")
    assert hers.json["person"] == f"{luh.workshop.id}-{luh.user.id}"
    assert his.json["person"] != hers.json["person"]
    assert hers.json["token"] == luh.token()
    assert "no-store" in hers.headers["Cache-Control"]
    assert client.get("/seller/pocket.json").status_code == 303


def test_a_page_of_hers_says_whose_phone_it_is(luh: Maker) -> None:
    assert f'data-person="{luh.workshop.id}-{luh.user.id}"' in luh.get("/seller/").text


def test_signing_out_empties_the_phone(luh: Maker) -> None:
    answer: Any = luh.post("/sign-out")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"storage"'


def test_no_other_answer_empties_it(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    buyer = new_client()
    sign_in(buyer, UserFactory())
    page = buyer.get("/account/security").text
    left = buyer.post("/sign-out", data={"csrf_token": fields_of(page)["csrf_token"]})
    assert left.status_code == 303
    assert "Clear-Site-Data" not in left.headers  # what a buyer saved stays
    assert "Clear-Site-Data" not in luh.get("/seller/").headers
    assert "Clear-Site-Data" not in luh.browser.post("/sign-out", data={"csrf_token": "wrong"}).headers

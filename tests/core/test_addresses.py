"""Addresses that are filled in are those that werkzeug builds."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import BuildError

QUIET = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.one_of(st.text(max_size=12), st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True))


def _both(app: Flask, endpoint: str, **values: Any) -> tuple[str, str]:
    return app.url_for(endpoint, **values), Flask.url_for(app, endpoint, **values)


@pytest.mark.parametrize("page", ["/", "/id/", "/au/"])
@QUIET
@given(number=st.integers(0, 2**63 - 1), slug=st.from_regex(r"[^/]{1,20}", fullmatch=True), to=TEXT)
def test_a_listing_has_one_address(app: Flask, page: str, number: int, slug: str, to: str) -> None:
    with app.test_request_context(page):
        app.preprocess_request()
        ours, theirs = _both(app, "catalog.listing", listing_id=number, slug=slug, to=to)
        assert ours == theirs


@pytest.mark.parametrize("market", ["", "id", "au", None])
@QUIET
@given(word=TEXT, kind=st.one_of(st.none(), TEXT, st.integers()))
def test_values_beside_the_path_and_another_market(app: Flask, market: str | None, word: str, kind: Any) -> None:
    with app.test_request_context("/id/search"):
        app.preprocess_request()
        named = {} if market is None else {"market": market}
        for endpoint in ("catalog.search", "seller.home", "pages.show"):
            values = {"name": "about"} if endpoint == "pages.show" else {}
            ours, theirs = _both(app, endpoint, q=word, kind=kind, **values, **named)
            assert ours == theirs


def test_under_a_mount_and_from_outside_the_long_way_is_taken(app: Flask) -> None:
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/shop"}):
        assert app.url_for("catalog.category", slug="rings") == "/shop/c/rings"
        assert app.url_for("catalog.category", slug="rings", _anchor="x", _external=True).endswith("/shop/c/rings#x")


VALUES: tuple[Any, ...] = (7, "7", "rings", "CS-001", "é b", "a/b", "%41", "zq0zq", "x" * 300, 2**63 - 1)


def _either(app: Flask, endpoint: str, values: dict[str, Any]) -> tuple[str, str]:
    quick: Any = app.url_for
    found = []
    for build in (quick, quick, quick._long_way):  # twice: learned, then filled in
        try:
            found.append(build(endpoint, **values))
        except (BuildError, ValueError) as error:
            found.append(type(error).__name__)
    assert found[0] == found[1]
    return found[1], found[2]


@pytest.mark.parametrize("place", ["/", "/id/", "/au/", "/seller/"])
def test_every_address_is_the_same_by_both_ways(shop: Flask, place: str) -> None:
    with shop.test_request_context(place, base_url=shop.config["SITE_URL"]):
        shop.preprocess_request()
        for rule in shop.url_map.iter_rules():
            names = [name for name in rule.arguments if name != "market"]
            for value in VALUES:
                for more in ({}, {"market": "id"}, {"market": ""}, {"page": value}, {"next": None}):
                    quick, long = _either(shop, rule.endpoint, {**dict.fromkeys(names, value), **more})
                    assert quick == long, (rule.endpoint, value, more)

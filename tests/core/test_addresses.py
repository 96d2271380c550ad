"""The quick way to an address gives what werkzeug gives, for every endpoint and every kind of value."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import BuildError

VALUES: tuple[Any, ...] = (7, "7", "rings", "CS-001", "é b", "a/b", "%41", "zq0zq", "x" * 300, 2**63 - 1)


def _both(app: Flask, endpoint: str, values: dict[str, Any]) -> tuple[str, str]:
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
                    quick, long = _both(shop, rule.endpoint, {**dict.fromkeys(names, value), **more})
                    assert quick == long, (rule.endpoint, value, more)

"""`next` stays on our own origin, whatever the spelling (security.md 29)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.core.links import safe_next
from tests.factories.accounts import PASSWORD, UserFactory
from tests.helpers import send

SITE = "http://127.0.0.1:5000"
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "http:///evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/\x00/evil.example",
    "http://127.0.0.1:5000@evil.example/",
    "http://127.0.0.1:5000.evil.example/",
    "http://127.0.0.1:50000/",
    "https://127.0.0.1:5000/",
    "//127.0.0.1:5000@evil.example/",
    "user@evil.example",
    "/%2f/evil.example",
    "/%2F%2Fevil.example",
    "%2f%2fevil.example",
    "/%252f/evil.example",
    "/%5cevil.example",
    "/%255cevil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/a//evil.example",
    "http://127.0.0.1:5000//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "cart",
    "",
    "/" + "a" * 3000,
    "/%25252525252f",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_other_places_are_refused(app: Flask, target: str) -> None:
    assert safe_next(target, "/home") == "/home"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("/cart", "/cart"),
        ("/id/orders/Ab-_9?sent=1", "/id/orders/Ab-_9?sent=1"),
        ("/search?q=ring%20size&sort=price", "/search?q=ring%20size&sort=price"),
        ("/search?q=https://example.com/", "/search?q=https://example.com/"),
        ("/c/cincin#top", "/c/cincin#top"),
        (SITE + "/account/security", "/account/security"),
    ],
)
def test_our_own_pages_are_kept(app: Flask, target: str, path: str) -> None:
    assert safe_next(target, "/home") == path


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            ["/", "\\", "%2f", "%5c", "%25", ":", "@", "?", "#", "\t", " ", ".", "http", "https", "evil.example"]
        ),
        max_size=8,
    )
)
def test_no_spelling_leads_away(app: Flask, parts: list[str]) -> None:
    kept = safe_next("".join(parts), "/home")
    for read in (kept, kept.replace("\\", "/")):
        assert urlsplit(urljoin(SITE + "/sign-in", read)).netloc == "127.0.0.1:5000"
    assert kept.startswith("/")
    assert not kept.startswith("//")


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil.example", "/\t/evil.example"])
def test_sign_in_sends_nobody_away(new_client: Any, target: str) -> None:
    UserFactory(email="maya@example.com")
    browser = new_client()
    page = browser.get("/sign-in", query_string={"next": target}).text
    assert "evil.example" not in page
    data = {"email": "maya@example.com", "password": PASSWORD, "next": target}
    answer = send(browser, "/sign-in", data, page="/reset")
    assert answer.location == "/account"
    again = browser.get("/sign-in", query_string={"next": target})
    assert again.location == "/account", "nor somebody who is signed in already"


def test_sign_in_leads_back_to_where_one_was(new_client: Any) -> None:
    UserFactory(email="maya@example.com")
    browser = new_client()
    asked = browser.get("/id/account/addresses?country=ID")
    assert asked.status_code == 303
    assert asked.location.startswith("/id/sign-in?next=")
    page = browser.get(asked.location).text
    assert 'name="next" value="/id/account/addresses?country=ID"' in page
    data = {"email": "maya@example.com", "password": PASSWORD, "next": "/id/account/addresses?country=ID"}
    assert send(browser, "/id/sign-in", data).location == "/id/account/addresses?country=ID"

"""Five people behind one greedy cache: nobody gets another's bytes (security.md 33)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from marketplace.core.audience import Audience
from tests.factories.accounts import UserFactory
from tests.helpers import sign_in

from .world import World


@dataclass
class GreedyCache:
    """Keeps every answer that may be kept for as long as it likes, and asks nobody who is looking.

    Its key is method, host, path, query and encoding; what the answer's Vary names is part of it too.
    """

    kept: dict[tuple[str, ...], Any] = field(default_factory=dict)
    hits: int = 0

    def ask(self, browser: FlaskClient, address: str, **headers: str) -> Any:
        key = ("GET", "127.0.0.1:5000", address, headers.get("Accept-Encoding", ""))
        for stored, answer in self.kept.items():
            if stored[:4] == key and all(headers.get(name, "") == value for name, value in answer[1].items()):
                self.hits += 1
                return answer[0]
        answer = browser.get(address, headers=headers)
        control = answer.headers.get("Cache-Control", "")
        if "public" in control or not any(word in control for word in ("private", "no-store", "no-cache")):
            vary = [name.strip() for name in answer.headers.get("Vary", "").split(",") if name.strip()]
            self.kept[(*key, str(len(self.kept)))] = answer, {name: headers.get(name, "") for name in vary}
        return answer


def test_five_people_behind_one_greedy_cache(world: World) -> None:
    people = ["admin", "artisan", "buyer", "visitor", "stranger"]
    cache, tokens = GreedyCache(), _cookies(world)
    for who in [*people, *reversed(people)]:
        for rule in world.rules("GET"):
            answer = cache.ask(world.browsers[who], world.address(rule), **{"User-Agent": who, "Accept-Language": "id"})
            _is_nobodys(world, rule.endpoint, who, answer, tokens)
    assert cache.hits > 100, "the cache has kept what it may"
    kept = {world.app.url_map.bind("127.0.0.1:5000").match(key[2])[0] for key in cache.kept}
    views: Any = world.app.view_functions
    assert {views[name].audience for name in kept} == {Audience.PUBLIC}


def _cookies(world: World) -> set[str]:
    found = [world.browsers[who].get_cookie("session", domain="127.0.0.1") for who in world.browsers]
    return {cookie.value for cookie in found if cookie is not None}


def _is_nobodys(world: World, endpoint: str, who: str, answer: Any, tokens: set[str]) -> None:
    """A kept page carries no cookie and no token; a page of one's own came from the shop just now."""
    view: Any = world.app.view_functions[endpoint]
    if view.audience is not Audience.PUBLIC:
        assert answer.request.headers["User-Agent"] == who, f"{endpoint}: {who} was given another's page"
        return
    assert "Set-Cookie" not in answer.headers, endpoint
    assert not any(token.encode() in answer.data for token in tokens), endpoint
    assert b'name="csrf_token"' not in answer.data, endpoint


def test_languages_and_cookies_change_no_public_byte(app: Flask, world: World) -> None:
    """One cache entry fits everybody: the address alone decides (language, currency, everything)."""
    people = {
        "plain": {},
        "indonesian": {"Accept-Language": "id-ID,id;q=0.9"},
        "cookies": {"Cookie": "session=abc; market=au; theme=dark; __Host-session=x"},
        "foreign": {"X-Forwarded-For": "36.80.0.1", "CF-IPCountry": "AU", "X-Forwarded-Host": "evil.example"},
    }
    for rule in world.rules("GET"):
        view: Any = app.view_functions[rule.endpoint]
        if view.audience is Audience.PUBLIC:
            pages = {world.browsers["stranger"].get(world.address(rule), headers=h).data for h in people.values()}
            assert len(pages) == 1, rule.rule


def test_no_header_of_the_visitor_is_repeated(world: World, new_client: Callable[[], FlaskClient]) -> None:
    """What a poisoner sends along (another host, scheme, path) stands in no kept page."""
    browser = new_client()
    sign_in(browser, UserFactory())
    for name in ("X-Forwarded-Host", "X-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded", "X-Forwarded-Prefix"):
        for page in ("/", "/id/", "/w", "/nothing-here", "/robots.txt", "/sitemap.xml", "/sign-in"):
            answer = browser.get(page, headers={name: "zqxpoison.example"})
            assert b"zqxpoison" not in answer.data, (name, page)
            assert "zqxpoison" not in str(answer.headers), (name, page)

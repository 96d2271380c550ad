"""Pages kept in front of the application: quick, the same for everybody, and never older than a change here."""

from __future__ import annotations

import dataclasses
import gzip
import re
import threading
from collections.abc import Iterator
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from marketplace import create_app
from marketplace.accounts import services as accounts
from marketplace.accounts.models import User
from marketplace.catalog import versions
from marketplace.core.db import db
from marketplace.core.page_cache import PageCache
from marketplace.moderation.services import suspend
from tests.conftest import Browser, Statements, _empty
from tests.factories.accounts import PASSWORD
from tests.factories.catalog import ListingFactory, quote_rates
from tests.helpers import sign_in


@pytest.fixture(scope="session")
def keeping_shop(shop_config: Config) -> Flask:
    return create_app(dataclasses.replace(shop_config, page_cache=8))


@pytest.fixture
def keeping(keeping_shop: Flask) -> Iterator[Flask]:
    _empty(keeping_shop)
    keeping_shop.extensions["page_cache"].forget()
    for kept in ("shop_tree", "shop_pieces"):
        keeping_shop.extensions.pop(kept, None)
    keeping_shop.test_client_class = Browser
    with keeping_shop.app_context():
        quote_rates()
        yield keeping_shop
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def visitor(keeping: Flask) -> FlaskClient:
    return keeping.test_client()


def cache_of(app: Flask) -> PageCache:
    cache: PageCache = app.extensions["page_cache"]
    return cache


def test_the_second_visitor_costs_no_statement(keeping: Flask, visitor: FlaskClient) -> None:
    first = visitor.get("/")
    with Statements() as asked:
        second = keeping.test_client().get("/")
    assert len(asked) == 0
    assert second.data == first.data
    assert second.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert second.headers["X-Request-ID"] != first.headers["X-Request-ID"]


@pytest.mark.parametrize(("accepted", "open_"), [("br, gzip", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_kept_page_travels_compressed(visitor: FlaskClient, accepted: str, open_: Any) -> None:
    plain = visitor.get("/")
    small = visitor.get("/", headers={"Accept-Encoding": accepted})
    assert small.headers["Content-Encoding"] == accepted.split(",")[0]
    assert open_(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 3
    assert small.headers["Vary"] == "Accept-Encoding"
    assert small.headers["ETag"] != plain.headers["ETag"]


def test_who_holds_a_page_gets_a_304_from_the_store_and_from_behind_it(keeping: Flask, visitor: FlaskClient) -> None:
    visitor.get("/")
    held = visitor.get("/", headers={"Accept-Encoding": "br"}).headers["ETag"]
    assert visitor.get("/", headers={"If-None-Match": held, "Accept-Encoding": "br"}).status_code == 304
    cache_of(keeping).forget()
    assert visitor.get("/", headers={"If-None-Match": held, "Accept-Encoding": "br"}).status_code == 304


def test_a_change_is_seen_by_the_next_request(visitor: FlaskClient) -> None:
    piece = ListingFactory(title_en="Ring of the Morning")
    address = visitor.get(f"/p/{piece.id}-x").headers["Location"]
    assert visitor.get(address).status_code == 200
    admin = accounts.create_user("admin@example.com", PASSWORD, "Ketut Rai", "id", is_admin=True, confirmed=True)
    suspend(piece.workshop_id, admin, "late", "")
    assert visitor.get(address).status_code in (404, 410)


def test_a_change_that_was_rolled_back_forgets_nothing(keeping: Flask, visitor: FlaskClient) -> None:
    from marketplace.core.db import transaction

    visitor.get("/")
    before = cache_of(keeping).generation
    with pytest.raises(RuntimeError), transaction():
        versions.bump([versions.SHOP])
        raise RuntimeError
    assert cache_of(keeping).generation == before
    versions.bump([versions.SHOP])
    assert cache_of(keeping).generation == before + 1


def test_what_was_rendered_before_a_change_is_not_kept_after_it() -> None:
    now, calls = [0.0], []

    def app(_environ: Any, start: Any) -> list[bytes]:
        calls.append(1)
        start("200 OK", HEADERS)
        if len(calls) == 1:
            cache.forget()  # the change comes while the page is being made
        return [b"<p>page"]

    cache = PageCache(app, 1_000_000, lambda: now[0])
    assert ask(cache) == b"<p>page"
    ask(cache)
    assert len(calls) == 2
    ask(cache)
    assert len(calls) == 2
    now[0] = 61
    ask(cache)
    assert len(calls) == 3


HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "public, max-age=0, s-maxage=60"),
    ("Vary", "Accept-Encoding"),
    ("ETag", '"one"'),
]


def ask(cache: PageCache, path: str = "/", query: str = "", method: str = "GET", **more: str) -> bytes:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": "shop",
        "wsgi.url_scheme": "https",
        **more,
    }
    return b"".join(cache(environ, lambda *_args: None))


def counting(*headers: tuple[str, str], status: str = "200 OK", body: bytes = b"page") -> tuple[PageCache, list[str]]:
    asked: list[str] = []

    def app(environ: Any, start: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start(status, [*headers])
        return [body]

    return PageCache(app, 100_000), asked


@pytest.mark.parametrize(
    "headers",
    [
        [*HEADERS, ("Set-Cookie", "a=b")],
        [pair for pair in HEADERS if pair[0] != "Vary"],
        [*HEADERS[:1], ("Cache-Control", "private, no-store"), *HEADERS[2:]],
        [pair for pair in HEADERS if pair[0] != "ETag"],
        [("Content-Type", "application/json"), *HEADERS[1:]],
    ],
)
def test_what_is_not_for_everybody_is_not_kept(headers: list[tuple[str, str]]) -> None:
    cache, asked = counting(*headers)
    ask(cache)
    ask(cache)
    assert len(asked) == 2


def test_neither_errors_nor_posts_nor_answers_to_a_cookie_are_kept() -> None:
    for more in ({"method": "POST"}, {"HTTP_COOKIE": "session=1"}):
        cache, asked = counting(*HEADERS)
        ask(cache, **more)
        ask(cache)
        assert len(asked) == 2
    cache, asked = counting(*HEADERS, status="404 NOT FOUND")
    ask(cache)
    ask(cache)
    assert len(asked) == 2


def test_the_address_decides_and_marks_of_campaigns_do_not() -> None:
    cache, asked = counting(*HEADERS)
    for query in ("", "utm_source=mail&fbclid=x", "sort=new", "sort=new&utm_medium=post"):
        ask(cache, query=query)
    assert len(asked) == 2
    ask(cache, query="mine=1")
    ask(cache, query="mine=1")
    assert len(asked) == 4


def test_the_store_is_bounded_and_the_oldest_goes_first() -> None:
    cache, asked = counting(*HEADERS, body=b"x" * 1000)
    for number in range(100):
        ask(cache, f"/{number}")
    ask(cache, "/99")
    assert len(asked) == 100
    ask(cache, "/0")
    assert len(asked) == 101
    big, seen = counting(*HEADERS, body=b"x" * 50_000)
    ask(big)
    ask(big)
    assert len(seen) == 2


def test_five_people_at_once_never_see_each_other(keeping: Flask) -> None:
    """Signed-in people and strangers crawl the same public pages: the same bytes for all, and nobody's name."""
    pieces = [ListingFactory(title_en=f"Piece {number}") for number in range(3)]
    people = []
    for number in range(5):
        client = keeping.test_client()
        if number:
            email = f"person{number}@example.com"
            user_id = accounts.create_user(email, PASSWORD, f"Nama Rahasia {number}", "en", confirmed=True)
            sign_in(client, db.session.get_one(User, user_id))
        people.append(client)
    paths = ["/", "/id/", "/w", "/search?q=piece", *(f"/p/{piece.id}-{piece.slug}" for piece in pieces)]
    seen: dict[str, set[bytes]] = {path: set() for path in paths}

    def crawl(client: FlaskClient) -> None:
        with keeping.app_context():
            for path in paths * 2:
                answer = client.get(path)
                assert "Set-Cookie" not in answer.headers, path
                seen[path].add(re.sub(rb"\s+", b" ", answer.data))
            db.session.remove()

    threads = [threading.Thread(target=crawl, args=(client,)) for client in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {path: len(bodies) for path, bodies in seen.items()} == dict.fromkeys(paths, 1)
    assert not [path for path, bodies in seen.items() for body in bodies if b"Rahasia" in body or b"person" in body]
    assert "person1@example.com" in people[1].get("/account/security").text  # they were signed in all the while

"""What is counted when somebody looks at a piece, and what is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.catalog.models import Listing, ListingState
from marketplace.core import clock, visitors
from marketplace.core.db import db
from marketplace.core.visitors import DaySalt
from tests.conftest import Statements
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import open_shop
from tests.factories.workshops import MemberFactory
from tests.helpers import sign_in

from .looking import PHONE, marks, tell


@pytest.fixture
def ring(app: Flask) -> Listing:
    return ListingFactory()


def test_a_visitor_counts_once_a_day_for_each_piece_and_deed(ring: Listing, client: FlaskClient) -> None:
    for _time in range(3):
        assert tell(client, ring, country="AU").status_code == 204
        assert tell(client, ring, "save", country="AU").status_code == 204
    tell(client, ring, address="203.0.113.8", country="NL")
    assert sorted(marks()) == [(ring.id, "save", "AU"), (ring.id, "view", "AU"), (ring.id, "view", "NL")]


def test_the_next_day_nobody_knows_that_it_was_the_same(
    ring: Listing, client: FlaskClient, stopped_clock: clock.Hands
) -> None:
    tell(client, ring)
    today = visitors.visitor("203.0.113.7", PHONE)
    stopped_clock.forward(days=1)
    tell(client, ring)
    assert len(marks()) == 2
    assert visitors.visitor("203.0.113.7", PHONE) != today
    stopped_clock.forward(days=2)
    visitors.forget_salts()
    assert db.session.scalars(sa.select(DaySalt.day)).all() == []


def test_a_household_with_many_addresses_is_one_visitor(app: Flask) -> None:
    first = visitors.visitor("2001:db8:0:7:1::1", PHONE)
    assert visitors.visitor("2001:db8:0:7:ffff::9", PHONE) == first
    assert visitors.visitor("2001:db8:0:8::1", PHONE) != first


def test_the_message_opens_no_session_and_reads_little(
    ring: Listing, client: FlaskClient, statements: type[Statements]
) -> None:
    tell(client, ring)
    client.set_cookie("session", "x" * 22)
    assert ring.id
    with statements() as first:
        answer = tell(client, ring)
    assert "Set-Cookie" not in answer.headers
    assert answer.data == b""
    assert len(first) == 2, first.texts  # the day's salt, and that the mark is there


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "curl/8.5.0",
        "python-requests/2.32",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Macintosh) AppleWebKit/605.1 (KHTML, like Gecko) Version/17 Safari/605.1 Applebot/0.1",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.1; +https://openai.com/gptbot)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/128.0 Safari/537.36",
        "facebookexternalhit/1.1",
        "WhatsApp/2.23",
    ],
)
def test_machines_do_not_count(ring: Listing, client: FlaskClient, agent: str) -> None:
    assert tell(client, ring, agent=agent).status_code == 204
    assert marks() == []


@pytest.mark.parametrize(
    "agent",
    [
        PHONE,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
        "Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 [FBAN/EMA;FBAV/400]",
    ],
)
def test_browsers_in_a_hand_do(ring: Listing, client: FlaskClient, agent: str) -> None:
    tell(client, ring, agent=agent)
    assert len(marks()) == 1


def test_what_a_browser_fetches_ahead_was_not_looked_at(ring: Listing, client: FlaskClient) -> None:
    tell(client, ring, headers={"Sec-Purpose": "prefetch;prerender"})
    assert marks() == []


def test_another_site_cannot_make_its_visitors_count(ring: Listing, client: FlaskClient) -> None:
    assert tell(client, ring, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert tell(client, ring, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert marks() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"deed": "view"},
        {"deed": "view", "listing": "x"},
        {"deed": "view", "listing": "-1"},
        {"deed": "view", "listing": "٣"},
        {"deed": "view", "listing": "9" * 18},
        {"deed": "view", "listing": "9" * 19},
        {"deed": "bag", "listing": "1"},
        {"deed": "buy", "listing": "1"},
        {"deed": "view", "listing": "1", "more": "x" * 400},
        {"deed": "view\0", "listing": "1\0", "country": "\0"},
    ],
)
def test_nonsense_is_taken_in_silence(app: Flask, client: FlaskClient, body: dict[str, str]) -> None:
    ListingFactory()
    answer = client.post("/seen", data=body, headers={"User-Agent": PHONE})
    assert (answer.status_code, marks()) == (204, [])


def test_what_the_public_does_not_see_is_not_counted(app: Flask, client: FlaskClient) -> None:
    tell(client, ListingFactory(live=False))
    tell(client, ListingFactory(state=ListingState.PAUSED))
    assert marks() == []


@pytest.mark.parametrize(
    ("fields", "language", "country"),
    [
        ({"country": "NL"}, "en-AU", "NL"),
        ({"market": "id"}, "en-AU", "ID"),
        ({"market": "au"}, "de", "AU"),
        ({"country": "ZZ"}, "en-GB,en;q=0.9", "GB"),
        ({}, "de,en-US;q=0.5", "US"),
        ({}, "zh-Hant-HK", "HK"),
        ({}, "en", ""),
        ({"market": "nowhere"}, "x" * 500, ""),
    ],
)
def test_the_country_is_where_the_piece_would_go(
    ring: Listing, client: FlaskClient, fields: dict[str, str], language: str, country: str
) -> None:
    tell(client, ring, headers={"Accept-Language": language}, **fields)
    assert marks() == [(ring.id, "view", country)]


def test_the_bag_is_counted_where_it_is_filled(app: Flask, new_client: Callable[[], FlaskClient]) -> None:
    open_shop()
    ring = ListingFactory()
    body = {"variant_id": variants_of(ring)[0].id, "quantity": 1, "listing_id": ring.id}
    buyer, member, machine = new_client(), new_client(), new_client()
    user = UserFactory()
    MemberFactory(workshop_id=ring.workshop_id, user_id=user.id)
    sign_in(member, user)
    for browser, agent in ((buyer, PHONE), (buyer, PHONE), (member, PHONE), (machine, "curl/8")):
        assert browser.post("/au/cart/lines", data=body, headers={"User-Agent": agent}).status_code == 303
    assert marks() == [(ring.id, "bag", "AU")]
    assert buyer.post("/cart/lines", data={**body, "quantity": 0}, headers={"User-Agent": PHONE}).status_code == 422
    assert len(marks()) == 1


def test_days_are_those_of_bali(ring: Listing, client: FlaskClient, stopped_clock: clock.Hands) -> None:
    stopped_clock.forward(hours=(24 - clock.local(clock.now()).hour) % 24)
    tell(client, ring)
    stopped_clock.forward(hours=-2)
    tell(client, ring)
    assert len(marks()) == 2

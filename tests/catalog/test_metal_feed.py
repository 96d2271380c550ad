"""The feed of metal rates: asked over real HTTP, and believed only within bounds (docs/metal-rates.md)."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Config, ConfigError
from marketplace.catalog import metals
from marketplace.catalog.feed import asking, fetching
from marketplace.catalog.feed.asking import ask
from marketplace.catalog.feed.fetching import FeedTrouble, fetch, is_public
from marketplace.catalog.models import MetalFeed, MetalRate
from marketplace.core import clock
from marketplace.core.db import db
from tests.factories.catalog import MetalRateFactory


class Dealer:
    """A dealer's server on this machine: says what it is told to, and remembers who asked."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 200, {"Content-Type": "application/json"}, b""
        self.asked: list[dict[str, str]] = []
        dealer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                dealer.asked.append({"path": self.path, **{name.lower(): text for name, text in self.headers.items()}})
                self.send_response(dealer.status)
                for name, text in dealer.headers.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(dealer.body)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/rates?of=today"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def says(self, *rates: dict[str, Any]) -> None:
        self.body = json.dumps({"rates": list(rates)}).encode()


@pytest.fixture
def dealer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dealer]:
    dealer = Dealer()
    monkeypatch.setitem(app.config, "SHOP", dataclasses.replace(app.config["SHOP"], metal_rate_url=dealer.address))
    yield dealer
    dealer.server.shutdown()
    dealer.server.server_close()


def quote(idr: Any = 46_000, metal: str = "silver", hours_ago: float = 0.1) -> dict[str, Any]:
    quoted_at = clock.now() - timedelta(hours=hours_ago)
    return {"metal": metal, "idr_per_gram": idr, "quoted_at": quoted_at.isoformat()}


def problem() -> str:
    db.session.rollback()
    return db.session.scalars(sa.select(MetalFeed.problem)).one()


def silver() -> int | None:
    db.session.rollback()
    rate = metals.current().get("silver")
    return rate.idr_per_gram if rate else None


def test_a_good_answer_is_the_rate_of_the_day(dealer: Dealer) -> None:
    MetalRateFactory(quoted_at=clock.now() - timedelta(days=1))
    dealer.says(quote("46000.50"), quote(2_150_000, "gold"), quote(1, "mithril"))
    assert ask() == 2
    assert silver() == 46_001
    row = db.session.scalars(sa.select(MetalRate).where(MetalRate.metal == "gold")).one()
    assert (row.source, row.entered_by) == ("127.0.0.1", None)
    assert problem() == ""
    assert dealer.asked[0]["path"] == "/rates?of=today"
    assert "cookie" not in dealer.asked[0]


def test_it_is_asked_once_an_hour_and_the_same_quotation_is_nothing_new(
    dealer: Dealer, stopped_clock: clock.Hands
) -> None:
    dealer.says(quote())
    assert [ask(), ask()] == [1, 0]
    assert len(dealer.asked) == 1
    stopped_clock.forward(minutes=61)
    assert ask() == 0
    assert len(dealer.asked) == 2
    assert problem() == ""


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda: [quote(0)], "absurd"),
        (lambda: [quote(-45_000)], "absurd"),
        (lambda: [quote("1e30")], "absurd"),
        (lambda: [quote(70_000)], "jump"),
        (lambda: [quote(20_000)], "jump"),
        (lambda: [quote(hours_ago=100)], "stale"),
        (lambda: [quote(hours_ago=-5)], "future"),
        (lambda: [quote("many")], "unreadable"),
        (lambda: [quote("NaN")], "unreadable"),
        (lambda: [quote(True)], "unreadable"),
        (lambda: [quote(None)], "unreadable"),
        (lambda: [{**quote(), "quoted_at": "2026-11-24T08:00:00"}], "unreadable"),
        (list, "unreadable"),
        (lambda: [quote(2_000_000, "gold"), quote(90_000)], "jump"),
    ],
)
def test_an_absurd_answer_is_refused_whole_and_told(dealer: Dealer, answer: Any, code: str) -> None:
    MetalRateFactory(quoted_at=clock.now() - timedelta(days=1))
    dealer.says(*answer())
    assert ask() == 0
    assert problem() == code
    assert silver() == 45_000
    assert "gold" not in metals.current()


@pytest.mark.parametrize(
    ("status", "headers", "body", "code"),
    [
        (302, {"Location": "http://127.0.0.1:1/"}, b"", "redirect"),
        (500, {}, b"", "status"),
        (200, {}, b"<html>", "unreadable"),
        (200, {}, b"[" * 30_000, "unreadable"),
        (200, {}, b" " * 200_000, "too_large"),
        (200, {}, b'{"rates": 5}', "unreadable"),
        (200, {}, '{"rates": "\ud800"}'.encode("utf-8", "surrogatepass"), "unreadable"),
    ],
)
def test_no_answer_is_trusted_for_its_form(
    dealer: Dealer, status: int, headers: dict[str, str], body: bytes, code: str
) -> None:
    dealer.status, dealer.headers, dealer.body = status, headers, body
    assert ask() == 0
    assert problem() == code
    assert silver() is None
    assert len(dealer.asked) == 1


def test_a_dealer_who_is_away_costs_nothing(dealer: Dealer) -> None:
    dealer.server.shutdown()
    dealer.server.server_close()
    assert ask() == 0
    assert problem() == "unreachable"


def test_a_slow_trickle_ends_in_time(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "ALL_SECONDS", -1.0)
    dealer.says(quote())
    assert ask() == 0
    assert problem() == "unreachable"


def test_without_an_address_nobody_is_asked(app: Flask) -> None:
    assert ask() == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MetalFeed)) == 0


def test_an_admins_newer_rate_is_not_overwritten(dealer: Dealer) -> None:
    dealer.says(quote(hours_ago=2))
    MetalRateFactory(idr_per_gram=45_500)
    assert ask() == 0
    assert silver() == 45_500
    assert problem() == ""


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.0.0.7",
            "192.168.1.1",
            "172.16.3.4",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *(
            "::1",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "ff02::1",
        ),
    ],
)
def test_no_private_address_is_public(address: str) -> None:
    assert not is_public(address)


def test_a_name_that_leads_home_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One private address among public ones is enough: the second answer may be the one that is used."""
    found = [(2, 1, 6, "", (ip, 443)) for ip in ("93.184.216.34", "10.0.0.7")]
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_args, **_more: found)
    with pytest.raises(FeedTrouble, match="private"):
        fetch("https://rates.example/today", may_be_here=True)


def test_the_name_is_resolved_once_and_the_connection_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers otherwise a moment later leads nowhere else."""
    resolved: list[str] = []
    connected: list[tuple[str, int]] = []

    def resolve(host: str, port: int, *_args: Any, **_more: Any) -> list[Any]:
        resolved.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host if host[0].isdigit() else "93.184.216.34", port))]

    def connect(address: tuple[str, int], *_args: Any, **_more: Any) -> socket.socket:
        connected.append(address)
        raise OSError("no network in tests")

    monkeypatch.setattr(fetching.socket, "getaddrinfo", resolve)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(FeedTrouble, match="unreachable"):
        fetch("https://rates.example/today", may_be_here=False)
    assert resolved == ["rates.example"]
    assert connected == [("93.184.216.34", 443)]


@pytest.mark.parametrize("address", ["http://rates.example/", "ftp://rates.example/", "http://127.0.0.1:9/"])
def test_nothing_but_https_is_asked_in_production(address: str) -> None:
    with pytest.raises(FeedTrouble):
        fetch(address, may_be_here=False)


@pytest.mark.parametrize(
    ("settings", "may_run"),
    [
        ({"metal_rate_url": "https://rates.example/today"}, True),
        ({"metal_rate_url": "http://127.0.0.1:8000/"}, True),
        ({"metal_rate_url": "http://rates.example/today"}, False),
        ({"metal_rate_url": "https://me:secret@rates.example/"}, False),
        ({"metal_rate_url": "http://127.0.0.1:8000/", "app_env": "production"}, False),
        ({"metal_rate_max_age_hours": 0}, False),
    ],
)
def test_which_addresses_the_settings_may_name(settings: dict[str, Any], may_run: bool) -> None:
    facts = {"app_env": "development", "secret_key": "s" * 40, "site_url": "https://perakceluk.example", **settings}
    config = Config(**facts)
    if may_run:
        config.check()
        return
    with pytest.raises(ConfigError, match="METAL_RATE"):
        config.check()


def test_the_feed_is_among_what_the_worker_sweeps(app: Flask) -> None:
    from marketplace.core.tasks import sweep

    assert asking.ask() == 0
    assert {"metal_feed", "metal_rates.told"} <= set(sweep())

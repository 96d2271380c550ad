"""Slow and hostile connections, and a killed server: the shop as a process (security.md 14, 17)."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import sqlalchemy as sa

from tests.checkout.browser import MAYA, fields
from tests.conftest import TEST_DATABASE_URL

from .conftest import LiveShop, start_shop, stop_shop

pytestmark = pytest.mark.browser

HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
SLOW_BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 90000\r\n\r\nemail="
)
RAW = (
    b"GET /\xff\xfe?q=\xff HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    b"GET /id/search?q=%ff%00\xed\xa0 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session=\xff\r\nConnection: close\r\n\r\n",
    b"GET /c/" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    b"GET /../../config.py HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=\xff-\r\nIf-None-Match: \xff\r\nConnection: close\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
    b"BREW / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\r\n\r\n\r\n",
)


def _open(live: LiveShop, text: bytes) -> socket.socket:
    parts = urlsplit(live.url)
    one = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10)
    one.sendall(text)
    return one


def test_half_open_requests_block_nobody(live: LiveShop) -> None:
    """60 that never finish their head and 20 that drip their body; visitors of every kind are served meanwhile."""
    place = urlsplit(live.url).netloc.encode()
    held = [_open(live, HALF) for _ in range(60)] + [_open(live, SLOW_BODY % (place, place)) for _ in range(20)]
    try:
        for _ in range(4):
            for one in held:
                one.sendall(b"a")
            for page in ("/", "/id/", "/cart", "/sign-in", "/healthz"):
                began = time.perf_counter()
                with urllib.request.urlopen(live.url + page, timeout=5) as answer:
                    assert answer.status == 200
                assert time.perf_counter() - began < 2, page
            time.sleep(0.3)
    finally:
        for one in held:
            one.close()


def test_what_is_no_http_is_no_error_of_ours(live: LiveShop) -> None:
    for text in RAW:
        with _open(live, text) as one:
            one.settimeout(5)
            try:
                one.shutdown(socket.SHUT_WR)
                answer = one.recv(4000)
            except OSError:  # hung up on at once, which is an answer too
                answer = b""
        assert b" 50" not in answer[:15], (text[:80], answer[:80])
        assert b"Traceback" not in answer
    with urllib.request.urlopen(f"{live.url}/", timeout=5) as page:
        assert page.status == 200


@contextmanager
def _copy_of(live: LiveShop, folder: Path) -> Iterator[Path]:
    """The shop's rows as they are now, for a shop of one's own that may be killed."""
    with sqlite3.connect(live.instance / "shop.db") as before, sqlite3.connect(folder / "shop.db") as copy:
        before.backup(copy)
    yield folder


def _kill(shop: LiveShop) -> None:
    """kill -9 for the shop and all its processes, the youngest too."""
    pids, found = {shop.process.pid}, True
    while found:
        found = False
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, parent = int(path.parent.name), int(path.read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent in pids and pid not in pids:
                pids.add(pid)
                found = True
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    shop.process.wait(timeout=10)


def _buy(shop: LiveShop, variant: int, placed: list[str]) -> None:
    """From the bag to the processor's door, again and again until the shop is gone."""
    headers = {"Origin": shop.url}
    try:
        while True:
            person = requests.Session()
            person.headers.update(headers)
            person.post(f"{shop.url}/au/cart/lines", data={"variant_id": variant, "quantity": 1}, timeout=20)
            sent = fields(person.get(f"{shop.url}/au/checkout", timeout=20).text)
            answer = person.post(
                f"{shop.url}/au/checkout/order", data={**sent, **MAYA}, timeout=20, allow_redirects=False
            )
            if answer.status_code == 303:
                placed.append(answer.headers["Location"])
            else:
                return
    except requests.RequestException:
        return


@pytest.mark.skipif(bool(TEST_DATABASE_URL), reason="the copy is a file")
def test_kill_9_during_checkouts_leaves_nothing_half(live: LiveShop, tmp_path: Path) -> None:
    with _copy_of(live, tmp_path) as folder:
        shop = start_shop(folder)
        with shop.database() as rows:
            stock = dict(
                rows.execute(
                    sa.text(
                        "select v.id, v.stock from variants v join placements p on p.listing_id = v.listing_id"
                        " where v.stock >= 3 order by v.id"
                    )
                ).all()
            )
            held = _held(rows)
        placed: list[str] = []
        buyers = [threading.Thread(target=_buy, args=(shop, variant, placed)) for variant in list(stock)[:12]]
        for buyer in buyers:
            buyer.start()
        deadline = time.time() + 20
        while len(placed) < 6 and time.time() < deadline:
            time.sleep(0.05)
        _kill(shop)
        for buyer in buyers:
            buyer.join(timeout=30)
        assert len(placed) >= 6
        again = start_shop(folder)
        try:
            again.flask("sweep")
            with again.database() as rows:
                _agrees(rows, stock, held, placed)
            with urllib.request.urlopen(f"{again.url}/", timeout=5) as page:
                assert page.status == 200
        finally:
            stop_shop(again)


def _held(rows: sa.Connection) -> dict[int, int]:
    """Pieces in orders that have not given them back, by variant."""
    query = (
        "select l.variant_id, sum(l.quantity) from lines l join seller_orders s on s.id = l.seller_order_id"
        " join orders o on o.id = s.order_id where o.stock_returned_at is null group by l.variant_id"
    )
    return {variant: int(count) for variant, count in rows.execute(sa.text(query)).all()}


def _agrees(rows: sa.Connection, stock: dict[int, int], held: dict[int, int], placed: list[str]) -> None:
    """Every piece is in stock or in one order; every order is whole; none that was answered is lost."""
    now = _held(rows)
    for variant, left in rows.execute(sa.text("select id, stock from variants")).all():
        if variant in stock:
            assert left + now.get(variant, 0) == stock[variant] + held.get(variant, 0), variant
    for missing in (
        "select id from orders o where not exists (select 1 from seller_orders s where s.order_id = o.id)",
        "select id from seller_orders s where not exists (select 1 from lines l where l.seller_order_id = s.id)",
        "select id from orders o where not exists (select 1 from payment_attempts a where a.order_id = o.id)",
    ):
        assert rows.execute(sa.text(missing)).all() == [], missing
    for location in placed:
        external = location.rstrip("/").rpartition("/")[2]
        count = rows.execute(
            sa.text("select count(*) from payment_attempts where external_id = :id"), {"id": external}
        ).scalar_one()
        assert count == 1, location

"""The database is locked or gone for a while: requests wait or say when to come back, and all is well after (15)."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core.db import db
from tests.conftest import TEST_DATABASE_URL
from tests.factories.orders import open_shop, piece

PAGES = ("/", "/id/", "/sign-in", "/cart", "/readyz")


@contextmanager
def held_write_lock() -> Iterator[sqlite3.Connection]:
    """Another process writes, and does not come to an end."""
    other = sqlite3.connect(db.engine.url.database or "", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        if other.in_transaction:
            other.execute("ROLLBACK")
        other.close()


def _buy(client: FlaskClient, variant: int) -> Any:
    return client.post("/cart/lines", data={"variant_id": str(variant), "quantity": "1"})


@pytest.mark.skipif(bool(TEST_DATABASE_URL), reason="one writer at a time is SQLite's way")
def test_writers_wait_for_a_held_lock_and_readers_do_not(app: Flask, client: FlaskClient) -> None:
    open_shop()
    variant = piece()
    client.get("/")
    with held_write_lock() as other:
        for page in PAGES:
            began = time.perf_counter()
            assert client.get(page).status_code == 200, page
            assert time.perf_counter() - began < 1.5, page
        threading.Timer(1.5, other.execute, ("ROLLBACK",)).start()
        began = time.perf_counter()
        assert _buy(client, variant).status_code == 303
        assert time.perf_counter() - began > 1.0, "it waited"
    assert "Granulated Dome Ring" in client.get("/cart").text


@pytest.mark.skipif(bool(TEST_DATABASE_URL), reason="one writer at a time is SQLite's way")
def test_a_lock_that_outlasts_our_patience_is_a_503_that_says_when(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop()
    variant = piece()

    def impatient(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("PRAGMA busy_timeout=200")

    db.session.remove()
    sa.event.listen(db.engine, "checkout", impatient)
    try:
        with held_write_lock():
            answer = _buy(client, variant)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) <= 30
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert "<h1" in answer.text
            assert client.get("/").status_code == 200
        assert _buy(client, variant).status_code == 303, "it recovers by itself"
    finally:
        sa.event.remove(db.engine, "checkout", impatient)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.postgres
@pytest.mark.skipif(not TEST_DATABASE_URL, reason="needs PostgreSQL")
def test_connections_that_were_cut_are_no_error(app: Flask, client: FlaskClient) -> None:
    """As after a restart of the database: every connection of the pool is dead."""
    open_shop()
    variant = piece()
    for _ in range(3):
        db.session.rollback()
        _cut_all(app)
        codes = [client.get(page).status_code for page in PAGES]
        codes.append(_buy(client, variant).status_code)
        assert set(codes) <= {200, 303, 503}, codes
        assert client.get("/").status_code == 200, "it recovers by itself"
        assert _buy(client, variant).status_code == 303


def _cut_all(app: Flask) -> None:
    engine = sa.create_engine(app.config["SQLALCHEMY_DATABASE_URI"], isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        admin.execute(
            sa.text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    engine.dispose()

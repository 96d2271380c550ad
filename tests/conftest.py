"""One migrated database per test process (a template that is copied), emptied for each test."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from hypothesis import settings

from config import ROOT, Config
from marketplace import create_app
from marketplace.core import clock
from marketplace.core.db import Base, db

TEST_DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "")
SITE = "http://127.0.0.1:5000"
settings.register_profile("calm", deadline=None)  # how fast something is belongs into a benchmark
settings.load_profile("calm")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Every test for itself, but all stories in one process: they share one live shop, one browser and one sale.

    The mark `xdist_group` is not enough: from pytest 9.1 on its name no longer reaches the scheduler.
    """
    from xdist.scheduler import LoadScopeScheduling

    class OneLiveShop(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "stories" if nodeid.startswith("tests/stories/") else nodeid

    return OneLiveShop(config, log)


def migrate(url: str) -> None:
    from alembic import command
    from alembic.config import Config as AlembicConfig

    engine = sa.create_engine(url)
    with engine.begin() as connection:
        settings = AlembicConfig(str(ROOT / "migrations" / "alembic.ini"))
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    engine.dispose()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """A migrated, empty database of this process: a file, or a PostgreSQL database beside TEST_DATABASE_URL's."""
    if not TEST_DATABASE_URL:
        path = tmp_path_factory.mktemp("db") / "shop.db"
        migrate(f"sqlite:///{path}")
        yield f"sqlite:///{path}"
        return
    given = urlsplit(_driver(TEST_DATABASE_URL))
    name = given.path.lstrip("/")
    assert name.endswith("_test"), "TEST_DATABASE_URL must name a database that ends in _test"
    mine = f"{name.removesuffix('_test')}_{worker_id}_test"
    admin = sa.create_engine(given._replace(path="/postgres").geturl(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'drop database if exists "{mine}" with (force)'))
        connection.execute(sa.text(f'create database "{mine}"'))
    url = given._replace(path=f"/{mine}").geturl()
    migrate(url)
    yield url
    with admin.connect() as connection:
        connection.execute(sa.text(f'drop database if exists "{mine}" with (force)'))


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def instance_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("instance")


@pytest.fixture(scope="session")
def shop_config(database_url: str, instance_dir: Path) -> Config:
    return Config(
        app_env="testing",
        secret_key="a-secret-of-the-tests-that-is-long-enough",
        site_url=SITE,
        instance_dir=instance_dir,
        database_url=database_url,
        media_url=f"file://{instance_dir}/media",
        mail_url=f"file://{instance_dir}/mail",
    )


@pytest.fixture(scope="session")
def shop(shop_config: Config) -> Flask:
    return create_app(shop_config)


def _empty(app: Flask) -> None:
    """Delete every row: quicker than a new database, and honest about commits (nothing is rolled back)."""
    with app.app_context(), db.engine.connect().execution_options(immediate=True) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            guards = _open_the_books(connection)
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            for name in _full_text_tables(connection):
                connection.execute(sa.text(f"delete from {name}"))
            for guard in guards:
                connection.exec_driver_sql(guard)
        else:
            # Quicker than TRUNCATE, which makes every table's file anew; the keys between tables sleep meanwhile.
            deletes = "; ".join(f'delete from "{table.name}"' for table in Base.metadata.sorted_tables)
            connection.exec_driver_sql(f"set local session_replication_role = replica; {deletes}")
        connection.commit()


def _open_the_books(connection: sa.Connection) -> list[str]:
    """What is booked can be neither changed nor deleted, until its triggers go; the statements that bring them back."""
    if not connection.scalar(sa.text("select exists (select 1 from ledger_txns)")):
        return []
    query = "select name, sql from sqlite_master where type = 'trigger' and name like 'books_%'"
    guards = connection.execute(sa.text(query)).all()
    for guard in guards:
        connection.exec_driver_sql(f"drop trigger {guard.name}")
    return [guard.sql for guard in guards]


def _full_text_tables(connection: sa.Connection) -> list[str]:
    query = "select name from sqlite_master where type = 'table' and sql like 'CREATE VIRTUAL TABLE%'"
    return [row[0] for row in connection.execute(sa.text(query))]


@pytest.fixture
def app(shop: Flask) -> Iterator[Flask]:
    """The shop with empty tables, inside an application context."""
    _empty(shop)
    for kept in ("shop_tree", "shop_pieces"):  # what the storefront keeps in the process
        shop.extensions.pop(kept, None)
    for folder in ("media", "mail"):
        shutil.rmtree(Path(shop.instance_path) / folder, ignore_errors=True)
    with shop.app_context():
        yield shop
        db.session.rollback()
        db.session.remove()


class Browser(FlaskClient):
    """A client that names its origin on every unsafe request, as browsers do."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        method = str(kwargs.get("method", "GET")).upper()
        if method not in ("GET", "HEAD", "OPTIONS"):
            headers = dict(kwargs.get("headers") or {})
            headers.setdefault("Origin", SITE)
            kwargs["headers"] = headers
        kwargs.setdefault("base_url", SITE)
        _forget_request()
        try:
            return super().open(*args, **kwargs)
        finally:
            _forget_request()


def _forget_request() -> None:
    """Requests share the application context of the test, and so its `g`: each begins and leaves it empty."""
    if not has_app_context():
        return  # another thread than the test's
    for name in list(g):
        g.pop(name)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.test_client_class = Browser
    return app.test_client()


@pytest.fixture
def new_client(app: Flask) -> Any:
    """A fresh visitor each time it is called."""
    app.test_client_class = Browser
    return app.test_client


@pytest.fixture
def stopped_clock() -> Iterator[clock.Hands]:
    with clock.stopped() as hands:
        yield hands


@pytest.fixture(autouse=True)
def _no_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test opens a socket to anywhere but this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reached for {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


class Statements:
    """Counts the SQL statements of a block, transaction control left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __len__(self) -> int:
        return len(self.texts)

    def _note(self, _c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "PRAGMA", "COMMIT", "ROLLBACK")):
            self.texts.append(statement)

    def __enter__(self) -> Statements:
        sa.event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        sa.event.remove(db.engine, "before_cursor_execute", self._note)


@pytest.fixture
def statements(app: Flask) -> type[Statements]:
    return Statements

"""The tables come and go by the migrations alone, on this run's engine, and are those of the models."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from marketplace.core import migrations
from marketplace.core.db import Base
from tests.conftest import TEST_DATABASE_URL, _driver


@pytest.fixture
def empty_url(tmp_path: Path) -> Iterator[str]:
    if not TEST_DATABASE_URL:
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    given = urlsplit(_driver(TEST_DATABASE_URL))
    name = f"celuk_{uuid.uuid4().hex[:8]}_test"
    admin = sa.create_engine(given._replace(path="/postgres").geturl(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'create database "{name}"'))
    yield given._replace(path=f"/{name}").geturl()
    with admin.connect() as connection:
        connection.execute(sa.text(f'drop database "{name}" with (force)'))


def _tables(url: str) -> set[str]:
    engine = sa.create_engine(url)
    names = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return {name for name in names if not name.startswith("search_fts")}


def test_up_down_and_up_again(empty_url: str) -> None:
    wanted = {*Base.metadata.tables, "alembic_version"}
    assert migrations.current_revision(empty_url) is None
    migrations.upgrade(empty_url)
    assert _tables(empty_url) == wanted
    assert migrations.current_revision(empty_url) == migrations.newest_revision()
    migrations.downgrade(empty_url, "base")
    assert _tables(empty_url) == {"alembic_version"}
    migrations.upgrade(empty_url)
    assert _tables(empty_url) == wanted
    assert not migrations.has_rows(empty_url, "users")


def test_the_models_are_what_was_migrated(empty_url: str) -> None:
    """A column that a model has and no migration makes would only show in production."""
    migrations.upgrade(empty_url)
    engine = sa.create_engine(empty_url)

    def ours(_object: Any, name: str | None, kind: str, *_rest: Any) -> bool:
        return not (kind == "table" and (name or "").startswith("search_fts"))

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": False})
        found = compare_metadata(context, Base.metadata)
    engine.dispose()
    by_hand = ("search_documents",)  # its full-text index is made per engine
    assert [change for change in found if not any(name in str(change) for name in by_hand)] == []

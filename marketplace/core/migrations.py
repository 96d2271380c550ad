"""Alembic, loaded only when a command needs it: the web process carries none of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from config import ROOT


def _run(url: str, act: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    engine = sa.create_engine(url)
    with engine.begin() as connection:
        settings: Any = Config(str(ROOT / "migrations" / "alembic.ini"))
        settings.attributes["connection"] = connection
        getattr(command, act)(settings, revision)
    engine.dispose()


def upgrade(url: str, revision: str = "head") -> None:
    _run(url, "upgrade", revision)


def downgrade(url: str, revision: str) -> None:
    _run(url, "downgrade", revision)


def newest_revision() -> str:
    """The last migration in the folder, found without loading Alembic: the one that no other comes after."""
    import re

    texts = [path.read_text() for path in (ROOT / "migrations" / "versions").glob("*.py")]
    revisions = {m.group(1) for text in texts if (m := re.search(r'^revision = ["\'](.+)["\']', text, re.M))}
    older = {m.group(1) for text in texts if (m := re.search(r'^down_revision = ["\'](.+)["\']', text, re.M))}
    (newest,) = revisions - older
    return newest


def current_revision(url: str) -> str | None:
    """What the database was migrated to, or None when it is new."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            revision: str | None = connection.scalar(sa.text("select version_num from alembic_version"))
            return revision
    finally:
        engine.dispose()


def has_rows(url: str, table: str) -> bool:
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.scalar(sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)) is not None
    finally:
        engine.dispose()

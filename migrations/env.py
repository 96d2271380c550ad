"""Alembic's door: the database is the application's, or the connection that the caller hands over."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from config import Config
from marketplace.core.db import UtcDateTime
from marketplace.tables import Base


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Migrations keep plain types: they must still run when the code has moved on."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.Enum):
        return f"sa.String({item.length})"
    if isinstance(item, sa.BigInteger) and item._variant_mapping:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """What full text needs is made by hand, per engine (marketplace/search): table, column, index, triggers."""
    return not (name or "").startswith(("search_fts", "ix_search_fts"))


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        include_name=include_name,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = sa.create_engine(Config.from_env().database_url)
    with engine.begin() as connection:
        run(connection)

"""The database: column types, the transaction, locked reads. Two engines, one behavior.

SQLite runs in WAL mode; `transaction()` begins IMMEDIATE there, so that two writers queue instead of failing, while
plain reads stay DEFERRED and never wait (payments.md 7). PostgreSQL runs READ COMMITTED with row locks.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from .errors import NotFound

log = logging.getLogger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware moments in and out on both engines; a naive one is a mistake and refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Pk = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]
Minor = Annotated[int, mapped_column(sa.BigInteger())]  # minor units of the currency beside it
Utc = Annotated[datetime, mapped_column(UtcDateTime())]
MaybeUtc = Annotated[datetime | None, mapped_column(UtcDateTime(), nullable=True, default=None)]


def fk(target: str, *, ondelete: str | None = None, **options: Any) -> Any:
    """A column that points at `target` ('workshops.id'): tables are named, classes are not imported."""
    options.setdefault("index", True)
    return mapped_column(BigId, sa.ForeignKey(target, ondelete=ondelete), **options)


def text_enum(kind: type[enum.StrEnum]) -> sa.Enum:
    """An enum kept as its text ('open', not 'OPEN'), so that partial indexes and people can read it."""
    return sa.Enum(
        kind, native_enum=False, length=24, values_callable=lambda members: [member.value for member in members]
    )


db = SQLAlchemy(session_options={"expire_on_commit": False, "autoflush": True})

_OPEN = "in_transaction"
_LATER = "after_commit"


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of truth: all of it is committed at the end of the outermost block, or nothing.

    Nested blocks join the outer one. Reads made before are ended first, so that what is read inside is fresh.
    What was registered with `after_commit` runs once the commit is durable; its failure is logged, never raised,
    because `flask sweep` finds the same work from the rows.
    """
    session = db.session()
    if session.info.get(_OPEN):
        yield session
        return
    session.rollback()
    session.info[_OPEN], session.info[_LATER] = True, []
    try:
        session.connection(execution_options={"immediate": True})
        yield session
        session.commit()
    except BaseException:
        session.info[_LATER] = []
        session.rollback()
        raise
    finally:
        session.info[_OPEN] = False
    for action in session.info.pop(_LATER):
        try:
            action()
        except Exception:
            log.exception("what follows a commit failed; sweep will finish it")


def end_read() -> None:
    """End the open read before something slow is called outside, so that no connection waits with it.

    Raises:
        RuntimeError: a transaction is open; nothing slow belongs inside one.
    """
    session = db.session()
    if session.info.get(_OPEN):
        raise RuntimeError("nothing slow inside a transaction")
    session.rollback()


def after_commit(action: Callable[..., object], *args: Any) -> None:
    """Run `action(*args)` when the running transaction has been committed; at once outside of one."""
    session = db.session()
    if session.info.get(_OPEN):
        session.info[_LATER].append(lambda: action(*args))
    else:
        action(*args)


Row = TypeVar("Row", bound=Base)


def locked(model: type[Row], ident: int, **owner: Any) -> Row:
    """The row as it is now, held until the transaction ends, and only if it belongs to `owner`.

    Raises:
        NotFound: there is no such row, or it is somebody else's.
    """
    if not db.session().info.get(_OPEN):
        raise RuntimeError("locked() needs a transaction()")
    # FOR NO KEY UPDATE: rows that point at this one can be written meanwhile, or two that do would wait for each other.
    query = sa.select(model).filter_by(id=ident, **owner).with_for_update(key_share=True)
    query = query.execution_options(populate_existing=True)
    row = db.session.scalar(query)
    if row is None:
        raise NotFound(model.__name__, ident)
    return row


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def insert_ignore(model: type[Base], **values: Any) -> bool:
    """Insert a row unless one with the same unique key exists; tells whether it was inserted."""
    if is_sqlite():
        from sqlalchemy.dialects import sqlite

        statement: Any = sqlite.insert(model).values(**values).on_conflict_do_nothing()
    else:
        from sqlalchemy.dialects import postgresql

        statement = postgresql.insert(model).values(**values).on_conflict_do_nothing()
    # The row that comes back, not the row count: PostgreSQL's may be -1, which is true.
    return db.session.scalar(statement.returning(sa.literal(1))) is not None


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours: see _begin
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=15000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-16000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)


def _engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 15, "check_same_thread": False}}
    return {
        "pool_pre_ping": True,
        "pool_size": 5,
        "max_overflow": 10,
        "pool_timeout": 10,
        "connect_args": {"connect_timeout": 5, "options": "-c lock_timeout=15000 -c jit=off -c timezone=UTC"},
    }


def init_app(app: Flask, url: str) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(url)
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            _prepare(engine)

"""A transaction is all or nothing, and what follows it runs only when it was kept."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.catalog.models import DataVersion
from marketplace.core.db import after_commit, db, insert_ignore, locked, transaction
from marketplace.core.errors import NotFound


def _numbers() -> dict[str, int]:
    db.session.rollback()
    return dict(db.session.execute(sa.select(DataVersion.scope, DataVersion.number)).all())  # type: ignore[arg-type]


def test_an_error_keeps_nothing_and_runs_nothing_after(app: Flask) -> None:
    ran: list[str] = []
    with pytest.raises(RuntimeError), transaction():
        db.session.add(DataVersion(scope="a", number=1))
        after_commit(ran.append, "after")
        raise RuntimeError
    assert (_numbers(), ran) == ({}, [])


def test_nested_blocks_are_one_transaction(app: Flask) -> None:
    ran: list[str] = []
    with pytest.raises(RuntimeError), transaction():
        with transaction():
            db.session.add(DataVersion(scope="inner", number=1))
            after_commit(ran.append, "inner")
        assert ran == []
        raise RuntimeError
    assert _numbers() == {}


def test_what_follows_a_commit_may_fail_without_undoing_it(app: Flask) -> None:
    with transaction():
        db.session.add(DataVersion(scope="a", number=1))
        after_commit(lambda: 1 / 0)
    assert _numbers() == {"a": 1}


def test_the_same_key_is_inserted_once(app: Flask) -> None:
    with transaction():
        assert insert_ignore(DataVersion, scope="a", number=1)
        assert not insert_ignore(DataVersion, scope="a", number=2)
    assert _numbers() == {"a": 1}


def test_locked_rows_are_read_inside_a_transaction_only(app: Flask) -> None:
    with pytest.raises(RuntimeError):
        locked(DataVersion, 1)


def test_a_row_of_nobody_is_not_found(app: Flask) -> None:
    from marketplace.workshops.models import Workshop

    with pytest.raises(NotFound), transaction():
        locked(Workshop, 404)


@pytest.mark.races
def test_writers_queue_and_no_count_is_lost(app: Flask) -> None:
    """Eight threads read, add one and write, twenty times each, inside transaction()."""
    with transaction():
        db.session.add(DataVersion(scope="count", number=0))

    def count() -> None:
        with app.app_context():
            for _ in range(20):
                with transaction():
                    db.session.execute(
                        sa.update(DataVersion).where(DataVersion.scope == "count").values(number=DataVersion.number + 1)
                    )
            db.session.remove()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _numbers() == {"count": 160}

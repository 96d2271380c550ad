"""What was booked stays as it was booked: the database itself refuses, whoever asks and however."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.db import db, is_sqlite, transaction
from marketplace.payouts.check import check
from tests.factories.orders import open_shop, paid_order, piece

TABLES = {"ledger_txns": "memo = 'other words'", "ledger_entries": "amount = -amount"}
ACTS = {
    "change": "update {table} set {change}",
    "change by key": "update {table} set {change} where id = (select max(id) from {table})",
    "delete": "delete from {table}",
    "delete one": "delete from {table} where id = (select min(id) from {table})",
}


@pytest.fixture(autouse=True)
def _booked(app: Flask) -> None:
    open_shop()
    paid_order((piece(), 1))


def rows() -> list[tuple[object, ...]]:
    db.session.rollback()
    found = []
    for table in TABLES:
        found += [tuple(row) for row in db.session.execute(sa.text(f"select * from {table} order by id"))]
    return found


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("act", ACTS)
def test_nothing_that_was_booked_is_changed_or_deleted(table: str, act: str) -> None:
    before = rows()
    with pytest.raises(sa.exc.DBAPIError, match="written once"), transaction() as session:
        session.execute(sa.text(ACTS[act].format(table=table, change=TABLES[table])))
    assert rows() == before
    assert check() == []


@pytest.mark.parametrize("table", TABLES)
def test_the_books_are_not_emptied(table: str, app: Flask) -> None:
    if is_sqlite():
        pytest.skip("only PostgreSQL can truncate a table")
    before = rows()
    with pytest.raises(sa.exc.DBAPIError, match="written once"), transaction() as session:
        session.execute(sa.text(f"truncate {table} cascade"))
    assert rows() == before


def test_an_order_is_not_deleted_from_under_its_booking() -> None:
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.text("delete from orders"))
    assert check() == []

"""Whatever is changed behind the services' back is found, with its rule and its row; a clean shop has no breach."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app

from marketplace.core.clock import Hands
from marketplace.core.db import db, is_sqlite
from marketplace.core.i18n import speaking
from marketplace.payouts.check import check, rules
from marketplace.payouts.cli import books_group
from tests.conftest import _open_the_books

from .history import History, live
from .quickshop import Furniture
from .spoiled import SPOILED, Spoiled


@pytest.fixture(scope="module")
def history(walking_shop: tuple[Callable[[], Furniture], Hands]) -> History:
    make, hands = walking_shop
    return live(make(), hands)


@contextmanager
def opened() -> Iterator[Callable[[str], None]]:
    """The database lets everything through until the end of the block, and then nothing of it has happened."""
    db.session.remove()
    connection = db.session.connection(execution_options={"immediate": True})
    if is_sqlite():
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        _open_the_books(connection)
    else:
        connection.exec_driver_sql("set local session_replication_role = replica")

    def spoil(statement: str) -> None:
        if not is_sqlite() and statement.startswith("update"):
            _without_checks(connection, statement.split()[1])
        done = connection.execute(sa.text(statement))
        assert done.rowcount or statement.startswith("drop"), f"nothing was spoiled by {statement}"

    try:
        yield spoil
    finally:
        db.session.rollback()
        if is_sqlite():
            db.session.connection().exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
            db.session.rollback()


def _without_checks(connection: sa.Connection, table: str) -> None:
    """PostgreSQL has no switch for them."""
    query = "select conname from pg_constraint where contype = 'c' and conrelid = cast(:table as regclass)"
    for name in connection.scalars(sa.text(query), {"table": table}).all():
        connection.execute(sa.text(f"alter table {table} drop constraint {name}"))


@pytest.fixture
def names(history: History) -> dict[str, Any]:
    """What the statements and subjects are filled with."""

    def one(statement: str) -> Any:
        return db.session.scalars(sa.text(statement)).one()

    number = "select o.public_no from orders o join {} on x.order_id = o.id where x.id = {}"
    found: dict[str, Any] = {name: getattr(history, name) for name in History.__dataclass_fields__}
    for name in ("earned", "held", "canceled"):
        found[f"{name}_order"] = one(number.format("seller_orders x", found[name]))
    found["unpaid_order"] = one(number.format("payment_attempts x", history.unpaid))
    found["held_line"] = one(f"select id from lines where seller_order_id = {history.held}")
    found["draft_line"] = one(f"select min(id) from payout_lines where payout_id = {history.draft}")
    found["variant"] = one(f"select variant_id from lines where seller_order_id = {history.held}")
    found["other"] = one(f"select workshop_id from seller_orders where id = {history.held}")
    found["true"] = "1" if is_sqlite() else "true"
    db.session.rollback()
    return found


def test_a_shop_that_lived_through_everything_has_no_breach(history: History) -> None:
    assert check() == []
    kinds = set(db.session.scalars(sa.text("select distinct kind from ledger_txns")))
    wanted = {"charge", "earn", "refund", "refund-sent", "refund-failed", "refund-returned"}
    assert wanted | {"payout", "payout-returned", "dispute-withdrawn", "dispute-fee"} <= kinds


@pytest.mark.parametrize("case", SPOILED, ids=[case.what for case in SPOILED])
def test_what_is_spoiled_is_found(names: dict[str, Any], case: Spoiled) -> None:
    with opened() as spoil:
        for statement in case.statements:
            spoil(statement.format(**names))
        found = check()
    assert {breach.rule for breach in found} >= case.rules, found
    assert case.subject.format(**names) in {breach.subject for breach in found if breach.rule in case.rules}, found
    assert check() == []


def test_every_rule_is_broken_by_something() -> None:
    """A rule that nothing can break proves nothing."""
    assert {code for code, _words in rules()} == frozenset().union(*(case.rules for case in SPOILED))


def test_a_breach_is_told_in_the_readers_money(names: dict[str, Any]) -> None:
    with opened() as spoil:
        spoil("update payouts set amount = amount + 1000000 where id = {paid}".format(**names))
        (first, *_rest) = [breach for breach in check() if breach.rule == "payouts"]
        with speaking("id"):
            (again, *_rest) = [breach for breach in check() if breach.rule == "payouts"]
    assert first.subject == again.subject == f"payout:{names['paid']}"
    assert "Rp\u00a0" in first.text


def test_the_command_says_yes_with_0_and_no_with_1(names: dict[str, Any]) -> None:
    run = current_app.test_cli_runner().invoke
    assert run(books_group, ["check"]).exit_code == 0
    told = json.loads(run(books_group, ["check", "--json"]).output)
    assert (told["balanced"], told["breaches"]) == (True, [])
    assert told["rules"] == [code for code, _words in rules()]
    assert told["entries"] > 50
    balances = run(books_group, ["balances"]).output
    assert "buyer_funds" in balances
    assert "Rp" in balances
    with opened() as spoil:
        spoil("update orders set total_amount = total_amount + 1 where public_no = '{held_order}'".format(**names))
        answer = run(books_group, ["check", "--json"])
        words = run(books_group, ["check"])
    assert (answer.exit_code, words.exit_code) == (1, 1)
    (breach,) = json.loads(answer.output)["breaches"][:1]
    assert (breach["rule"], breach["subject"]) == ("orders", f"order:{names['held_order']}")
    assert "BROKEN" in words.output


def test_what_the_processor_sees_otherwise_is_not_balanced_either(history: History) -> None:
    columns = "key, kind, processor, subject, amount, currency, facts, found_at, seen_at, note"
    row = "'k', 'missing_charge', 'demo', 'ch_unknown', 6200, 'USD', '{}', current_timestamp, current_timestamp, ''"
    with opened() as spoil:
        spoil(f"insert into differences ({columns}) values ({row})")
        answer = current_app.test_cli_runner().invoke(books_group, ["check", "--json"])
    told = json.loads(answer.output)
    assert (answer.exit_code, told["balanced"], told["breaches"]) == (1, False, [])
    assert told["differences"] == [{"kind": "missing_charge", "processor": "demo", "subject": "ch_unknown"}]

"""`flask books`: the proof that all money is accounted for, and what lies on each account."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from flask.cli import AppGroup

from marketplace.core.i18n import money
from marketplace.ledger import queries as ledger
from marketplace.payments.queries.differences import open_differences

from .check import Breach, check, rules

books_group = AppGroup("books", help="The double-entry books.")


@books_group.command("check")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def check_books(as_json: bool) -> None:
    """Compare what was booked with orders, payments, refunds, payouts and stock, and with the processors' own lists.

    The lists are those of the last reconciliation (`payments reconcile`). Exit 0: all of it fits, 1: not.
    """
    breaches, differences = check(), open_differences()
    if as_json:
        facts = {
            "balanced": not breaches and not differences,
            "entries": ledger.entry_count(),
            "rules": [code for code, _words in rules()],
            "breaches": [asdict(breach) for breach in breaches],
            "differences": [
                {"kind": row.kind.value, "processor": row.processor, "subject": row.subject} for row in differences
            ],
        }
        click.echo(json.dumps(facts, indent=2))
    else:
        _tell(breaches)
        for row in differences:
            click.echo(f"BROKEN {row.processor}, {row.subject}: {row.title}")
    if breaches or differences:
        raise SystemExit(1)


def _tell(breaches: list[Breach]) -> None:
    broken = {breach.rule for breach in breaches}
    for code, words in rules():
        click.echo(f"{'BROKEN' if code in broken else 'ok':<7}{words}")
        for breach in breaches:
            if breach.rule == code:
                click.echo(f"         {breach.subject}: {breach.text}")


@books_group.command("balances")
def show_balances() -> None:
    """What lies on each account, a debit without and a credit with a minus."""
    for line in ledger.balances():
        click.echo(f"{line.account:<24}{line.amount.currency:<5}{money(line.amount):>24}")

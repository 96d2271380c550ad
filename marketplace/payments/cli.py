"""`flask payments …`: what a person or cron asks for by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup, with_appcontext

from marketplace.core import clock

from . import services
from .queries.disputes import charge_of_order


@click.command("reconcile")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The day to begin with, in Bali; at most 30 days ago.")
@with_appcontext
def reconcile(since: datetime | None) -> None:
    """Ask about what nobody told, and compare the books with each processor's own list.

    Prints what each step finished; for the comparison, how much differs. Exits with 1 when a step failed.
    """
    begin = since.replace(tzinfo=clock.BALI).astimezone(UTC) if since is not None else None
    done = services.reconcile(begin)
    for name, count in done.items():
        click.echo(f"{name:<16} {'failed' if count < 0 else count}")
    if any(count < 0 for count in done.values()):
        raise SystemExit(1)


@click.command("demo-dispute")
@click.argument("number")
@click.option("--inquiry", "kind", flag_value="inquiry", help="The bank only asks; no money moves.")
@click.option("--won", "kind", flag_value="won", help="The shop wins it at once.")
@click.option("--lost", "kind", flag_value="lost", help="The shop loses it at once.")
@with_appcontext
def demo_dispute(number: str, kind: str | None) -> None:
    """Let the buyer's bank dispute a paid order of the demo shop."""
    from .processors.demo import disputes

    charge_id = charge_of_order(number, "demo")
    if charge_id is None:
        raise click.ClickException(f"No order {number} was paid at the demo processor.")
    name = disputes.open_dispute(charge_id, inquiry=kind == "inquiry")
    if kind in ("won", "lost"):
        disputes.decide(name, won=kind == "won")
    click.echo(name)


def group(*, with_demo: bool) -> AppGroup:
    """The demo's command exists only with the demo processor."""
    commands = AppGroup("payments", help="Compare with processors; in the demo shop, play the buyer's bank.")
    commands.add_command(reconcile)
    if with_demo:
        commands.add_command(demo_dispute)
    return commands

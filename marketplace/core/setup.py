"""The commands of the house itself: migrate, sweep, and what a new database needs."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from . import error_pages, migrations, tasks

db_group = AppGroup("db", help="The database's tables.")


@db_group.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the tables up to REVISION."""
    migrations.upgrade(current_app.config["SHOP"].database_url, revision)


@db_group.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the tables down to REVISION ('base' for none)."""
    migrations.downgrade(current_app.config["SHOP"].database_url, revision)


@click.command("sweep")
def sweep() -> None:
    """Do once all that the worker and its timers would do. Safe at any time, and twice at once."""
    done = tasks.sweep()
    for name, count in done.items():
        click.echo(f"{name}: {'failed, see the log' if count < 0 else count}")
    if any(count < 0 for count in done.values()):
        raise SystemExit(1)


def init_app(app: Flask) -> None:
    error_pages.init_app(app)
    app.cli.add_command(db_group)
    app.cli.add_command(sweep)

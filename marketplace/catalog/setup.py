"""What the catalog hangs into the app: its sweepers and its command."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from . import changes  # noqa: F401 (registers the fold with the sweep)
from .feed import asking  # noqa: F401 (registers the feed of metal rates with the sweep)
from .services import (
    imports,  # noqa: F401 (registers its jobs and its sweeper)
    metal_news,  # noqa: F401 (registers the mails about a rate)
)

group = AppGroup("catalog", help="Categories and what is public.")


@group.command("load")
def load() -> None:
    """Bring the category tree in step with catalog/data/taxonomy.csv."""
    from .categories import load_taxonomy

    click.echo(f"categories written: {load_taxonomy()}")


@group.command("refresh")
def refresh() -> None:
    """Make everything public anew from the rows (after a restore, or a change of its rules)."""
    import sqlalchemy as sa

    from marketplace.core.db import db

    from . import publication
    from .models import Listing

    ids = list(db.session.scalars(sa.select(Listing.id)))
    publication.refresh(ids)
    click.echo(f"listings refreshed: {len(ids)}")


def init_app(app: Flask) -> None:
    app.cli.add_command(group)

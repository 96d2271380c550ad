"""The area's commands."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from . import services


def init_app(app: Flask) -> None:
    shipping = AppGroup("shipping", help="The rate table of parcels.")

    @shipping.command("load-rates")
    def load_rates() -> None:
        """Bring in the sample zones and rates where there are none."""
        click.echo(f"{services.load_rates()} new rates")

    app.cli.add_command(shipping)

"""`flask seed …`: the reference rows, the demo shop, the synthetic catalog."""

from __future__ import annotations

import time

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from . import demo, reference, synthetic

group = AppGroup("seed", help="Fill the shop.")


@group.command("reference")
def seed_reference() -> None:
    """Categories and postage, which every shop needs; safe to run again."""
    reference.load()
    click.echo("Categories and postage are in step.")


@group.command("demo")
def seed_demo() -> None:
    """Ten workshops, 48 pieces, six sign-ins, weeks of sales. Refused in production."""
    _not_in_production()
    reference.load()
    if demo.is_there():
        click.echo("The demo shop is there already.")
        return
    demo.fill()
    click.echo("The demo shop is filled.")


@group.command("catalogue")
@click.option("--listings", type=click.IntRange(1, 5_000_000), required=True, help="How many to add.")
def seed_catalogue(listings: int) -> None:
    """N synthetic listings over all categories and workshops. Refused in production."""
    _not_in_production()
    reference.load()
    began = time.perf_counter()
    synthetic.fill(listings, click.echo)
    click.echo(f"{listings:,} listings in {time.perf_counter() - began:.0f} s.")


def _not_in_production() -> None:
    if current_app.config["APP_ENV"] == "production":
        raise click.ClickException("The demo shop is never made in production.")


def init_app(app: Flask) -> None:
    app.cli.add_command(group)

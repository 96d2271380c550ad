"""What accounts hang into the app: the command, the sweeper, the addresses of links in mails."""

from __future__ import annotations

from flask import Flask

from marketplace.notifications import links

from . import cli, services, tokens  # noqa: F401 (the sweeper registers itself)


def init_app(app: Flask) -> None:
    app.cli.add_command(cli.admin_group)
    app.jinja_env.globals.update(link_address=tokens.link_address, absolute_address=links.absolute)

"""Photos' own start: a wrong MEDIA_URL stops the boot; the worker's job and the sweep must be known."""

from __future__ import annotations

from flask import Flask

from marketplace.core.storage import make_storage

from . import services


def init_app(app: Flask) -> None:
    make_storage(app.config["SHOP"].media_url)
    app.extensions["media"] = services

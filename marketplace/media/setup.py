"""Photos' own start: the worker's job and the sweep must be known."""

from __future__ import annotations

from flask import Flask

from . import services


def init_app(app: Flask) -> None:
    app.extensions["media"] = services

"""What the search hangs into the app: its sweeper."""

from __future__ import annotations

from flask import Flask

from . import services  # noqa: F401 (registers what forgets old queries)


def init_app(app: Flask) -> None:
    """Nothing more: documents are written by the catalog."""

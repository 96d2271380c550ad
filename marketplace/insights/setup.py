"""What insights hang into the app: the sweeper that folds the marks."""

from __future__ import annotations

from flask import Flask

from . import services  # noqa: F401 (registers what folds the marks)


def init_app(app: Flask) -> None:
    """Nothing more: what is noted comes from the storefront."""

"""What talks hang into the app: the job and the sweeper that measure how soon a workshop answers."""

from __future__ import annotations

from flask import Flask

from .services import pace  # noqa: F401 (the job and the sweeper register themselves)


def init_app(_app: Flask) -> None:
    """Nothing more."""

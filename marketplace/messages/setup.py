"""What talks hang into the app: two words for templates, the job and the sweeper that measure how soon one answers."""

from __future__ import annotations

from flask import Flask

from . import words
from .services import pace  # noqa: F401 (the job and the sweeper register themselves)


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(day_word=words.day_word, pace=words.pace)

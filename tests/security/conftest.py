"""The small shop of world.py, and people who watch what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import Hit
from marketplace.core.db import db

from . import world as worlds

LONGEST = 5.0  # seconds for any answer (security.md 34)
TELLTALES = ("Traceback", "werkzeug", "sqlalchemy", "jinja2.", 'File "', "site-packages")


@pytest.fixture
def world(app: Flask, new_client: Callable[[], FlaskClient]) -> worlds.World:
    made = worlds.build(app, new_client)
    made.learn_forms()
    return made


def look(what: str, ask: Callable[[], Any]) -> Any:
    """The answer, which is in time, no error of ours, and tells nothing of the inside."""
    began = time.perf_counter()
    answer = ask()
    spent = time.perf_counter() - began
    assert answer.status_code < 500, f"{what}: {answer.status_code}"
    assert spent < LONGEST, f"{what}: {spent:.1f} s"
    if answer.mimetype.startswith("text/"):
        assert not any(word in answer.text for word in TELLTALES), what
    return answer


@contextmanager
def unlimited() -> Iterator[None]:
    """Whoever tries often is slowed down: here every try is the first one."""
    db.session.rollback()
    db.session.execute(sa.delete(Hit))
    db.session.commit()
    yield

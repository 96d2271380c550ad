"""Dying: an exception that nothing catches, thrown before and after every commit and every call outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from marketplace.core.db import db

_elsewhere = False


class Killed(BaseException):
    """The process is gone."""


class Boundaries:
    """Counts the steps of a story and dies at the `fatal`-th."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.names = fatal, list[str]()

    def step(self, name: str) -> None:
        if _elsewhere:
            return
        self.names.append(name)
        if len(self.names) == self.fatal:
            raise Killed(name)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any) -> Any:
            self.step(f"before {name}")
            answer = call(*args)
            self.step(f"after {name}")
            return answer

        return wrapped


@contextmanager
def dying(fatal: int, outside: Any, calls: Sequence[str]) -> Iterator[Boundaries]:
    """Inside, every commit and each of these calls of `outside` (one object, or all of a class) is a place to die."""
    boundaries = Boundaries(fatal)
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(Session, "commit", boundaries.around("commit", Session.commit))
        for name in calls:
            patches.setattr(outside, name, boundaries.around(name, getattr(outside, name)))
        yield boundaries


@contextmanager
def elsewhere() -> Iterator[None]:
    """What banks and buyers do in another place does not die with us."""
    global _elsewhere
    _elsewhere = True
    try:
        yield
    finally:
        _elsewhere = False


def start_again() -> None:
    """The dead process's connections are gone; nothing of its memory is left."""
    db.session.remove()
    db.engine.dispose()

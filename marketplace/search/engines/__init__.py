"""Full text, one module per database, one behavior (tests/search runs the same stories on both)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from marketplace.core.db import is_sqlite
from marketplace.search.asked import Term

MOST_HITS = 1000  # one more is fetched, to know that there are more


class Engine(Protocol):
    def match(self, terms: Sequence[Term], *, every: bool = True) -> list[int]:
        """Listings in which all terms (or, with `every` false, any of them) are found, at most MOST_HITS + 1.

        Those found in the title come first, then in the attributes, then in the text; the newest first in each.
        """

    def absent(self, terms: Sequence[Term]) -> list[int]:
        """The positions of the terms that no document holds at all."""


def engine() -> Engine:
    if is_sqlite():
        from . import sqlite

        return cast(Engine, sqlite)
    from . import postgres

    return cast(Engine, postgres)

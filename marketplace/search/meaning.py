"""Queries that mean the same, in either language and in any order of their words, have one key."""

from __future__ import annotations

import re
from functools import lru_cache

from . import asked, synonyms
from .asked import Term

_PLURAL = re.compile(r"(\w{3,})s\b")


@lru_cache(maxsize=20_000)
def key(text: str) -> str:
    """'gelang tridatu' and 'Tridatu bracelets' have the same; '' for a text without a word.

    Twice, because words that were translated one by one may be a name together.
    """
    once = " ".join(_meaning(term) for term in _terms(text))
    return " ".join(sorted({_meaning(term) for term in _terms(once)}))


def _terms(text: str) -> tuple[Term, ...]:
    """As typed, or each word in its shorter number where more of them are a name then: wedding rings."""
    typed, singular = asked.read(text), asked.read(_PLURAL.sub(r"\1", text))
    return singular if len(singular) < len(typed) else typed


def _meaning(term: Term) -> str:
    """The first spelling of its row; of a word that stands in no row the shorter number: ring and rings are one."""
    known = (synonyms.of(spelling) for spelling in term.spellings)
    shortest = min((" ".join(spelling) for spelling in term.spellings), key=len)
    return next((" ".join(row[0]) for row in known if row), shortest)

"""Finding: every word must be there; when that finds nothing, say which word failed and show what is near."""

from __future__ import annotations

from dataclasses import dataclass

from . import asked
from .engines import MOST_HITS, engine


@dataclass(frozen=True, slots=True)
class Found:
    """`ids` of listings, best first. `left_out`: the words that nothing holds; `is_near`: only some words match."""

    ids: list[int]
    left_out: tuple[str, ...] = ()
    is_near: bool = False

    @property
    def is_capped(self) -> bool:
        return len(self.ids) > MOST_HITS

    @property
    def count(self) -> int:
        return min(len(self.ids), MOST_HITS)


def find(text: str) -> Found:
    """At most four statements: all words; which words fail; all others; any of them.

    'Toe ring' is asked as one thing first. When that finds nothing, every word stands for itself.
    """
    terms = asked.read(text)
    if not terms:
        return Found([])
    ids = engine().match(terms)
    single = asked.read(text, joined=False)
    if ids or len(single) == 1:
        return Found(ids)
    return _without_failing(single)


def _without_failing(terms: tuple[asked.Term, ...]) -> Found:
    failing = set(engine().absent(terms))
    kept = [term for at, term in enumerate(terms) if at not in failing]
    left_out = tuple(terms[at].text for at in sorted(failing))
    if not kept:
        return Found([], left_out)
    ids = engine().match(kept) if failing else []
    return Found(ids, left_out) if ids else Found(engine().match(kept, every=False), left_out, is_near=True)

"""The craft's phrase book: the words of a name that are known in the other language, for its maker to take over.

It looks up and never writes: what is not in the table is left to people (domain.md 1.1, 10). The table is that of the
search (search/data/synonyms.csv), which knows how people spell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from marketplace.search import synonyms, words
from marketplace.search.synonyms import LONGEST, Entry, Spelling


@dataclass(frozen=True, slots=True)
class Phrase:
    """`said` as it stands in the text, `word` in the other language."""

    said: str
    word: str


def known_words(text: str, to: str) -> list[Phrase]:
    """What of a text is known in the language `to`, in its order; the longest words first, each once.

    A word with two meanings gives both: its maker knows which one it is.
    """
    found: dict[Phrase, None] = {}
    for said in _spelled(words.words(text)):
        for entry in _by_spelling()[said]:
            word = entry.term_en if to == "en" else entry.term_id
            if tuple(words.words(word)) != said:  # it is that language already
                found[Phrase(" ".join(said), word)] = None
    return list(found)


def _spelled(said: list[str]) -> Iterator[Spelling]:
    at = 0
    while at < len(said):
        longest = next((size for size in range(LONGEST, 0, -1) if tuple(said[at : at + size]) in _by_spelling()), 0)
        if longest:
            yield tuple(said[at : at + longest])
        at += longest or 1


@cache
def _by_spelling() -> Mapping[Spelling, tuple[Entry, ...]]:
    table: dict[Spelling, tuple[Entry, ...]] = {}
    for entry in synonyms.entries():
        for spelling in entry.spellings:
            table[spelling] = (*table.get(spelling, ()), entry)
    return table

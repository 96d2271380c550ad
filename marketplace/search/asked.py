"""What somebody typed, read: terms that must all be found, each in one of several spellings."""

from __future__ import annotations

from dataclasses import dataclass

from . import synonyms, words
from .synonyms import Spelling

MOST_WORDS = 8
SHORTEST_PREFIX = 2


@dataclass(frozen=True, slots=True)
class Term:
    """`text` as typed and folded; found when all words of one of the spellings are there.

    `prefix` is the beginning of a word that may still be being typed.
    """

    text: str
    spellings: tuple[Spelling, ...]
    prefix: str = ""


def read(text: str, *, joined: bool = True) -> tuple[Term, ...]:
    """Split into terms, the longest known spelling first: 'wedding ring jaw' → wedding ring, jaw…

    Not `joined`, every word is a term of its own.
    """
    typed = words.words(text)[:MOST_WORDS]
    terms: list[Term] = []
    at = 0
    while at < len(typed):
        length = _known_length(typed[at:]) if joined else 1
        part = tuple(typed[at : at + length])
        at += len(part)
        terms.append(_term(part, is_last=at >= len(typed)))
    return tuple(terms)


def _known_length(typed: list[str]) -> int:
    """How many words at the beginning are one known spelling."""
    return next((n for n in range(synonyms.LONGEST, 1, -1) if synonyms.of(tuple(typed[:n]))), 1)


def _term(part: Spelling, *, is_last: bool) -> Term:
    spellings = dict.fromkeys([part, *_numbers(part), *synonyms.of(part)])
    for other in _numbers(part):
        spellings.update(dict.fromkeys(synonyms.of(other)))
    prefix = part[-1] if is_last and len(part) == 1 and len(part[-1]) >= SHORTEST_PREFIX else ""
    return Term(" ".join(part), tuple(spellings), prefix)


def _numbers(part: Spelling) -> list[Spelling]:
    """An English word in its other number: ring, rings. Indonesian has none, so nothing is lost there."""
    word = part[-1]
    if len(part) > 1 or len(word) < 4 or word.isdigit():
        return []
    return [(word[:-1],)] if word.endswith("s") else [(word + "s",)]

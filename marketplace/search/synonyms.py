"""What people call a thing: data/synonyms.csv, expanded when somebody asks (documents need not be written anew).

A word that means two things stands in two rows and is read both ways (domain.md 2.3).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import words

DATA = Path(__file__).parent / "data" / "synonyms.csv"
LONGEST = 4  # words in one spelling

Spelling = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing with its name in both languages; `group` is a kind of piece or of word (domain.md 2.3)."""

    term_id: str
    term_en: str
    spellings: tuple[Spelling, ...]
    group: str


@cache
def entries() -> tuple[Entry, ...]:
    """The whole table, for those who look a word up."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(
            Entry(row["term_id"], row["term_en"], tuple(spellings), row["group"])
            for row, spellings in zip(csv.DictReader(file), _rows(), strict=True)
        )


@cache
def _table() -> dict[Spelling, tuple[Spelling, ...]]:
    """Every spelling with all the spellings that mean the same."""
    table: dict[Spelling, dict[Spelling, None]] = {}
    for row in _rows():
        for spelling in row:
            table.setdefault(spelling, {}).update(dict.fromkeys(row))
    return {spelling: tuple(others) for spelling, others in table.items()}


def _rows() -> Iterator[list[Spelling]]:
    with DATA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            texts = [row["term_id"], row["term_en"], *row["other_spellings"].split("|")]
            yield [spelling for spelling in (tuple(words.words(text)) for text in texts) if spelling]


def of(spelling: Spelling) -> tuple[Spelling, ...]:
    """All spellings of the same thing, itself among them; nothing when it is not in the table."""
    return _table().get(spelling, ())

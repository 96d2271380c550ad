"""Folding: what is typed and what is written meet as plain words, without case, accents, hyphens (domain.md 2.3).

No stemming: Indonesian needs little of it, and an English stemmer would harm it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")


def words(text: str) -> list[str]:
    """'Jawan–ring, Repoussé' → ['jawan', 'ring', 'repousse']."""
    if text.isascii():  # most are, and it is ten times quicker
        return _WORD.findall(text.translate(_APOSTROPHES).lower())
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _WORD.findall(plain)


def fold(texts: Iterable[str]) -> str:
    """The words of all texts, each once, in their order: one column of a document."""
    return " ".join(dict.fromkeys(word for text in texts for word in words(text)))


def code(text: str) -> str:
    """A SKU as one word: 'CS-001' → 'cs001'."""
    return "".join(words(text))

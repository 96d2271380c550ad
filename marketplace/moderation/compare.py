"""What changed between two texts, word by word, for a reviewer's eyes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

LONGEST = 4000  # words of a text that are compared; a longer one is shown as wholly new


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that stayed, or that only this side has."""

    text: str
    is_changed: bool


def sides(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """The old text with what left it marked, and the new one with what came; joined they are the texts themselves."""
    if before == after:
        return _whole(before, False), _whole(after, False)
    old, new = _words(before), _words(after)
    if not old or not new or max(len(old), len(new)) > LONGEST:
        return _whole(before, True), _whole(after, True)
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return (
        _cut(old, [(block.a, block.size) for block in blocks]),
        _cut(new, [(block.b, block.size) for block in blocks]),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|[^\s]+", text)


def _whole(text: str, is_changed: bool) -> list[Piece]:
    return [Piece(text, is_changed)] if text else []


def _cut(words: Sequence[str], same: Sequence[tuple[int, int]]) -> list[Piece]:
    """`same` are the (start, length) of what both sides have, in order, closed by an empty one at the end."""
    pieces: list[Piece] = []
    for (start, size), (then, _size) in pairwise([(0, 0), *same]):
        end = start + size
        pieces += _whole("".join(words[start:end]), False) + _whole("".join(words[end:then]), True)
    return _joined(pieces)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """A space between two changed words belongs to the change: one mark, not two."""
    joined: list[Piece] = []
    for index, piece in enumerate(pieces):
        inside = 0 < index < len(pieces) - 1 and not piece.text.strip()
        is_changed = piece.is_changed or inside
        if joined and joined[-1].is_changed == is_changed:
            joined[-1] = Piece(joined[-1].text + piece.text, is_changed)
        else:
            joined.append(Piece(piece.text, is_changed))
    return joined

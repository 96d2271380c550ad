"""Deep pages go by key, never by offset: `?after=` holds where the last page ended (performance.md 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")
PAGE = 24


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, the key that the next page begins after (None: this is the last), and how many were before."""

    rows: Sequence[Row]
    after: str | None
    seen: int = 0


def cut(rows: Sequence[Row], limit: int, key: Callable[[Row], str], seen: int = 0) -> Page[Row]:
    """`rows` were read with one more than `limit`, which tells whether there is a next page."""
    shown = rows[:limit]
    after = key(shown[-1]) if len(rows) > limit and shown else None
    return Page(shown, after, seen + len(shown))


def encode_key(*parts: int) -> str:
    return "-".join(str(part) for part in parts)


def decode_key(text: str | None, length: int) -> tuple[int, ...] | None:
    """The numbers of a key, or None when it is missing or was tampered with (then the first page is shown)."""
    parts: list[Any] = (text or "").split("-")
    if len(parts) != length or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    return tuple(int(part) for part in parts)

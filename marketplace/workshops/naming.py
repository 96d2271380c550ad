"""What a workshop is called in an address and in its round mark."""

from __future__ import annotations

import re
import unicodedata

MAX_SLUG = 70  # the column holds 80: room for a number


def slug_of(name: str) -> str:
    """Lower-case letters and digits with hyphens: 'Bun Patra Silver' becomes bun-patra-silver."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-") or "workshop"


def numbered(slug: str, number: int) -> str:
    return slug if number < 2 else f"{slug}-{number}"


def initials_of(name: str) -> str:
    """Two letters for the mark: of the first two words, or the first two of a single word."""
    words = re.findall(r"[^\W\d_]+", name) or re.findall(r"\w+", name) or ["P"]
    letters = words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]
    return str(letters).upper()[:2]

"""What the summary of a page says stands at its field too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Problems = list[tuple[str, str]]  # (field id, sentence)


def name_at_fields(fields: Iterable[Any], problems: Problems) -> None:
    """Give each field without an error of its own the first sentence about it."""
    known = {field.id: field for field in fields}
    for name, sentence in problems:
        if name in known and not known[name].errors:
            known[name].errors = [sentence]

"""Lines of CSV that a spreadsheet opens as what they are: numbers as numbers, and text that never runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|")
MARK = "\ufeff"  # spreadsheets take a file without it for another alphabet's


def line(cells: Iterable[str | int | Decimal | None]) -> str:
    """One line with its end. A text that a spreadsheet would run gets an apostrophe in front."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return buffer.getvalue()


def _cell(cell: str | int | Decimal | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return str(cell)

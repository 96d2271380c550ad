"""Lines of CSV that a spreadsheet opens as what they are: numbers as numbers, and text that never runs as a formula.

What would run gets an apostrophe in front; `unquoted` takes it off again, so that a file comes back as it went out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from decimal import Decimal

_RUNS = re.compile(r"'*[=+\-@\t\r|]")  # a text that begins so, apostrophes of its own included
MARK = "\ufeff"  # spreadsheets take a file without it for another alphabet's


def line(cells: Iterable[str | int | Decimal | None], delimiter: str = ",") -> str:
    """One line with its end. A text that a spreadsheet would run gets an apostrophe in front."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return buffer.getvalue()


def unquoted(cell: str) -> str:
    """The text of a cell that `line` wrote."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell, 1) else cell


def _cell(cell: str | int | Decimal | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if _RUNS.match(cell) else cell
    return str(cell)

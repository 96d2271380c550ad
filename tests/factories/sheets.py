"""Files of pieces, as a spreadsheet saves them."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.catalog.queries.sheet import table
from marketplace.catalog.sheet import columns
from marketplace.core.i18n import speaking
from marketplace.core.spreadsheets import line

Row = dict[str, str]
RING: Row = {
    "category_id": "Rings",
    "title_id": "Cincin jawan",
    "material": "silver",
    "fineness": "925",
    "weight_grams": "6,8",
    "techniques": "granulation (jawan)",
    "price": "745.000",
    "stock": "3",
}


def file_of(rows: Sequence[Row], *, delimiter: str = ",", encoding: str = "utf-8-sig", lang: str = "en") -> bytes:
    """The rows below the headings of all columns that one of them uses."""
    used = [column for column in columns.COLUMNS if any(column.code in row for row in rows)]
    with speaking(lang):
        lines = [line([str(column.heading) for column in used], delimiter)]
    lines += [line([row.get(column.code, "") for column in used], delimiter) for row in rows]
    return "".join(lines).encode(encoding)


def downloaded(workshop_id: int, lang: str = "en") -> bytes:
    with speaking(lang):
        return "".join(table(workshop_id)).encode()

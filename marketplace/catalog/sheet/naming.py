"""Which kind of piece a word means, and which piece a row is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.core.i18n import gettext as _
from marketplace.core.typed import Mistyped

from ..models import Category
from . import columns
from .reading import Fault, RawRow, Table, fault

MISSING: Any = object()  # the cell could not be read, and its fault is noted


class Kinds:
    """Categories by number, slug, and name in either language where it is the only one of that name."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self.by_id = {row.id: row for row in categories}
        names: dict[str, set[int]] = {}
        for row in self.by_id.values():
            for name in {row.name_en, row.name_id}:
                names.setdefault(columns.folded(name), set()).add(row.id)
        self._found = {name: ids.pop() for name, ids in names.items() if len(ids) == 1}
        self._found |= {row.slug: row.id for row in self.by_id.values()}

    def read(self, text: str) -> int | None:
        if not text:
            return None
        found = self._found.get(columns.folded(text))
        if found is None:
            raise Mistyped(_("There is no kind of piece called “%(text)s”.", text=text[:40]))
        return found

    def write(self, ident: int | None, name: str) -> str:
        """The name, or the slug where several have that name."""
        row = self.by_id.get(ident or 0)
        if row is None:
            return ""
        return name if self._found.get(columns.folded(name)) == row.id else row.slug

    def size_kind(self, ident: int | None) -> str:
        row = self.by_id.get(ident or 0)
        return row.size_kind if row else ""


@dataclass(slots=True)
class Group:
    """The rows of one piece, in the order of the file."""

    rows: list[RawRow]
    listing_id: int | None = None


def group(table: Table, skus: Mapping[str, int], faults: list[Fault]) -> list[Group]:
    """Rows by the piece that they name; new pieces with a code of their own hold together too."""
    known: dict[int, Group] = {}
    coded: dict[str, Group] = {}
    found: list[Group] = []
    for row in table.rows:
        ident = _number(row, skus, faults)
        if ident is MISSING:
            continue
        code = row.cell("sku") if ident is None else ""
        there = known.get(ident) if ident is not None else coded.get(code)
        if there is not None:
            there.rows.append(row)
            continue
        made = Group([row], ident)
        found.append(made)
        if ident is not None:
            known[ident] = made
        elif code:
            coded[code] = made
    return found


def _number(row: RawRow, skus: Mapping[str, int], faults: list[Fault]) -> Any:
    column = columns.BY_CODE["number"]
    try:
        number = column.read(row.cell("number"))
    except Mistyped as error:
        faults.append(fault(row, column, error.sentence))
        return MISSING
    return number if number is not None else skus.get(row.cell("sku"))

"""What a file would change, and every fault with its row and column. Reads only; the same file twice plans nothing new.

A row names its piece by number, or by its code; a row that names none begins a draft. Rows of one piece are its sizes:
what they say of the piece itself must agree, or be left empty below the first. A column that the file does not have
stays as it is; so does a size that the file does not name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from marketplace.core.i18n import gettext as _
from marketplace.core.typed import Mistyped

from ..models import ListingState
from ..sizes import millimeters
from ..typed_sizes import normalized
from . import columns
from .columns import Column
from .naming import Group, Kinds
from .reading import Fault, RawRow, Table, fault
from .stand import Piece, Size


@dataclass(slots=True)
class SizePlan:
    """One size as it shall be; `saw` is the stock that the file was made from, None when it does not say."""

    row: int
    size: str
    before: Size | None = None
    size_mm: Decimal | None = None
    price: int | None = None
    stock: int | None = None  # None: as it is
    saw: int | None = None
    weight: Decimal | None = None
    labour: int | None = None

    @property
    def moves_stock(self) -> bool:
        if self.stock is None or self.before is None:
            return bool(self.stock)
        return self.stock != (self.before.stock if self.saw is None else self.saw)

    @property
    def is_change(self) -> bool:
        was = self.before
        if was is None:
            return True
        return self.moves_stock or (self.price, self.weight, self.labour) != (was.price, was.weight, was.labour)


@dataclass(slots=True)
class PiecePlan:
    """`version` and `listing` hold the columns that change; `sizes` those that change or are new."""

    row: int
    title: str
    listing_id: int | None = None
    version: dict[str, Any] = field(default_factory=dict)
    listing: dict[str, Any] = field(default_factory=dict)
    state: ListingState | None = None
    sizes: list[SizePlan] = field(default_factory=list)

    @property
    def is_change(self) -> bool:
        return self.listing_id is None or bool(self.version or self.listing or self.state or self.sizes)


@dataclass(slots=True)
class Plan:
    row_count: int
    pieces: list[PiecePlan] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    there: Mapping[int, Piece] = field(default_factory=dict)  # the pieces that it was compared with

    @property
    def new(self) -> list[PiecePlan]:
        return [piece for piece in self.pieces if piece.listing_id is None]

    @property
    def changed(self) -> list[PiecePlan]:
        return [piece for piece in self.pieces if piece.listing_id is not None and piece.is_change]


def plan(
    table: Table, groups: Sequence[Group], there: Mapping[int, Piece], skus: Mapping[str, int], kinds: Kinds
) -> Plan:
    """Compare the file with what is there. `there` holds at least the pieces that the groups name."""
    made = Plan(len(table.rows), faults=list(table.faults), there=there)
    taken = dict(skus)
    for one in groups:
        if one.listing_id is not None and one.listing_id not in there:
            column = columns.BY_CODE["number"]
            sentence = _("Your workshop has no piece with this number. Leave it empty for a new piece.")
            made.faults += [fault(row, column, sentence) for row in one.rows]
            continue
        made.pieces.append(_Comparison(table, one, there.get(one.listing_id or 0), taken, kinds, made.faults).made())
    made.faults.sort(key=lambda one: one.row)
    return made


class _Comparison:
    """One piece of the file beside the one that is there, or beside nothing."""

    def __init__(
        self,
        table: Table,
        one: Group,
        piece: Piece | None,
        taken: dict[str, int],
        kinds: Kinds,
        faults: list[Fault],
    ) -> None:
        self.table, self.group, self.piece, self.kinds, self.faults = table, one, piece, kinds, faults
        self.first = one.rows[0]
        self.taken = taken
        self.values: dict[str, Any] = {}
        self.unread: set[tuple[int, str]] = set()  # cells that hold something else than they should

    def made(self) -> PiecePlan:
        for column in self.table.columns:
            if column.of in ("version", "listing", "state"):
                self._read(column)
        found = PiecePlan(self.first.number, self._title(), self.piece.listing.id if self.piece else None)
        found.version = dict(self._differences("version"))
        found.listing = dict(self._differences("listing"))
        self._check_code(found)
        found.state = self._state()
        found.sizes = list(self._sizes())
        return found

    def _title(self) -> str:
        typed = self.values.get("title_id") or self.values.get("title_en")
        return str(typed or (self.piece.title if self.piece else ""))

    def _read(self, column: Column) -> None:
        self._agree(column)
        reader = self.kinds.read if column.code == "category_id" else column.read
        try:
            self.values[column.code] = reader(self.first.cell(column.code))
        except Mistyped as error:
            self._say(self.first, column, error.sentence)

    def _agree(self, column: Column) -> None:
        """Below the first row of a piece a cell repeats what stands there, or is empty."""
        said = self.first.cell(column.code)
        for row in self.group.rows[1:]:
            if row.cell(column.code) not in ("", said):
                sentence = _("This differs from row %(row)s, which is the same piece.", row=self.first.number)
                self._say(row, column, sentence)

    def _differences(self, of: str) -> Iterator[tuple[str, Any]]:
        for column in columns.of(of):
            if column.code not in self.values:
                continue
            value = self.values[column.code]
            if column.code == "sku":
                value = value or None
            if self.piece is None:
                if value not in (None, "", []):
                    yield column.code, value
            elif self.piece.value(column) != value:
                yield column.code, value

    def _check_code(self, found: PiecePlan) -> None:
        """A code is one piece's."""
        code = found.listing.get("sku")
        if not code:
            return
        owner = self.taken.setdefault(code, found.listing_id or -self.first.number)
        if owner != (found.listing_id or -self.first.number):
            self._say(self.first, columns.BY_CODE["sku"], _("Another piece has this code already."))

    def _state(self) -> ListingState | None:
        wanted = columns.state_of(self.values.get("state") or "")
        now = self.piece.listing.state if self.piece else ListingState.DRAFT
        if wanted is None or wanted is now:
            return None
        if now is ListingState.DRAFT and wanted is not ListingState.ARCHIVED:
            self._refuse_state(_("A new piece begins as a draft: it needs photos before it can be shown."))
        elif self.piece is None or wanted not in self.piece.listing.MOVES[now]:
            self._refuse_state(_("The piece cannot go from “%(now)s” to this state.", now=str(columns.STATES[now])))
        elif wanted is ListingState.LIVE and not self.piece.may_be_shown:
            self._refuse_state(_("This piece cannot be shown now. Open it to see why."))
        else:
            return wanted
        return None

    def _refuse_state(self, sentence: str) -> None:
        self._say(self.first, columns.BY_CODE["state"], sentence)

    def _sizes(self) -> Iterator[SizePlan]:
        there = {size.size.casefold(): size for size in (self.piece.sizes if self.piece else ())}
        kind = self.kinds.size_kind(self._category())
        seen: set[str] = set()
        for row in self.group.rows:
            size = self._size(row, kind)
            if size is None:
                continue
            if size.casefold() in seen:
                self._say(row, columns.BY_CODE["size"], _("The size stands twice. Write each size once."))
                continue
            seen.add(size.casefold())
            made = self._size_plan(row, size, there.get(size.casefold()), kind)
            if made.is_change:
                yield made

    def _category(self) -> int | None:
        if "category_id" in self.values:
            return self.values["category_id"]  # type: ignore[no-any-return]
        return self.piece.version.category_id if self.piece else None

    def _size(self, row: RawRow, kind: str) -> str | None:
        """The size that the row is about; without a column for it, the only one there is."""
        if not self.table.has("size"):
            known = self.piece.sizes if self.piece else []
            if len(known) > 1:
                sentence = _("This piece has several sizes: the file needs the column “%(name)s”.")
                self._say(row, None, sentence % {"name": str(columns.BY_CODE["size"].heading)})
                return None
            return known[0].size if known else ""
        column = columns.BY_CODE["size"]
        try:
            text = column.read(row.cell("size"))
            known_size = any(size.size == text for size in (self.piece.sizes if self.piece else ()))
            return text if known_size else normalized(text, kind)
        except Mistyped as error:
            self._say(row, column, error.sentence)
        except ValueError:
            self._say(row, column, _("Write the size as in the example."))
        return None

    def _size_plan(self, row: RawRow, size: str, before: Size | None, kind: str) -> SizePlan:
        made = SizePlan(row.number, before.size if before else size, before, millimeters(size, kind))
        made.price = self._cell(row, "price", before.price if before else None)
        made.stock = self._cell(row, "stock", None)
        made.saw = self._cell(row, "stock_was", None)
        made.weight = self._cell(row, "size_weight", before.weight if before else None)
        made.labour = self._cell(row, "labour", before.labour if before else None)
        if made.price is None and self._needs_price(row):
            self._say(row, columns.BY_CODE["price"], _("Write the price of this size."))
        if made.stock is None and before is not None and before.variant_id is None:
            made.stock = before.stock
        return made

    def _needs_price(self, row: RawRow) -> bool:
        """A draft may still be without one; a piece that has prices already may not lose or lack one."""
        if (row.number, "price") in self.unread:
            return False  # said already
        return self.piece is not None and any(size.variant_id for size in self.piece.sizes)

    def _cell(self, row: RawRow, code: str, otherwise: Any) -> Any:
        if not self.table.has(code):
            return otherwise
        column = columns.BY_CODE[code]
        try:
            return column.read(row.cell(code))
        except Mistyped as error:
            self._say(row, column, error.sentence)
            self.unread.add((row.number, code))
            return otherwise

    def _say(self, row: RawRow, column: Column | None, sentence: Any) -> None:
        self.faults.append(fault(row, column, sentence))

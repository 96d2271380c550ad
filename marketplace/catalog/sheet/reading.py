"""From the bytes of a file to rows of cells. What no spreadsheet would have written is refused in plain words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.spreadsheets import unquoted

from .columns import Column, by_heading, folded

MOST_ROWS = 5_000
MOST_BYTES = 8 * 1024 * 1024
DELIMITERS = ";,\t"
LONGEST_CELL = 20_000  # characters; the longest text that a column takes is 5,000
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16, as some spreadsheets save "Unicode text"


class FileRefused(DomainError):
    """Nothing of the file can be used; `sentence` says why and what to do."""

    message = _l("This file cannot be read as a table of pieces.")


class NotText(FileRefused):
    message = _l("This is no CSV file. In the spreadsheet, choose “Save as” and then “CSV UTF-8”.")


class WrongAlphabet(FileRefused):
    message = _l(
        "Letters in this file cannot be read for certain. In the spreadsheet, choose “Save as” and then “CSV UTF-8”."
    )


class TooLarge(FileRefused):
    message = _l("This file is larger than 8 MB. Send the pieces in several files.")


class TooManyRows(FileRefused):
    message = _l("This file has more than 5,000 rows. Send the pieces in several files.")


class Empty(FileRefused):
    message = _l("There is no row with a piece in this file.")


class NoHeadings(FileRefused):
    message = _l("The first row must hold the headings, as in the file that can be downloaded here.")


class UnknownHeading(FileRefused):
    message = _l("There is no column called “%(name)s”. Take the headings from the file that can be downloaded here.")


class HeadingTwice(FileRefused):
    message = _l("The column “%(name)s” stands twice. Keep one of them.")


class Broken(FileRefused):
    message = _l("The table breaks off near row %(row)s: a quotation mark is open there. Save the file anew.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell: the row as a spreadsheet counts it (1: the headings), its heading, the sentence."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """Cells by the code of their column, trimmed and without the apostrophe that holds a formula."""

    number: int
    cells: dict[str, str]

    def cell(self, code: str) -> str:
        return self.cells.get(code, "")


def fault(row: RawRow, column: Column | None, sentence: object) -> Fault:
    return Fault(row.number, str(column.heading) if column else "", str(sentence))


@dataclass(frozen=True, slots=True)
class Table:
    columns: Sequence[Column]
    rows: Sequence[RawRow]
    faults: Sequence[Fault]

    def has(self, code: str) -> bool:
        return any(column.code == code for column in self.columns)


def read(data: bytes) -> Table:
    """Raises FileRefused for what is no table of pieces at all."""
    if len(data) > MOST_BYTES:
        raise TooLarge
    text = _decoded(data)
    lines = _lines(text)
    headings = next(lines, None)
    if headings is None or not any(map(str.strip, headings)):
        raise NoHeadings
    columns = _columns(headings)
    rows: list[RawRow] = []
    faults: list[Fault] = []
    for number, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) >= MOST_ROWS:
            raise TooManyRows
        _take(number, cells, columns, rows, faults)
    if not rows and not faults:
        raise Empty
    return Table([column for column in columns if column is not None], rows, faults)


def _take(
    number: int, cells: list[str], columns: Sequence[Column | None], rows: list[RawRow], faults: list[Fault]
) -> None:
    if any(cell.strip() for cell in cells[len(columns) :]):
        faults.append(Fault(number, "", _("This row has more cells than there are headings.")))
        return
    kept = {
        column.code: unquoted(cell.strip()) for column, cell in zip(columns, cells, strict=False) if column is not None
    }
    long = next((column for column in columns if column and len(kept.get(column.code, "")) > LONGEST_CELL), None)
    if long is not None:
        faults.append(Fault(number, str(long.heading), _("This text is too long for a cell.")))
        return
    rows.append(RawRow(number, kept))


def _decoded(data: bytes) -> str:
    if data[:2] in _WIDE:
        encoding = "utf-16"
    elif data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or b"\0" in data[:4096]:
        raise NotText  # a workbook, a picture, an archive
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise WrongAlphabet from error


def _lines(text: str) -> Iterator[list[str]]:
    """The rows of the table; the separator is the one that the headings use most."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    if re.fullmatch(r"sep=.\r?", first):  # what some spreadsheets write above the table
        text = text.split("\n", 1)[1] if "\n" in text else ""
        first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Broken(row=reader.line_num) from error


def _columns(headings: Sequence[str]) -> list[Column | None]:
    """None for an empty heading, below which nothing may stand."""
    found: list[Column | None] = []
    for heading in headings:
        name = folded(unquoted(heading.strip()))
        column = by_heading().get(name)
        if column is None and name:
            raise UnknownHeading(name=heading.strip()[:40])
        if column is not None and column in found:
            raise HeadingTwice(name=str(column.heading))
        found.append(column)
    while found and found[-1] is None:
        found.pop()
    known = {column.code for column in found if column}
    if not known & {"number", "sku", "title_id", "title_en"}:
        raise NoHeadings
    return found

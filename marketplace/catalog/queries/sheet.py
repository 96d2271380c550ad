"""The table of a workshop's pieces as a file, and what a page shows of the files that came back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.core.i18n import language, pick, speaking
from marketplace.core.spreadsheets import MARK, line

from ..models import Category, Import, ImportStatus
from ..sheet import columns, stand
from ..sheet.naming import Kinds

SHOWN = 10


def all_kinds() -> Kinds:
    """One statement."""
    return Kinds(list(db.session.scalars(sa.select(Category).order_by(Category.position))))


def table(workshop_id: int) -> Iterator[str]:
    """The whole file, piece by piece: a row for each size, in the language and with the separators of this moment."""
    return _table(workshop_id, language())


def _table(workshop_id: int, lang: str) -> Iterator[str]:
    """Asked for line by line, long after the moment: it remembers the language."""
    kinds = all_kinds()
    with speaking(lang):
        head = MARK + heading()
    yield head
    for piece in stand.each(workshop_id):
        with speaking(lang):
            lines = _rows(piece, kinds)
        yield lines


def _rows(piece: stand.Piece, kinds: Kinds) -> str:
    sizes = piece.sizes or [stand.Size(None, "", None, 0)]
    return "".join(_line([_cell(piece, size, column, kinds) for column in columns.COLUMNS]) for size in sizes)


def heading() -> str:
    return _line([str(column.heading) for column in columns.COLUMNS])


def template() -> str:
    """The headings alone, to be filled."""
    return MARK + heading()


def _line(cells: Sequence[Any]) -> str:
    return line(cells, ";" if language() == "id" else ",")


def _cell(piece: stand.Piece, size: stand.Size, column: columns.Column, kinds: Kinds) -> Any:
    if column.of == "size":
        return column.write(stand.size_value(size, column.code))
    if column.code == "category_id":
        category = kinds.by_id.get(piece.version.category_id or 0)
        return kinds.write(category.id, pick(category.name_en, category.name_id)) if category else ""
    return column.write(piece.value(column))


@dataclass(frozen=True, slots=True)
class ImportView:
    id: int
    status: ImportStatus
    file_name: str
    by: str
    row_count: int
    done_count: int
    new_count: int
    changed_count: int
    error_count: int
    errors: Sequence[tuple[int, str, str]]
    preview: Sequence[tuple[int, str, str]]
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_running(self) -> bool:
        return self.status in (ImportStatus.RECEIVED, ImportStatus.APPROVED)

    @property
    def percent(self) -> int:
        return min(99, self.done_count * 100 // self.row_count) if self.row_count else 0


def imports(workshop_id: int) -> list[ImportView]:
    """The last files, newest first; one statement."""
    return _views(_query(workshop_id).limit(SHOWN))


def one_import(import_id: int, workshop_id: int) -> ImportView | None:
    found = _views(_query(workshop_id).where(Import.id == import_id))
    return found[0] if found else None


def _query(workshop_id: int) -> sa.Select[Import, str]:
    query = sa.select(Import, User.full_name).join(User, User.id == Import.user_id)
    query = query.where(Import.workshop_id == workshop_id).order_by(Import.id.desc())
    return query.execution_options(populate_existing=True)


def _views(query: sa.Select[Import, str]) -> list[ImportView]:
    return [
        ImportView(
            id=row.id,
            status=row.status,
            file_name=row.file_name,
            by=name,
            row_count=row.row_count,
            done_count=row.done_count,
            new_count=row.new_count,
            changed_count=row.changed_count,
            error_count=row.error_count,
            errors=[(number, column, sentence) for number, column, sentence in row.errors],
            preview=[(number, title, what) for number, title, what in row.preview],
            created_at=row.created_at,
            finished_at=row.finished_at,
        )
        for row, name in db.session.execute(query)
    ]

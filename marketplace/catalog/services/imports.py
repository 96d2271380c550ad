"""A file of pieces: kept, looked through by the worker without writing, and written as a whole once its person says so.

What is written is planned anew under lock, so that nothing that happened since the look is lost: a sale stays
subtracted, and a file that no longer fits is refused. All of it is one transaction; on SQLite other writers wait for
it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePath

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import after_commit, db, end_read, locked, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.i18n import speaking
from marketplace.core.ids import new_key
from marketplace.core.tasks import enqueue, job, sweeper
from marketplace.core.typed import one_line
from marketplace.media.store import storage
from marketplace.workshops.models import Workshop
from marketplace.workshops.queries.people import may_still
from marketplace.workshops.roles import Act

from ..models import Import, ImportStatus
from ..queries.sheet import all_kinds
from ..sheet import columns, planning, reading, stand
from ..sheet.naming import group
from ..sheet.planning import PiecePlan, Plan
from ..sheet.reading import MOST_BYTES, Fault, FileRefused, TooLarge
from . import writing_sheet

log = logging.getLogger(__name__)

MOST_ERRORS, MOST_PREVIEW = 1_000, 100
LATE = timedelta(minutes=1)  # a file that still waits after that is looked for by the sweep
KEPT = timedelta(days=30)  # the files of finished imports, and those that were never answered
GIVE_UP = timedelta(hours=6)  # on a file that fails for a reason of ours
RUNNING = (ImportStatus.RECEIVED, ImportStatus.APPROVED)


class StillRunning(DomainError):
    message = _l("Another file is still being looked through. Wait until it is finished.")


def receive(workshop_id: int, user_id: int, name: str, data: bytes, language: str) -> int:
    """Keep the file and ask the worker to look through it; gives the import's number.

    `language` is its person's: that of the sentences about its faults.

    Raises:
        FileRefused: it is empty, or too large.
        StillRunning: the workshop has one that is not finished.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge
    if not data.strip():
        raise reading.Empty
    key = f"imports/{hashlib.sha256(data).hexdigest()[:16]}-{new_key()}"
    end_read()
    storage().put(key, data, private=True)
    try:
        with transaction():
            locked(Workshop, workshop_id)  # of two files that come at once, the second sees the first
            if _running(workshop_id):
                raise StillRunning
            row = Import(
                workshop_id=workshop_id,
                user_id=user_id,
                language=language,
                file_key=key,
                file_name=one_line(PurePath(name.replace("\\", "/")).name)[:120],
                created_at=clock.now(),
            )
            db.session.add(row)
            db.session.flush()
            after_commit(enqueue, "check_import", row.id)
            return row.id
    except BaseException:
        storage().delete(key, private=True)
        raise


def _running(workshop_id: int) -> bool:
    waiting = sa.select(Import.id).where(Import.workshop_id == workshop_id, Import.status.in_(RUNNING))
    return db.session.scalar(waiting.limit(1)) is not None


@job("check_import")
def check(import_id: int) -> None:
    """Look through the file and note what it would change, or every fault; writes nothing else. Safe to run twice."""
    row = db.session.get(Import, import_id, populate_existing=True)
    if row is None or row.status is not ImportStatus.RECEIVED:
        return
    workshop_id, key, language = row.workshop_id, row.file_key, row.language
    end_read()
    with speaking(language):
        try:
            plan = _planned(workshop_id, storage().read(key, private=True) or b"", import_id)
        except FileRefused as refused:
            _note(import_id, Plan(0, faults=[Fault(1, "", refused.sentence)]))
        else:
            _note(import_id, plan)


def _planned(workshop_id: int, data: bytes, import_id: int | None = None, *, lock: bool = False) -> Plan:
    """What the file would change as things stand. `import_id`: where the progress is noted."""
    table = reading.read(data)
    if import_id is not None:
        _beat(import_id, len(table.rows), len(table.rows) // 3)
    skus = stand.numbers_by_sku(workshop_id)
    faults: list[Fault] = []
    groups = group(table, skus, faults)
    there = stand.pieces(workshop_id, [one.listing_id for one in groups if one.listing_id is not None], lock=lock)
    if import_id is not None:
        _beat(import_id, len(table.rows), len(table.rows) * 2 // 3)
    plan = planning.plan(table, groups, there, skus, all_kinds())
    plan.faults = sorted([*faults, *plan.faults], key=lambda fault: fault.row)
    return plan


def _beat(import_id: int, rows: int, done: int) -> None:
    """A sign of life, and how far it is; ends the read."""
    with transaction():
        db.session.execute(
            sa.update(Import)
            .where(Import.id == import_id)
            .values(row_count=rows, done_count=done, beat_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def _note(import_id: int, plan: Plan, expected: ImportStatus = ImportStatus.RECEIVED) -> None:
    with transaction():
        row = locked(Import, import_id)
        if row.status is not expected:
            return  # canceled, or finished by another run
        _describe(row, plan)
        row.move_to(ImportStatus.REFUSED if plan.faults else ImportStatus.CHECKED, clock.now())


def _describe(row: Import, plan: Plan) -> None:
    row.row_count = row.done_count = plan.row_count
    row.new_count, row.changed_count, row.error_count = len(plan.new), len(plan.changed), len(plan.faults)
    row.errors = [[fault.row, fault.column, fault.sentence] for fault in plan.faults[:MOST_ERRORS]]
    shown = [piece for piece in plan.pieces if piece.is_change][:MOST_PREVIEW]
    row.preview = [[piece.row, piece.title[:120], _words_of(piece)] for piece in shown]


def _words_of(piece: PiecePlan) -> str:
    """'new', or the headings of what changes."""
    if piece.listing_id is None:
        return _("new draft")
    names = [str(columns.BY_CODE[code].heading) for code in (*piece.version, *piece.listing)]
    if piece.state is not None:
        names.append(f"{columns.BY_CODE['state'].heading}: {columns.STATES[piece.state.value]}")
    names += list(dict.fromkeys(word for size in piece.sizes for word in _size_words(size)))
    return ", ".join(names)


def _size_words(size: planning.SizePlan) -> Sequence[str]:
    if size.before is None:
        return [_("a new size")]
    moved = {
        "price": size.price != size.before.price,
        "stock": size.moves_stock,
        "size_weight": size.weight != size.before.weight,
        "labour": size.labour != size.before.labour,
    }
    return [str(columns.BY_CODE[code].heading) for code, is_moved in moved.items() if is_moved]


def approve(import_id: int, workshop_id: int, *, by: int) -> None:
    """Its person has seen what would change and says yes: the worker writes it.

    Raises:
        NotFound; IllegalTransition: it has been written, or refused.
    """
    with transaction():
        row = locked(Import, import_id, workshop_id=workshop_id)
        row.move_to(ImportStatus.APPROVED, clock.now())
        row.user_id, row.done_count = by, 0
        after_commit(enqueue, "apply_import", row.id)


def cancel(import_id: int, workshop_id: int) -> None:
    """Raises NotFound; IllegalTransition: it is being written already."""
    with transaction():
        locked(Import, import_id, workshop_id=workshop_id).move_to(ImportStatus.CANCELED, clock.now())


@job("apply_import")
def apply(import_id: int) -> None:
    """Write everything that the file says, or nothing. Safe to run twice, and twice at once."""
    row = db.session.get(Import, import_id, populate_existing=True)
    if row is None or row.status is not ImportStatus.APPROVED:
        return
    data = storage().read(row.file_key, private=True) or b""
    language = row.language
    end_read()
    _beat(import_id, row.row_count, row.row_count // 10)
    with speaking(language):
        try:
            _write(import_id, data)
        except FileRefused as refused:
            _note(import_id, Plan(0, faults=[Fault(1, "", refused.sentence)]), ImportStatus.APPROVED)
        except _NoLongerFits as error:
            _note(import_id, error.plan, ImportStatus.APPROVED)


class _NoLongerFits(Exception):
    """Between the look and the writing something changed; nothing of the file is kept."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


def _write(import_id: int, data: bytes) -> None:
    with transaction():
        row = locked(Import, import_id)
        if row.status is not ImportStatus.APPROVED:
            return
        if not may_still(row.user_id, row.workshop_id, Act.PRICES):
            sentence = _("Who approved this file no longer works on the prices of this workshop.")
            raise _NoLongerFits(Plan(row.row_count, faults=[Fault(1, "", sentence)]))
        plan = _planned(row.workshop_id, data, lock=True)
        plan.faults = plan.faults or writing_sheet.write(plan, row.workshop_id, row.user_id)
        if plan.faults:
            raise _NoLongerFits(plan)
        _describe(row, plan)
        row.move_to(ImportStatus.APPLIED, clock.now())
        _record(row, plan)


def _record(row: Import, plan: Plan) -> None:
    counts = {"new": len(plan.new), "changed": len(plan.changed)}
    record("import.apply", "import", row.id, row.user_id, before={}, after=counts, reason=row.file_name)


@sweeper("imports")
def finish_left() -> int:
    """Files whose task was lost, and old files that nobody needs any more. One that fails stops no other."""
    late = clock.now() - LATE
    last = sa.func.coalesce(Import.beat_at, Import.created_at)
    waiting = sa.select(Import.id, Import.status).where(Import.status.in_(RUNNING), last < late)
    left = db.session.execute(waiting.order_by(Import.id)).all()
    end_read()
    for import_id, status in left:
        _finish(import_id, status)
    return len(left) + _let_go() + _forget_files()


def _finish(import_id: int, status: ImportStatus) -> None:
    """Again, until it has failed for GIVE_UP: then its person is told, and may send another."""
    try:
        (check if status is ImportStatus.RECEIVED else apply)(import_id)
    except Exception:
        log.exception("file %s could not be finished", import_id)
        row = db.session.get_one(Import, import_id, populate_existing=True)
        began, language = row.created_at, row.language
        if began < clock.now() - GIVE_UP:
            with speaking(language):
                sentence = _("Something of ours went wrong with this file, and nothing was written. Send it once more.")
                _note(import_id, Plan(0, faults=[Fault(1, "", sentence)]), status)


def _let_go() -> int:
    """Files that were looked through and never answered."""
    old = sa.select(Import.id).where(Import.status == ImportStatus.CHECKED, Import.created_at < clock.now() - KEPT)
    ids = list(db.session.scalars(old.order_by(Import.id).limit(100)))
    for import_id in ids:
        with transaction():
            row = locked(Import, import_id)
            if row.status is ImportStatus.CHECKED:
                row.move_to(ImportStatus.CANCELED, clock.now())
    return len(ids)


def _forget_files() -> int:
    old = sa.select(Import.id, Import.file_key).where(
        Import.file_key != "", Import.finished_at.is_not(None), Import.finished_at < clock.now() - KEPT
    )
    rows = db.session.execute(old.order_by(Import.id).limit(100)).all()
    end_read()
    for import_id, key in rows:
        storage().delete(key, private=True)
        with transaction():
            locked(Import, import_id).file_key = ""
    return len(rows)

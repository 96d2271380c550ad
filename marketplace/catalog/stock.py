"""Pieces that can be counted: taken by one conditional UPDATE each, always in the order of variant id (style.md 3).

Every change leaves its reason, a row of the same transaction: a variant's stock is the `left` of its newest move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l

from .models import Listing, StockMove, StockReason, Variant

MOST = 9_999  # of one size; more is a slip of the finger

Moved = sa.Row[*tuple[Any, ...]]


class OutOfStock(DomainError):
    """Fewer pieces are left than were asked for; nothing was taken."""

    message = _l("Sold while you were looking. Nothing was charged.")

    def __init__(self, variant_id: int, left: int) -> None:
        self.variant_id, self.left = variant_id, left
        super().__init__()


class StockMoved(DomainError):
    """What the workshop writes does not fit what is left by now; nothing was changed."""

    message = _l("Pieces were sold in the meantime: %(left)s left of size %(size)s now. Write how many you have.")


class SeenAnother(DomainError):
    """The number that somebody looked at is not the number any more; nothing was changed."""

    message = _l(
        "%(saw)s were there when you opened the page, %(left)s are there now. Nothing was changed yet: look again, and "
        "press once more if it is still right."
    )


class TooMany(DomainError):
    message = _l("Write a number up to %(most)s.")


def _counted(variant_id: int) -> sa.ColumnElement[bool]:
    """Made-to-order pieces are not counted: their stock is neither asked nor moved."""
    made = sa.select(Listing.made_to_order).where(Listing.id == Variant.listing_id).scalar_subquery()
    return sa.and_(Variant.id == variant_id, sa.not_(made))


def take(demand: Mapping[int, int]) -> list[int]:
    """Take these quantities by variant id, all or none; gives the variants whose stock is counted and was taken.

    Part of the caller's transaction: its failure must roll back.

    Raises:
        OutOfStock: fewer are left than one of them asks for.
    """
    moves: list[dict[str, Any]] = []
    with transaction():
        for variant_id, quantity in sorted(demand.items()):
            moved = _move(-quantity, _counted(variant_id), Variant.stock >= quantity)
            if moved is not None:
                moves.append(_row(moved, -quantity, StockReason.ORDERED))
            else:
                _must_be_made(variant_id)
        _write(moves)
    return [move["variant_id"] for move in moves]


def _must_be_made(variant_id: int) -> None:
    """The UPDATE changed nothing: right for a piece made to order, sold out for every other."""
    row = db.session.execute(
        sa.select(Variant.stock, Listing.made_to_order)
        .join(Listing, Listing.id == Variant.listing_id)
        .where(Variant.id == variant_id)
    ).first()
    if row is None or not row.made_to_order:
        raise OutOfStock(variant_id, row.stock if row else 0)


def give_back(demand: Mapping[int, int]) -> None:
    """Put these quantities back; the caller makes sure that they were taken, and that it happens once.

    A piece whose listing is made to order by now was counted when it was sold, and is again. Part of the caller's
    transaction.
    """
    moves: list[dict[str, Any]] = []
    with transaction():
        for variant_id, quantity in sorted(demand.items()):
            moved = _move(quantity, Variant.id == variant_id)
            if moved is not None:
                moves.append(_row(moved, quantity, StockReason.RETURNED))
        _write(moves)


def move(variant_id: int, change: int, reason: StockReason, by: int | None, note: str = "") -> int:
    """Count pieces that came or went, whatever was sold meanwhile; gives what is left.

    Part of the caller's transaction, which has made sure whose variant it is and notes `changes`.

    Raises:
        StockMoved: fewer are left than go.
        TooMany: more than `MOST` would be there.
    """
    with transaction():
        moved = _move(change, Variant.id == variant_id, Variant.stock + change >= 0, Variant.stock + change <= MOST)
        if moved is None:
            raise _refusal(variant_id, change)
        _write([_row(moved, change, reason, by, note)])
        return int(moved.stock)


def set_counted(variant_id: int, new: int, saw: int | None, reason: StockReason, by: int | None, note: str = "") -> int:
    """Apply what the maker changed from `saw` to `new`, so that a sale in between stays subtracted; gives what is left.

    `saw` None is whatever is there now (a new row of a file, a form that showed no number). Nothing is written when
    nothing changes. Part of the caller's transaction, which has made sure whose variant it is and notes `changes`.

    Raises:
        StockMoved: so many were sold that fewer than none would be left.
        TooMany.
    """
    with transaction():
        if new > MOST:
            raise TooMany(most=MOST)
        change = new - (_left(variant_id) if saw is None else saw)
        return move(variant_id, change, reason, by, note) if change else _left(variant_id)


def move_seen(variant_id: int, change: int, saw: int, reason: StockReason, by: int | None, note: str = "") -> int:
    """Count pieces that came or went while `saw` are there, so that no tap counts twice; gives what is left.

    Part of the caller's transaction, which has made sure whose variant it is and notes `changes`.

    Raises:
        SeenAnother: a sale, or the same tap, came first.
        TooMany: the number would not be from 0 to `MOST`.
    """
    with transaction():
        if not 0 <= saw + change <= MOST:
            raise TooMany(most=MOST)
        moved = _move(change, Variant.id == variant_id, Variant.stock == saw)
        if moved is None:
            raise SeenAnother(saw=saw, left=_left(variant_id))
        _write([_row(moved, change, reason, by, note)])
        return int(moved.stock)


@dataclass(frozen=True, slots=True)
class Wish:
    """A number that the workshop wrote for a size; `saw` None is whatever is there now."""

    variant_id: int
    new: int
    saw: int | None = None


def set_counted_all(wishes: Sequence[Wish], reason: StockReason, by: int | None) -> dict[int, DomainError]:
    """`set_counted` for many sizes in a few statements; gives what was refused, by variant.

    Part of the caller's transaction, which has made sure whose they are. When something is refused the caller rolls
    back: the others are written. The rows are held in the order of their numbers, as every sale takes them.
    """
    refused: dict[int, DomainError] = {}
    ordered = sorted(wishes, key=lambda wish: wish.variant_id)
    with transaction():
        db.session.flush()
        for start in range(0, len(ordered), 500):
            _set_batch(ordered[start : start + 500], reason, by, refused)
    return refused


def _set_batch(wishes: Sequence[Wish], reason: StockReason, by: int | None, refused: dict[int, DomainError]) -> None:
    query = _facts().add_columns(Variant.size).where(Variant.id.in_([wish.variant_id for wish in wishes]))
    held = db.session.execute(query.order_by(Variant.id).with_for_update(key_share=True, of=Variant))
    rows = {row.id: row for row in held}
    moves = []
    for wish in wishes:
        row = rows[wish.variant_id]
        change = wish.new - (row.stock if wish.saw is None else wish.saw)
        if row.stock + change < 0:
            refused[row.id] = StockMoved(left=row.stock, size=row.size or "–")
        elif wish.new > MOST or row.stock + change > MOST:
            refused[row.id] = TooMany(most=MOST)
        elif change:
            moves.append({**_row(row, change, reason, by), "left": row.stock + change})
    if moves:
        table = cast(sa.Table, sa.inspect(Variant).local_table)
        moved = sa.update(table).where(table.c.id == sa.bindparam("which"))
        moved = moved.values(stock=table.c.stock + sa.bindparam("change"))
        pairs = [{"which": move["variant_id"], "change": move["change"]} for move in moves]
        db.session.connection().execute(moved, pairs)
    _write(moves)


def begin(variant_id: int, by: int | None, reason: StockReason = StockReason.COUNTED) -> None:
    """Note the number that a new variant begins with; its row is written already. None there: nothing to note."""
    begin_all([variant_id], by, reason)


def begin_all(variant_ids: Sequence[int], by: int | None, reason: StockReason) -> None:
    """The same for many: two statements for each 500."""
    with transaction():
        db.session.flush()
        for start in range(0, len(variant_ids), 500):
            query = _facts().where(Variant.id.in_(variant_ids[start : start + 500]), Variant.stock > 0)
            rows = db.session.execute(query.order_by(Variant.id)).all()
            _write([_row(row, row.stock, reason, by) for row in rows])


def _left(variant_id: int) -> int:
    """Held until the transaction ends, so that what is worked out from it stays true."""
    query = sa.select(Variant.stock).where(Variant.id == variant_id).with_for_update(key_share=True)
    return int(db.session.scalars(query).one())


def _workshop() -> sa.ScalarSelect[int]:
    return sa.select(Listing.workshop_id).where(Listing.id == Variant.listing_id).correlate(Variant).scalar_subquery()


def _facts() -> sa.Select[int, int, int, int]:
    return sa.select(Variant.id, Variant.listing_id, Variant.stock, _workshop().label("workshop_id"))


def _move(change: int, *conditions: sa.ColumnElement[bool]) -> Moved | None:
    """The one conditional UPDATE; None when its conditions do not hold by now."""
    return db.session.execute(
        sa.update(Variant)
        .where(*conditions)
        .values(stock=Variant.stock + change)
        .returning(Variant.id, Variant.listing_id, Variant.stock, _workshop().label("workshop_id"))
        .execution_options(synchronize_session=False)
    ).first()


def _row(moved: Moved, change: int, reason: StockReason, by: int | None = None, note: str = "") -> dict[str, Any]:
    return {
        "workshop_id": moved.workshop_id,
        "listing_id": moved.listing_id,
        "variant_id": moved.id,
        "change": change,
        "left": moved.stock,
        "reason": reason,
        "note": note,
        "moved_by": by,
        "at": clock.now(),
    }


def _write(moves: list[dict[str, Any]]) -> None:
    if moves:
        db.session.execute(sa.insert(StockMove), moves)


def _refusal(variant_id: int, change: int) -> DomainError:
    if change > 0:
        return TooMany(most=MOST)
    row = db.session.execute(sa.select(Variant.stock, Variant.size).where(Variant.id == variant_id)).one()
    return StockMoved(left=row.stock, size=row.size or "–")

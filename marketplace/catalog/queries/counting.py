"""A piece's stock as its workshop counts it, and how it came to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.catalog.models import Listing, StockMove, StockReason, Variant
from marketplace.core.db import db
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key


@dataclass(frozen=True, slots=True)
class CountedSize:
    variant_id: int
    size: str
    stock: int


@dataclass(frozen=True, slots=True)
class Moved:
    """One change: who ('' is the shop itself, by an order), when, why, and what was left after it."""

    id: int
    size: str
    change: int
    left: int
    reason: StockReason
    note: str
    who: str
    at: datetime


def sizes_of(listing_id: int, workshop_id: int) -> list[CountedSize]:
    """The sizes on offer of this workshop's piece; one statement."""
    rows = db.session.execute(
        sa.select(Variant.id, Variant.size, Variant.stock)
        .where(_of(listing_id, workshop_id), Variant.retired_at.is_(None))
        .order_by(Variant.position, Variant.id)
    )
    return [CountedSize(row.id, row.size, row.stock) for row in rows]


def moves_of(listing_id: int, workshop_id: int, after: str | None = None) -> Page[Moved]:
    """Every change of its stock, newest first, those of sizes no longer on offer too; one statement."""
    query = (
        sa.select(StockMove, Variant.size, User.full_name)
        .join(Variant, Variant.id == StockMove.variant_id)
        .outerjoin(User, User.id == StockMove.moved_by)
        .where(
            StockMove.workshop_id == workshop_id,
            StockMove.variant_id.in_(sa.select(Variant.id).where(Variant.listing_id == listing_id)),
        )
        .order_by(StockMove.id.desc())
        .limit(PAGE + 1)
    )
    key = decode_key(after, 1)
    if key is not None:
        query = query.where(StockMove.id < key[0])
    rows = [_moved(move, size, who) for move, size, who in db.session.execute(query)]
    return cut(rows, PAGE, lambda row: encode_key(row.id))


def _of(listing_id: int, workshop_id: int) -> sa.ColumnElement[bool]:
    mine = sa.select(Listing.id).where(Listing.id == listing_id, Listing.workshop_id == workshop_id)
    return Variant.listing_id.in_(mine)


def _moved(move: StockMove, size: str, who: str | None) -> Moved:
    return Moved(move.id, size, move.change, move.left, move.reason, move.note, who or "", move.at)

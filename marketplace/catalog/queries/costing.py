"""The costing sheet of a workshop's own piece, and what a workshop usually reckons with."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.catalog.costing import Sheet
from marketplace.catalog.models import Costing
from marketplace.core.db import db


@dataclass(frozen=True, slots=True)
class OwnSheet:
    sheet: Sheet
    follows_rate: bool = True
    shows_breakdown: bool = False
    rate_id: int | None = None  # the metal rate at which the price was last agreed to


def sheet_of(listing_id: int, workshop_id: int) -> OwnSheet | None:
    """None when nothing was reckoned yet, or the piece is another workshop's; one statement."""
    row = db.session.scalars(
        sa.select(Costing)
        .where(Costing.listing_id == listing_id, Costing.workshop_id == workshop_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    return OwnSheet(sheet_from(row), row.follows_rate, row.shows_breakdown, row.rate_id)


def sheet_from(row: Costing) -> Sheet:
    return Sheet(row.labour_idr, row.stones_idr, row.finishing_idr, row.loss_bp, row.margin_bp)


def usual(workshop_id: int) -> Sheet:
    """An empty sheet with the loss and margin that this workshop used last; one statement."""
    row = db.session.execute(
        sa.select(Costing.loss_bp, Costing.margin_bp)
        .where(Costing.workshop_id == workshop_id)
        .order_by(Costing.updated_at.desc(), Costing.listing_id.desc())
        .limit(1)
    ).first()
    return Sheet(loss_bp=row.loss_bp, margin_bp=row.margin_bp) if row else Sheet()

"""The prices that were: of one piece, and those before the last proposal that a workshop accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.catalog.models import Listing, ListingState, ListingVersion, MetalRate, PriceChange, Variant
from marketplace.catalog.services.pricing_log import Reason
from marketplace.core.db import db
from marketplace.core.i18n import pick

from .repricing import Change, Preview, Proposal, Row


@dataclass(frozen=True, slots=True)
class Past:
    """One price that was; `who` is the person's name, '' the shop itself; `rate_idr` the metal rate behind it."""

    at: datetime
    size: str
    old: int | None
    new: int
    reason: str
    who: str
    rate_idr: int | None


def history(listing_id: int, workshop_id: int, limit: int = 100) -> list[Past]:
    """Every price of this workshop's piece, newest first; one statement."""
    rows = db.session.execute(
        sa.select(PriceChange, Variant.size, User.full_name, MetalRate.idr_per_gram)
        .outerjoin(Variant, Variant.id == PriceChange.variant_id)
        .outerjoin(User, User.id == PriceChange.changed_by)
        .outerjoin(MetalRate, MetalRate.id == PriceChange.rate_id)
        .where(PriceChange.listing_id == listing_id, PriceChange.workshop_id == workshop_id)
        .order_by(PriceChange.id.desc())
        .limit(limit)
    )
    return [
        Past(
            row.PriceChange.at,
            row.size or "",
            row.PriceChange.old_amount,
            row.PriceChange.new_amount,
            row.PriceChange.reason,
            row.full_name or "",
            row.idr_per_gram,
        )
        for row in rows
    ]


def last_accepted(workshop_id: int) -> Preview:
    """The prices before the last proposal that was accepted, for those that nobody touched since; two statements."""
    mine = sa.and_(PriceChange.workshop_id == workshop_id, PriceChange.reason == Reason.RATE.value)
    last = db.session.scalar(sa.select(sa.func.max(PriceChange.at)).where(mine))
    if last is None:
        return Preview(())
    found = db.session.execute(_undoable(mine, last)).all()
    return Preview(
        tuple(_undone(list(group)) for _, group in groupby(found, key=lambda row: row.listing_id)),
    )


def _undoable(mine: sa.ColumnElement[bool], at: datetime) -> Any:
    return (
        sa.select(
            Listing.id.label("listing_id"),
            ListingVersion.title_en,
            ListingVersion.title_id,
            ListingVersion.material,
            ListingVersion.fineness,
            ListingVersion.weight_grams,
            Variant.id.label("variant_id"),
            Variant.size,
            Variant.price_amount,
            PriceChange.old_amount,
        )
        .select_from(PriceChange)
        .join(Variant, sa.and_(Variant.id == PriceChange.variant_id, Variant.retired_at.is_(None)))
        .join(Listing, Listing.id == Variant.listing_id)
        .join(ListingVersion, ListingVersion.id == Listing.approved_version_id)
        .where(
            mine,
            PriceChange.at == at,
            PriceChange.old_amount.is_not(None),
            Variant.price_amount == PriceChange.new_amount,
            Listing.state.in_((ListingState.LIVE, ListingState.PAUSED)),
        )
        .order_by(Listing.id.desc(), Variant.position, Variant.id)
    )


def _undone(rows: Sequence[Row]) -> Proposal:
    first = rows[0]
    return Proposal(
        listing_id=first.listing_id,
        title=pick(first.title_en, first.title_id),
        material=first.material,
        fineness=first.fineness,
        weight_grams=first.weight_grams,
        changes=tuple(Change(row.variant_id, row.size, row.price_amount, row.old_amount) for row in rows),
    )

"""Keeping the costing sheet of a piece. It moves no price: what it suggests is taken over by its maker."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.catalog import metals, publication
from marketplace.catalog.costing import Sheet
from marketplace.catalog.models import Costing, Listing, MetalRate, PriceChange
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction

from .loading import newest, own_listing
from .pricing_log import Reason


def put(listing_id: int, workshop_id: int, sheet: Sheet, *, follows_rate: bool, shows_breakdown: bool) -> None:
    """Keep the sheet as typed.

    Its maker has agreed to the price at the rate of the day when the sheet is new or changed, or when the price was
    typed since that rate came; else a waiting proposal goes on waiting.

    Raises:
        NotFound: there is no such piece, or it is another workshop's.
    """
    with transaction():
        listing = own_listing(listing_id, workshop_id)
        row = db.session.get(Costing, listing_id, populate_existing=True)
        if row is None:
            row = Costing(listing_id=listing_id, workshop_id=workshop_id, shows_breakdown=False)
            db.session.add(row)
            is_changed = True
        else:
            is_changed = _values(row) != _columns(sheet)
        showed = row.shows_breakdown
        for name, value in _columns(sheet).items():
            setattr(row, name, value)
        row.follows_rate, row.shows_breakdown, row.updated_at = follows_rate, shows_breakdown, clock.now()
        rate = metals.current().get(newest(listing).material)
        if rate is not None and (is_changed or _typed_since(listing_id, rate.id)):
            row.rate_id = rate.id
        db.session.flush()
        if listing.approved_version_id is not None and (showed or shows_breakdown):
            publication.refresh([listing_id])


def copy(from_listing: int, to_listing: int) -> None:
    """The sheet of a copied piece, in the caller's transaction; nothing when there is none."""
    with transaction():
        source = db.session.get(Costing, from_listing)
        if source is None:
            return
        to = locked(Listing, to_listing, workshop_id=source.workshop_id)
        db.session.add(
            Costing(
                listing_id=to.id,
                workshop_id=to.workshop_id,
                follows_rate=source.follows_rate,
                shows_breakdown=source.shows_breakdown,
                rate_id=source.rate_id,
                updated_at=clock.now(),
                **_values(source),
            )
        )
        db.session.flush()


def _columns(sheet: Sheet) -> dict[str, int]:
    return {
        "labour_idr": sheet.labour_idr,
        "stones_idr": sheet.stones_idr,
        "finishing_idr": sheet.finishing_idr,
        "loss_bp": sheet.loss_bp,
        "margin_bp": sheet.margin_bp,
    }


def _values(row: Costing) -> dict[str, int]:
    return {name: getattr(row, name) for name in _columns(Sheet())}


def _typed_since(listing_id: int, rate_id: int) -> bool:
    came_at = sa.select(MetalRate.created_at).where(MetalRate.id == rate_id).scalar_subquery()
    typed = sa.exists().where(
        PriceChange.listing_id == listing_id, PriceChange.reason == Reason.TYPED.value, PriceChange.at >= came_at
    )
    return bool(db.session.scalar(sa.select(typed)))

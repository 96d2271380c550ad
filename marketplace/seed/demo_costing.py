"""Metal rates of the last days, and the costing sheet of every demo piece (sample_costing.csv)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from marketplace.catalog.costing import BASIS
from marketplace.catalog.models import Costing, Listing, ListingVersion, MetalRate
from marketplace.core import clock
from marketplace.core.db import db

# Rupiah for a gram, and how many days ago; sample figures, an admin enters real ones. The last silver is the one that
# the sheets were reckoned with.
RATES = {"silver": ((44_600, 5), (44_800, 3), (45_000, 0)), "brass": ((180, 5),)}
SHOW_IT = ("CS-001", "CS-006", "CS-029")  # makers who let buyers see where the money goes


def fill(rows: Sequence[Mapping[str, str]], listing_ids: Mapping[str, int]) -> None:
    """Part of the caller's transaction. Every price is the one that its sheet suggests, and agreed to."""
    rate_ids = _rates()
    facts = {
        row.id: row
        for row in db.session.execute(
            sa.select(Listing.id, Listing.workshop_id, ListingVersion.material).join(
                ListingVersion, ListingVersion.id == Listing.approved_version_id
            )
        )
    }
    for row in rows:
        piece = facts[listing_ids[row["sku"]]]
        db.session.add(
            Costing(
                listing_id=piece.id,
                workshop_id=piece.workshop_id,
                loss_bp=_basis_points(row["loss_rate"]),
                labour_idr=int(row["labour_idr"]),
                stones_idr=int(row["stones_idr"]),
                finishing_idr=int(row["finishing_idr"]),
                margin_bp=_basis_points(row["margin_rate"]),
                follows_rate=True,
                shows_breakdown=row["sku"] in SHOW_IT,
                rate_id=rate_ids.get(piece.material),
                updated_at=clock.now(),
            )
        )
    db.session.flush()


def _rates() -> dict[str, int]:
    """The newest of each metal, by its code."""
    newest = {}
    for metal, past in RATES.items():
        for idr_per_gram, days in past:
            at = clock.now() - timedelta(days=days, minutes=30)
            rate = MetalRate(
                metal=metal,
                idr_per_gram=idr_per_gram,
                source="sample figure",
                quoted_at=at,
                created_at=at,
                told_at=at,
            )
            db.session.add(rate)
            db.session.flush()
            newest[metal] = rate.id
    return newest


def _basis_points(rate: str) -> int:
    return int(Decimal(rate) * BASIS)

"""Choosing the pictures of the home page."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.core.db import db, transaction

from . import versions
from .models import Showcase

SLOTS = ("home", "ceremonial", "granulation", "wirework", "hammering")  # the first two are wide, the others 4:5


def put(slot: str, photo_id: int, *, alt_en: str, alt_id: str, listing_ids: Sequence[int] = ()) -> None:
    """Show this photo in the slot from now on.

    Raises:
        KeyError: the home page has no such place.
    """
    if slot not in SLOTS:
        raise KeyError(slot)
    with transaction():
        row = db.session.scalar(sa.select(Showcase).where(Showcase.slot == slot).with_for_update())
        if row is None:
            row = Showcase(slot=slot)
            db.session.add(row)
        row.photo_id, row.alt_en, row.alt_id, row.listing_ids = photo_id, alt_en, alt_id, list(listing_ids)
        versions.bump([versions.SHOP])

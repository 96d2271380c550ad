"""The start page, in six statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Card, Placement, Showcase
from marketplace.catalog.publication import WHOLE_SHOP
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.media.models import Photo
from marketplace.media.queries import VIEW_COLUMNS, PhotoView, view_from

from . import nav, workshop
from .cards import CARD_COLUMNS, ListingCard, Shown, by_ids, card_of

NEW_PIECES, FROM_EACH, LOOKED_AT = 8, 2, 48


@dataclass(frozen=True, slots=True)
class Stage:
    """A chosen picture, and the pieces on it that are on sale."""

    photo: PhotoView
    alt: str
    pieces: Sequence[ListingCard]


@dataclass(frozen=True, slots=True)
class Home:
    newest: Sequence[ListingCard]
    tiles: Sequence[nav.Tile]
    stages: Mapping[str, Stage]
    workshop_count: int
    smith: workshop.WorkshopFacts | None
    smith_cards: Sequence[ListingCard]


def home(shown: Shown, places: Sequence[nav.Place]) -> Home:
    """Everything on the start page. `places` are the kinds that get a tile."""
    rows = db.session.execute(_newest()).all()
    by_workshop: dict[int, list[ListingCard]] = {}
    for row in rows:
        by_workshop.setdefault(row.workshop_id, []).append(card_of(row, shown))
    smith_id = _smith(by_workshop)
    return Home(
        newest=_mixed([(row.workshop_id, row.listing_id) for row in rows], by_workshop),
        tiles=nav.tiles(places),
        stages=_stages(shown),
        workshop_count=workshop.count(),
        smith=workshop.by_id(smith_id) if smith_id else None,
        smith_cards=by_workshop[smith_id][-2:] if smith_id else (),
    )


@cache
def _newest() -> Any:
    return (
        sa.select(*CARD_COLUMNS, Placement.workshop_id)
        .select_from(Placement)
        .join(Card, Card.listing_id == Placement.listing_id)
        .outerjoin(Photo, Photo.id == Card.photo_id)
        .where(Placement.category_id == WHOLE_SHOP)
        .order_by(Placement.published_key.desc(), Placement.listing_id.desc())
        .limit(LOOKED_AT)
    )


def _smith(by_workshop: Mapping[int, Sequence[ListingCard]]) -> int | None:
    """The workshop that gets to speak: the second newest with two pieces, since the first has the first photos."""
    able = [ident for ident, group in by_workshop.items() if len(group) > 1] or list(by_workshop)
    return able[min(1, len(able) - 1)] if able else None


def _mixed(order: Sequence[tuple[int, int]], by_workshop: Mapping[int, Sequence[ListingCard]]) -> list[ListingCard]:
    """The newest pieces, at most two of one workshop, so that many benches are seen."""
    cards = {card.id: card for group in by_workshop.values() for card in group}
    chosen: list[ListingCard] = []
    of_each: dict[int, int] = {}
    for workshop_id, listing_id in order:
        if of_each.get(workshop_id, 0) < FROM_EACH and len(chosen) < NEW_PIECES:
            of_each[workshop_id] = of_each.get(workshop_id, 0) + 1
            chosen.append(cards[listing_id])
    return chosen


def _stages(shown: Shown) -> dict[str, Stage]:
    """Two statements: the pictures, and the cards of all pieces on them."""
    rows = db.session.execute(_showcases()).all()
    wanted = [listing_id for row in rows for listing_id in row.listing_ids]
    cards = {card.id: card for card in by_ids(wanted, shown)} if wanted else {}
    return {
        row.slot: Stage(photo, pick(row.alt_en, row.alt_id), [cards[it] for it in row.listing_ids if it in cards])
        for row in rows
        if (photo := view_from(row[4:])) is not None
    }


@cache
def _showcases() -> Any:
    columns = (Showcase.slot, Showcase.alt_en, Showcase.alt_id, Showcase.listing_ids)
    return sa.select(*columns, *VIEW_COLUMNS).join(Photo, Photo.id == Showcase.photo_id)

"""Cards: what a list shows of each piece. 24 of them are one statement, whatever the shop holds."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.catalog import attributes, pricing
from marketplace.catalog.models import Card, Placement
from marketplace.catalog.publication import WHOLE_SHOP
from marketplace.core.db import db
from marketplace.core.i18n import grams, is_fallback, language, pick
from marketplace.core.money import Money
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key
from marketplace.media.models import Photo
from marketplace.media.queries import PhotoView, view_of

FEW = 3  # from here down a card says how many are left
MOST_COUNTED = 1000
Column = sa.orm.InstrumentedAttribute[int]


class Sort(enum.StrEnum):
    NEWEST = "newest"
    CHEAPEST = "price"
    DEAREST = "-price"


@dataclass(frozen=True, slots=True)
class ListingCard:
    """What templates/ui/card.html shows. `language` names the title's when it is not the page's."""

    id: int
    slug: str
    title: str
    language: str
    workshop_name: str
    price: Money
    availability: str  # ready, few, one, made, sold
    left: int
    lead_days: int
    fineness_text: str
    weight_text: str
    photo: PhotoView | None
    alt: str


@dataclass(frozen=True, slots=True)
class Shown:
    """How prices are shown on this page: the market's currency and the rates of the day."""

    currency: str
    rates: pricing.Rates

    def price(self, idr: int) -> Money:
        return pricing.present(idr, self.currency, self.rates)


def other_language(en: str, id_: str) -> str:
    """'id' or 'en' where `pick` had to show the language that is not the page's, else ''."""
    if not is_fallback(en, id_):
        return ""
    return "en" if language() == "id" else "id"


def availability(*, made_to_order: bool, stock: int, is_single: bool = False) -> str:
    if made_to_order:
        return "made"
    if stock <= 0:
        return "sold"
    if is_single:
        return "one"
    return "few" if stock <= FEW else "ready"


def card_of(card: Card, photo: Photo | None, shown: Shown) -> ListingCard:
    return ListingCard(
        id=card.listing_id,
        slug=card.slug,
        title=pick(card.title_en, card.title_id),
        language=other_language(card.title_en, card.title_id),
        workshop_name=card.workshop_name,
        price=shown.price(card.price_amount),
        availability=availability(made_to_order=card.made_to_order, stock=card.stock, is_single=card.is_single),
        left=card.stock,
        lead_days=card.lead_time_days,
        fineness_text=attributes.fineness_text(card.material, card.fineness, card.plating),
        weight_text=grams(card.weight_grams) if card.weight_grams else "",
        photo=view_of(photo) if photo else None,
        alt=pick(card.alt_en, card.alt_id),
    )


def by_ids(listing_ids: Sequence[int], shown: Shown) -> list[ListingCard]:
    """The public ones of these listings, in this order."""
    query = sa.select(Card, Photo).outerjoin(Photo, Photo.id == Card.photo_id).where(Card.listing_id.in_(listing_ids))
    rows = db.session.execute(query)
    cards = {card.listing_id: card_of(card, photo, shown) for card, photo in rows}
    return [cards[ident] for ident in listing_ids if ident in cards]


def _order(sort: Sort) -> tuple[Column, Column, bool]:
    """The two columns that a page's key is made of, and whether they fall."""
    if sort is Sort.NEWEST:
        return Placement.published_key, Placement.listing_id, True
    return Placement.price_amount, Placement.listing_id, sort is Sort.DEAREST


def page(
    shown: Shown,
    *,
    category_id: int = WHOLE_SHOP,
    workshop_id: int | None = None,
    sort: Sort = Sort.NEWEST,
    after: str | None = None,
    limit: int = PAGE,
) -> Page[ListingCard]:
    """One statement: the cards behind the key `after`, cut from the index of the category (and workshop).

    A key holds how many pieces were before, for the words on the page; a key that was tampered with begins anew.
    """
    first, second, falls = _order(sort)
    query = (
        sa.select(Card, Photo, Placement.published_key)
        .select_from(Placement)
        .join(Card, Card.listing_id == Placement.listing_id)
        .outerjoin(Photo, Photo.id == Card.photo_id)
        .where(Placement.category_id == category_id)
    )
    if workshop_id is not None:
        query = query.where(Placement.workshop_id == workshop_id)
    key, seen = decode_key(after, 3), 0
    if key is not None:
        edge, here = sa.tuple_(sa.literal(key[0]), sa.literal(key[1])), sa.tuple_(first, second)
        query, seen = query.where(here < edge if falls else here > edge), key[2]
    order = [first.desc(), second.desc()] if falls else [first, second]
    rows = db.session.execute(query.order_by(*order).limit(limit + 1)).all()

    def key_of(row: sa.Row[Card, Photo, int]) -> str:
        value = row.published_key if sort is Sort.NEWEST else row.Card.price_amount
        return encode_key(value, row.Card.listing_id, seen + limit)

    cut_page = cut(rows, limit, key_of, seen)
    return Page([card_of(row.Card, row.Photo, shown) for row in cut_page.rows], cut_page.after, cut_page.seen)


def count(*, category_id: int = WHOLE_SHOP, workshop_id: int | None = None) -> int:
    """Pieces in the list, counted up to MOST_COUNTED + 1: above that the page says '1,000+'."""
    some = sa.select(sa.literal(1)).where(Placement.category_id == category_id)
    if workshop_id is not None:
        some = some.where(Placement.workshop_id == workshop_id)
    return db.session.scalar(sa.select(sa.func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery())) or 0

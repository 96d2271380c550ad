"""Cards: what a list shows of each piece. 24 of them are one statement, whatever the shop holds."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from marketplace.catalog import attributes, pricing
from marketplace.catalog.models import Card, Placement
from marketplace.catalog.publication import WHOLE_SHOP
from marketplace.core.db import db
from marketplace.core.i18n import grams, is_fallback, language, pick
from marketplace.core.money import Money
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key
from marketplace.media.models import Photo
from marketplace.media.queries import VIEW_COLUMNS, PhotoView, view_from

FEW = 3  # from here down a card says how many are left
MOST_COUNTED = 1000
MOST_KEPT = 1500  # cards, each in one language and currency, with their HTML: some 6 KB each
Column = sa.orm.InstrumentedAttribute[int]


class Sort(enum.StrEnum):
    NEWEST = "newest"
    CHEAPEST = "price"
    DEAREST = "-price"


@dataclass(frozen=True, slots=True)
class ListingCard:
    """What templates/ui/card.html shows. `language` names the title's when it is not the page's.

    The same row at the same rate is the same card as long as it is kept, and `kept` holds the HTML made of it.
    """

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
    kept: dict[Any, str] = field(default_factory=dict, compare=False, repr=False)


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


# What a card is made of, in the order in which `_made` takes it apart.
CARD_COLUMNS = (
    Card.listing_id,
    Card.slug,
    Card.title_en,
    Card.title_id,
    Card.workshop_name,
    Card.price_amount,
    Card.material,
    Card.fineness,
    Card.plating,
    Card.weight_grams,
    Card.made_to_order,
    Card.lead_time_days,
    Card.stock,
    Card.is_single,
    Card.alt_en,
    Card.alt_id,
    Card.sold_as,
    Card.set_count,
    *VIEW_COLUMNS,
)
_WIDE = len(CARD_COLUMNS)


def card_of(row: Sequence[Any], shown: Shown) -> ListingCard:
    """From a row that begins with CARD_COLUMNS.

    Raises:
        NoRate: prices cannot be shown.
    """
    quoted = None if shown.currency == "IDR" else shown.rates.rate(shown.currency)
    return _made(tuple(row[:_WIDE]), shown.currency, quoted, language())


@lru_cache(maxsize=MOST_KEPT)
def _made(values: tuple[Any, ...], currency: str, quoted: pricing.Quoted | None, _language: str) -> ListingCard:
    """All that a card shows comes in as arguments: a card that is kept can never be old."""
    (ident, slug, title_en, title_id, workshop_name, price, material, fineness, plating, weight) = values[:10]
    (made_to_order, lead_days, stock, is_single, alt_en, alt_id, sold_as, set_count) = values[10:18]
    unit = attributes.unit_text(sold_as, set_count)
    rates = pricing.Rates({currency: quoted} if quoted else {})
    return ListingCard(
        id=ident,
        slug=slug,
        title=pick(title_en, title_id),
        language=other_language(title_en, title_id),
        workshop_name=workshop_name,
        price=pricing.present(price, currency, rates),
        availability=availability(made_to_order=made_to_order, stock=stock, is_single=is_single),
        left=stock,
        lead_days=lead_days,
        fineness_text=attributes.fineness_text(material, fineness, plating),
        weight_text=" · ".join(text for text in (grams(weight) if weight else "", unit) if text),
        photo=view_from(values[18:]),
        alt=pick(alt_en, alt_id),
    )


def by_ids(listing_ids: Sequence[int], shown: Shown) -> list[ListingCard]:
    """The public ones of these listings, in this order."""
    rows = db.session.execute(_by_ids(), {"ids": list(listing_ids)})
    cards = {row.listing_id: card_of(row, shown) for row in rows}
    return [cards[ident] for ident in listing_ids if ident in cards]


@cache
def _by_ids() -> Any:
    """Built once, like every statement of a list."""
    query = sa.select(*CARD_COLUMNS).select_from(Card).outerjoin(Photo, Photo.id == Card.photo_id)
    return query.where(Card.listing_id.in_(sa.bindparam("ids", expanding=True)))


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
    key, seen = decode_key(after, 3), 0
    values: dict[str, Any] = {"category_id": category_id, "workshop_id": workshop_id, "some": limit + 1}
    if key is not None:
        values["edge"], values["edge_id"], seen = key
    rows = db.session.execute(_page(sort, workshop_id is not None, key is not None), values).all()

    def key_of(row: sa.Row[Any]) -> str:
        value = row.published_key if sort is Sort.NEWEST else row.price_amount
        return encode_key(value, row.listing_id, seen + limit)

    cut_page = cut(rows, limit, key_of, seen)
    return Page([card_of(row, shown) for row in cut_page.rows], cut_page.after, cut_page.seen)


@cache
def _page(sort: Sort, of_workshop: bool, is_later: bool) -> Any:
    first, second, falls = _order(sort)
    query = (
        sa.select(*CARD_COLUMNS, Placement.published_key)
        .select_from(Placement)
        .join(Card, Card.listing_id == Placement.listing_id)
        .outerjoin(Photo, Photo.id == Card.photo_id)
        .where(Placement.category_id == sa.bindparam("category_id"))
    )
    if of_workshop:
        query = query.where(Placement.workshop_id == sa.bindparam("workshop_id"))
    if is_later:
        edge = sa.tuple_(sa.bindparam("edge", type_=sa.BigInteger), sa.bindparam("edge_id", type_=sa.BigInteger))
        here = sa.tuple_(first, second)
        query = query.where(here < edge if falls else here > edge)
    order = [first.desc(), second.desc()] if falls else [first, second]
    return query.order_by(*order).limit(sa.bindparam("some", type_=sa.Integer))


def count(*, category_id: int = WHOLE_SHOP, workshop_id: int | None = None) -> int:
    """Pieces in the list, counted up to MOST_COUNTED + 1: above that the page says '1,000+'."""
    values = {"category_id": category_id, "workshop_id": workshop_id}
    return db.session.scalar(_counted(workshop_id is not None), values) or 0


@cache
def _counted(of_workshop: bool) -> sa.Select[int]:
    some = sa.select(sa.literal(1)).where(Placement.category_id == sa.bindparam("category_id"))
    if of_workshop:
        some = some.where(Placement.workshop_id == sa.bindparam("workshop_id"))
    return sa.select(sa.func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery())

"""The cart as its page and the checkout show it: parcels by workshop, prices of this moment, postage, arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from marketplace.catalog.pricing import Rates, present, present_unit, rates
from marketplace.catalog.queries import BuyableVariant, buyable
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.markets import current_market, market_of
from marketplace.core.money import EXPONENTS, Money, total
from marketplace.shipping.calendar import calendar_of
from marketplace.shipping.queries import Parcel, Quote, quotes
from marketplace.workshops.queries import holidays
from marketplace.workshops.queries.holidays import Closing

from .models import Cart, CartLine, CartNote
from .services import Owner


@dataclass(frozen=True, slots=True)
class LineInCart:
    """`problem` is '', 'gone' (not on sale), 'closed' (its workshop), 'sold_out' or 'few': `left` are there, over all
    lines of the piece.
    """

    id: int
    variant: BuyableVariant
    quantity: int
    engraving: str
    unit: Money  # with its engraving
    engraving_price: Money | None  # what of the unit's price it is, where it costs something
    seen: Money | None  # the price when it was added, where it was another one
    problem: str

    @property
    def left(self) -> int:
        return self.variant.stock

    @property
    def counts(self) -> bool:
        """Whether it can be bought at all, and so belongs to the sum."""
        return self.problem in ("", "few")

    @property
    def unit_idr(self) -> int:
        return self.variant.unit_idr(self.engraving)

    @property
    def engraving_idr(self) -> int:
        return self.unit_idr - self.variant.price_idr

    @property
    def sum(self) -> Money:
        return self.unit * self.quantity


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to send a parcel, priced for this buyer."""

    service: str
    name: str
    price: Money
    price_idr: int
    ship_by: date
    arrives_from: date
    arrives_to: date
    is_insured: bool


@dataclass(frozen=True, slots=True)
class ParcelInCart:
    """One workshop's lines. Without `chosen` nobody carries this parcel to the destination."""

    workshop_id: int
    workshop_name: str
    workshop_slug: str
    initials: str
    lines: tuple[LineInCart, ...]
    offers: tuple[Offer, ...]
    chosen: Offer | None
    note: str
    is_gift: bool
    currency: str
    closing: Closing | None  # nothing can be ordered from the workshop now

    @property
    def items(self) -> Money:
        return total((line.sum for line in self.lines if line.counts), self.currency)

    @property
    def piece_count(self) -> int:
        return sum(line.quantity for line in self.lines if line.counts)

    @property
    def is_sent(self) -> bool:
        """Whether anything in it can be bought."""
        return any(line.counts for line in self.lines)

    @property
    def is_made_to_order(self) -> bool:
        return any(line.variant.made_to_order for line in self.lines if line.counts)


@dataclass(frozen=True, slots=True)
class Contents:
    cart_id: int
    checkout_key: str
    country: str
    currency: str
    rates: Rates
    parcels: tuple[ParcelInCart, ...]

    @property
    def sent(self) -> tuple[ParcelInCart, ...]:
        return tuple(parcel for parcel in self.parcels if parcel.is_sent)

    @property
    def piece_count(self) -> int:
        return sum(parcel.piece_count for parcel in self.parcels)

    @property
    def items(self) -> Money:
        return total((parcel.items for parcel in self.parcels), self.currency)

    @property
    def shipping(self) -> Money:
        return total((parcel.chosen.price for parcel in self.sent if parcel.chosen), self.currency)

    @property
    def total(self) -> Money:
        return self.items + self.shipping

    @property
    def is_deliverable(self) -> bool:
        return all(parcel.chosen is not None for parcel in self.sent)

    @property
    def troubled(self) -> tuple[LineInCart, ...]:
        return tuple(line for parcel in self.parcels for line in parcel.lines if line.problem)

    @property
    def can_check_out(self) -> bool:
        return bool(self.sent) and self.is_deliverable and not self.troubled


def contents(
    owner: Owner | None, country: str = "", services: Mapping[int, str] | None = None, *, usual: str = ""
) -> Contents | None:
    """The visitor's cart, or None when it is empty; six statements, however much it holds.

    `country` overrides the cart's destination; `usual` counts when none was chosen in it, before the market's.
    `services` overrides the cheapest way of a workshop's parcel.
    """
    if owner is None:
        return None
    rows = db.session.execute(
        sa.select(Cart, CartLine)
        .join(CartLine, CartLine.cart_id == Cart.id)
        .where(owner.condition)
        .order_by(CartLine.id)
    ).all()
    if not rows:
        return None
    cart: Cart = rows[0][0]
    country = country or cart.country or usual or current_market().country
    return _contents(cart, [line for _cart, line in rows], country, services or {})


def _contents(cart: Cart, lines: list[CartLine], country: str, services: Mapping[int, str]) -> Contents:
    currency = market_of(country).currency
    rates_now, variants = rates(), buyable(line.variant_id for line in lines)
    kept = holidays.keepings(variant.workshop_id for variant in variants.values())
    closings = {ident: keeping.closed_on(clock.today()) for ident, keeping in kept.items()}
    shown = _lines_in_cart(lines, variants, currency, rates_now, closings)
    by_workshop: dict[int, list[LineInCart]] = {}
    for line in shown:
        by_workshop.setdefault(line.variant.workshop_id, []).append(line)
    notes = {
        note.workshop_id: note for note in db.session.scalars(sa.select(CartNote).where(CartNote.cart_id == cart.id))
    }
    ways = quotes(
        [_parcel(ident, inside) for ident, inside in by_workshop.items()],
        country,
        known={ident: calendar_of(keeping) for ident, keeping in kept.items()},
    )
    parcels = [
        _parcel_in_cart(
            inside,
            [_offer(quote, currency, rates_now) for quote in ways.get(ident, [])],
            services.get(ident, ""),
            notes.get(ident),
            currency,
            closings[ident],
        )
        for ident, inside in by_workshop.items()
    ]
    return Contents(cart.id, cart.checkout_key, country, currency, rates_now, tuple(parcels))


def _lines_in_cart(
    lines: list[CartLine],
    variants: Mapping[int, BuyableVariant],
    currency: str,
    rates_now: Rates,
    closings: Mapping[int, Closing | None],
) -> list[LineInCart]:
    wanted: dict[int, int] = {}
    for line in lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    found = []
    for line in lines:
        variant = variants.get(line.variant_id)
        if variant is None:
            continue
        engraving_idr = variant.unit_idr(line.engraving) - variant.price_idr
        unit = present_unit(variant.price_idr, engraving_idr, currency, rates_now)
        seen = _money(line.seen_price)
        found.append(
            LineInCart(
                id=line.id,
                variant=variant,
                quantity=line.quantity,
                engraving=line.engraving,
                unit=unit,
                engraving_price=present(engraving_idr, currency, rates_now) if engraving_idr else None,
                seen=seen if seen is not None and seen.currency == currency and seen != unit else None,
                problem=_problem(variant, wanted[line.variant_id], is_closed=closings[variant.workshop_id] is not None),
            )
        )
    return found


def _problem(variant: BuyableVariant, wanted: int, *, is_closed: bool) -> str:
    if not variant.is_buyable:
        return "gone"
    if is_closed:
        return "closed"
    if variant.can_give(wanted):
        return ""
    return "few" if variant.stock > 0 else "sold_out"


def _money(text: str) -> Money | None:
    currency, _space, amount = text.partition(" ")
    return Money(int(amount), currency) if currency in EXPONENTS and amount.isdigit() else None


def _parcel(workshop_id: int, lines: list[LineInCart]) -> Parcel:
    going = [line for line in lines if line.counts]
    return Parcel(
        workshop_id,
        grams=sum(line.variant.packed_grams * line.quantity for line in going),
        lead_time_days=max((line.variant.lead_time_days for line in going if line.variant.made_to_order), default=0),
    )


def _offer(quote: Quote, currency: str, rates_now: Rates) -> Offer:
    return Offer(
        service=quote.service,
        name=quote.name,
        price=present(quote.price_idr, currency, rates_now),
        price_idr=quote.price_idr,
        ship_by=quote.ship_by,
        arrives_from=quote.arrives_from,
        arrives_to=quote.arrives_to,
        is_insured=quote.is_insured,
    )


def _parcel_in_cart(
    lines: list[LineInCart],
    offers: list[Offer],
    service: str,
    note: CartNote | None,
    currency: str,
    closing: Closing | None,
) -> ParcelInCart:
    variant = lines[0].variant
    chosen = next((offer for offer in offers if offer.service == service), offers[0] if offers else None)
    return ParcelInCart(
        workshop_id=variant.workshop_id,
        workshop_name=variant.workshop_name,
        workshop_slug=variant.workshop_slug,
        initials=variant.workshop_initials,
        lines=tuple(lines),
        offers=tuple(offers),
        chosen=chosen,
        note=note.text if note else "",
        is_gift=note.is_gift if note else False,
        currency=currency,
        closing=closing,
    )


def count_of(owner: Owner | None) -> int:
    """Pieces in the cart, for the header."""
    if owner is None:
        return 0
    query = sa.select(sa.func.sum(CartLine.quantity)).join(Cart, Cart.id == CartLine.cart_id).where(owner.condition)
    return int(db.session.scalar(query) or 0)

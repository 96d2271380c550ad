"""What a parcel costs and when it arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db

from .calendar import after_working_days
from .carriers import SERVICES
from .models import Rate, Zone

READY_DAYS = 2  # a ready piece leaves Celuk within two working days (domain.md 3.3)
REST = "*"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one workshop sends in one box: packed weight, and the longest time at the bench (0: all is ready)."""

    workshop_id: int
    grams: int
    lead_time_days: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """One way to send a parcel. The price is whole rupiah; callers convert it with `catalog.pricing`."""

    service: str
    name: str
    price_idr: int
    ship_by: date  # when it leaves Celuk at the latest
    arrives_from: date
    arrives_to: date
    is_insured: bool


def ship_by(lead_time_days: int, today: date | None = None) -> date:
    """The last day on which a piece leaves Celuk: its working days at the bench, closed days skipped."""
    return after_working_days(today or clock.today(), max(lead_time_days, READY_DAYS))


def quotes(parcels: Sequence[Parcel], country: str, today: date | None = None) -> dict[int, list[Quote]]:
    """By workshop, every service to `country` that takes the parcel, cheapest first; two statements for all.

    A workshop without an entry cannot send this parcel there: it is too heavy, or nobody goes.
    """
    zone = _zone_of(country)
    if zone is None or not parcels:
        return {}
    rates = _rates(zone, [parcel.workshop_id for parcel in parcels])
    found = {parcel.workshop_id: _quotes_of(parcel, rates, today) for parcel in parcels}
    return {workshop_id: offers for workshop_id, offers in found.items() if offers}


def estimate(parcel: Parcel, country: str, today: date | None = None) -> Quote | None:
    """The cheapest way, for the page of a piece."""
    offers = quotes([parcel], country, today).get(parcel.workshop_id)
    return offers[0] if offers else None


def _zone_of(country: str) -> int | None:
    """The zone that names the country, else the rest of the world."""
    rest = None
    for ident, countries in db.session.execute(sa.select(Zone.id, Zone.countries).order_by(Zone.position)):
        if country in countries:
            return int(ident)
        if REST in countries:
            rest = int(ident)
    return rest


def _rates(zone: int, workshop_ids: list[int]) -> list[Rate]:
    return list(db.session.scalars(_rated(), {"zone": zone, "ids": workshop_ids}))


@cache
def _rated() -> sa.Select[Rate]:
    own = Rate.workshop_id.in_(sa.bindparam("ids", expanding=True))
    query = sa.select(Rate).where(Rate.zone_id == sa.bindparam("zone"), sa.or_(Rate.workshop_id.is_(None), own))
    return query.order_by(Rate.max_grams)


def _quotes_of(parcel: Parcel, rates: list[Rate], today: date | None) -> list[Quote]:
    own = [rate for rate in rates if rate.workshop_id == parcel.workshop_id]
    bands: dict[str, Rate] = {}
    for rate in own or [rate for rate in rates if rate.workshop_id is None]:
        if rate.max_grams >= parcel.grams and rate.service in SERVICES:
            bands.setdefault(rate.service, rate)  # rates come lightest first
    leaves = ship_by(parcel.lead_time_days, today)
    return sorted((_quote(rate, leaves) for rate in bands.values()), key=lambda quote: (quote.price_idr, quote.service))


def _quote(rate: Rate, leaves: date) -> Quote:
    service = SERVICES[rate.service]
    return Quote(
        service=rate.service,
        name=service.name,
        price_idr=rate.price_amount,
        ship_by=leaves,
        arrives_from=leaves + timedelta(rate.days_min),
        arrives_to=leaves + timedelta(rate.days_max),
        is_insured=service.insured,
    )

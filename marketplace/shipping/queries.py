"""What a parcel costs and when it arrives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.workshops.queries import holidays

from .calendar import USUAL, Calendar, after_working_days, calendar_of
from .carriers import SERVICES
from .models import Rate, Zone

READY_DAYS = 2  # a ready piece leaves Celuk within two working days (domain.md 3.3)
REST = "*"  # the zone of every country that no other names


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


def calendars(workshop_ids: Iterable[int]) -> dict[int, Calendar]:
    """The days that each of these workshops keeps, in one statement."""
    return {ident: calendar_of(keeping) for ident, keeping in holidays.keepings(workshop_ids).items()}


def ship_by(lead_time_days: int, today: date | None = None, calendar: Calendar = USUAL) -> date:
    """The last day on which a piece leaves Celuk: its working days at the bench, the workshop's closed days skipped."""
    return after_working_days(today or clock.today(), max(lead_time_days, READY_DAYS), calendar)


def quotes(
    parcels: Sequence[Parcel],
    country: str,
    today: date | None = None,
    known: Mapping[int, Calendar] | None = None,
) -> dict[int, list[Quote]]:
    """By workshop, every service to `country` that takes the parcel, cheapest first; two statements for all.

    `known` are the workshops' calendars, where the caller has read them. A workshop without an entry cannot send this
    parcel there: it is too heavy, or nobody goes.
    """
    if not parcels:
        return {}
    ids = [parcel.workshop_id for parcel in parcels]
    rates = list(db.session.scalars(_rated(), {"country": f'"{country}"', "rest": f'"{REST}"', "ids": ids}))
    kept = known if known is not None else calendars(ids)
    found = {
        parcel.workshop_id: _quotes_of(
            parcel, rates, ship_by(parcel.lead_time_days, today, kept.get(parcel.workshop_id, USUAL))
        )
        for parcel in parcels
    }
    return {workshop_id: offers for workshop_id, offers in found.items() if offers}


def estimate(parcel: Parcel, country: str, today: date | None = None, calendar: Calendar | None = None) -> Quote | None:
    """The cheapest way, for the page of a piece."""
    known = {parcel.workshop_id: calendar} if calendar is not None else None
    offers = quotes([parcel], country, today, known).get(parcel.workshop_id)
    return offers[0] if offers else None


@cache
def _rated() -> sa.Select[Rate]:
    """The rates of the village and of these workshops, to the zone that names the country, else to the world's rest."""
    named = sa.cast(Zone.countries, sa.String).contains(sa.bindparam("country", type_=sa.String))
    rest = sa.cast(Zone.countries, sa.String).contains(sa.bindparam("rest", type_=sa.String))
    nearest = sa.case((named, 0), else_=1)
    zone = sa.select(Zone.id).where(sa.or_(named, rest)).order_by(nearest, Zone.position).limit(1).scalar_subquery()
    own = Rate.workshop_id.in_(sa.bindparam("ids", expanding=True))
    return (
        sa.select(Rate)
        .where(Rate.zone_id == zone, sa.or_(Rate.workshop_id.is_(None), own))
        .order_by(Rate.max_grams, Rate.id)
    )


def _quotes_of(parcel: Parcel, rates: list[Rate], leaves: date) -> list[Quote]:
    own = [rate for rate in rates if rate.workshop_id == parcel.workshop_id]
    bands: dict[str, Rate] = {}
    for rate in own or [rate for rate in rates if rate.workshop_id is None]:
        if rate.max_grams >= parcel.grams and rate.service in SERVICES:
            bands.setdefault(rate.service, rate)  # rates come lightest first
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

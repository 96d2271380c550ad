"""The rate table: filled once with the village's sample rates, then the collective's to keep."""

from __future__ import annotations

import csv
from pathlib import Path

import sqlalchemy as sa

from marketplace.catalog import versions
from marketplace.core.db import db, transaction

from ..models import Rate, Zone

DATA = Path(__file__).parent.parent / "data"


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def load_rates() -> int:
    """Bring in the zones and rates of `data/`; the number of new rate rows.

    A zone that has village rates already is left alone: they may have been corrected since. Safe to run again.
    """
    with transaction():
        zones = _load_zones()
        filled = set(db.session.scalars(sa.select(Rate.zone_id).where(Rate.workshop_id.is_(None)).distinct()))
        new = [_rate(row, zones) for row in _rows("rates.csv") if zones[row["zone"]] not in filled]
        db.session.add_all(new)
        if new:
            versions.bump([versions.SHIPPING])
    return len(new)


def _load_zones() -> dict[str, int]:
    known = {zone.code: zone for zone in db.session.scalars(sa.select(Zone))}
    for position, row in enumerate(_rows("zones.csv")):
        if row["code"] not in known:
            known[row["code"]] = Zone(
                code=row["code"],
                name_en=row["name_en"],
                name_id=row["name_id"],
                countries=row["countries"].split(),
                position=position,
            )
            db.session.add(known[row["code"]])
    db.session.flush()
    return {code: zone.id for code, zone in known.items()}


def _rate(row: dict[str, str], zones: dict[str, int]) -> Rate:
    return Rate(
        zone_id=zones[row["zone"]],
        workshop_id=None,
        service=row["service"],
        max_grams=int(row["max_grams"]),
        price_amount=int(row["price_idr"]),
        price_currency="IDR",
        days_min=int(row["days_min"]),
        days_max=int(row["days_max"]),
    )

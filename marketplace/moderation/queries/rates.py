"""Exchange rates: what counts now for each currency, and what counted before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from marketplace.catalog.models import FxRate
from marketplace.catalog.pricing import Quoted, rates
from marketplace.core.db import db
from marketplace.core.markets import STEPS

CURRENCIES = tuple(currency for currency in STEPS if currency != "IDR")
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Rate:
    currency: str
    rate: Decimal
    source: str
    quoted_at: datetime


def current() -> list[tuple[str, Quoted | None]]:
    """Every currency that needs a rate, in the order of the markets; one statement."""
    quoted = rates().quoted
    return [(currency, quoted.get(currency)) for currency in CURRENCIES]


def history() -> Sequence[Rate]:
    """The last ones of all currencies, the newest first; one statement."""
    rows = db.session.scalars(sa.select(FxRate).order_by(FxRate.quoted_at.desc(), FxRate.id.desc()).limit(SHOWN))
    return [Rate(row.currency, row.rate, row.source, row.quoted_at) for row in rows]

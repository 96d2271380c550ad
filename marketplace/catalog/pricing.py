"""The one price function: what a buyer pays for a rupiah price, in the market's currency (architecture.md 8).

To change the rounding, change `core.markets.STEPS` (what a price is rounded up to). Nothing here knows of commission.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from functools import cache

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.markets import STEPS
from marketplace.core.money import EXPONENTS, Money

from .models import FxRate


class NoRate(DomainError):
    """A market is open without a rate: the seed or the admin has to enter one."""

    message = _l("The exchange rate of %(currency)s is missing. Prices in it cannot be shown now.")
    status = 503


@dataclass(frozen=True, slots=True)
class Quoted:
    """The rate that counts now: `rate` rupiah for one whole unit of `currency`."""

    id: int
    currency: str
    rate: Decimal
    quoted_at: datetime


@dataclass(frozen=True, slots=True)
class Rates:
    """The newest rate of each currency. Read them once for a page or a transaction and hand them on."""

    quoted: Mapping[str, Quoted]

    def rate(self, currency: str) -> Quoted:
        """The facts to freeze in an order. Rupiah needs none: do not ask for it.

        Raises:
            NoRate: nobody has entered one.
        """
        try:
            return self.quoted[currency]
        except KeyError:
            raise NoRate(currency=currency) from None


def rates() -> Rates:
    """One statement: the newest row of every currency (an index read each)."""
    rows = db.session.execute(_newest_rates())
    return Rates({row.currency: Quoted(row.id, row.currency, row.rate, row.quoted_at) for row in rows})


@cache
def _newest_rates() -> sa.Select[int, str, Decimal, datetime]:
    """Built once: every page asks it."""
    outer = sa.orm.aliased(FxRate)
    newest = (
        sa.select(FxRate.id)
        .where(FxRate.currency == outer.currency)
        .order_by(FxRate.quoted_at.desc(), FxRate.id.desc())
        .limit(1)
        .correlate(outer)
        .scalar_subquery()
    )
    currencies = [currency for currency in STEPS if currency != "IDR"]
    return sa.select(outer.id, outer.currency, outer.rate, outer.quoted_at).where(
        outer.currency.in_(currencies), outer.id == newest
    )


def present(idr: int, currency: str, rates: Rates) -> Money:
    """What a buyer pays for a price of `idr` whole rupiah: rounded up to the currency's step, never below the rate.

    Raises:
        NoRate: the currency has no rate.
    """
    if currency == "IDR":
        return Money(idr, "IDR")
    minor = Decimal(idr).scaleb(EXPONENTS[currency]) / rates.rate(currency).rate
    step = STEPS[currency]
    return Money(int((minor / step).to_integral_value(rounding=ROUND_CEILING)) * step, currency)


def present_unit(price_idr: int, engraving_idr: int, currency: str, rates: Rates) -> Money:
    """One piece with its engraving (0: none): each part as its own page shows it, so that they add up for the buyer.

    Raises:
        NoRate.
    """
    unit = present(price_idr, currency, rates)
    return unit + present(engraving_idr, currency, rates) if engraving_idr else unit

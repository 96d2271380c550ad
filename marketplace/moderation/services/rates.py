"""The exchange rate of the day, as an admin enters it. Orders froze theirs: a new rate changes no old sum."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.catalog.models import FxRate
from marketplace.core import clock, page_cache
from marketplace.core.db import db, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.markets import STEPS

LARGEST_STEP = Decimal("0.25")  # a rate that moves by more than a quarter in a day is a slip of the finger


class RateOutOfRange(DomainError):
    message = _l(
        "That differs by more than a quarter from the last rate. Check the number: rupiah for one %(currency)s."
    )


def enter_rate(currency: str, rate: Decimal, source: str, by: int) -> None:
    """From now on prices in `currency` follow `rate`: rupiah for one unit of it.

    Raises:
        RateOutOfRange: it is more than LARGEST_STEP away from the rate before.
    """
    if currency not in STEPS or currency == "IDR" or rate <= 0:
        raise RateOutOfRange(currency=currency)
    with transaction():
        last = db.session.scalar(
            sa.select(FxRate.rate)
            .where(FxRate.currency == currency)
            .order_by(FxRate.quoted_at.desc(), FxRate.id.desc())
            .limit(1)
        )
        if last is not None and abs(rate - last) > last * LARGEST_STEP:
            raise RateOutOfRange(currency=currency)
        row = FxRate(currency=currency, rate=rate, source=source, quoted_at=clock.now())
        db.session.add(row)
        db.session.flush()
        page_cache.forget()  # every price in this currency is another one
        before = {"rate": str(last)} if last is not None else {}
        record("rate.enter", "rate", row.id, by, before, {"currency": currency, "rate": str(rate)}, source)

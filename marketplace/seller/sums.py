"""How the workshop's money pages write sums: what goes off with a minus, percentages as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import money, number
from marketplace.core.money import Money


def signed(amount: Money) -> str:
    """Rp 5.000, −Rp 5.000"""
    return f"\u2212{money(-amount)}" if amount.amount < 0 else money(amount)


def less(amount: Money) -> str:
    """A sum that is taken off: −Rp 5.000, and Rp 0 when nothing is."""
    return signed(-amount)


def percent(basis_points: int) -> str:
    """8%, 7,5%"""
    return f"{number((Decimal(basis_points) / 100).normalize())}%"


def fee_word(rates: Sequence[int]) -> str:
    """Service fee 8%; where the pieces have several rates, the lowest and the highest."""
    if not rates:
        return _("Service fee")
    lowest, highest = percent(min(rates)), percent(max(rates))
    text = lowest if lowest == highest else f"{lowest.rstrip('%')}\u2013{highest}"
    return _("Service fee %(percent)s", percent=text)

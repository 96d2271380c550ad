"""How the workshop's money pages write sums: what goes off with a minus, percentages as people say them."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import percent, signed
from marketplace.core.money import Money


def less(amount: Money) -> str:
    """A sum that is taken off: −Rp 5.000, and Rp 0 when nothing is."""
    return signed(-amount)


def fee_word(rates: Sequence[int]) -> str:
    """Service fee 8%; where the pieces have several rates, the lowest and the highest."""
    if not rates:
        return _("Service fee")
    lowest, highest = percent(min(rates)), percent(max(rates))
    text = lowest if lowest == highest else f"{lowest.rstrip('%')}\u2013{highest}"
    return _("Service fee %(percent)s", percent=text)

"""How an order was paid, in words for its buyer: on the receipt and in its mail."""

from __future__ import annotations

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l

_WAYS = {
    "demo": _l("Demo payment, no money moved"),
    "stripe": _l("Card or wallet, through Stripe"),
    "midtrans": _l("QRIS, virtual account or e-wallet, through Midtrans"),
}


def paid_with(processor: str) -> Lazy:
    """In the language of the moment in which it is read; the name itself for a processor that is gone."""
    return _WAYS.get(processor, processor)

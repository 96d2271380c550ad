"""How an order was paid, in words for its buyer: on the receipt and in its mail."""

from __future__ import annotations

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l

from .offers import OFFERS

_WAYS = {
    "demo": _l("Demo payment, no money moved"),
    "stripe": _l("Card or wallet, through Stripe"),
}


def paid_with(processor: str, offer_name: str = "") -> Lazy:
    """In the language of the moment in which it is read; the bare name for a way that is no longer offered."""
    if processor in _WAYS:
        return _WAYS[processor]
    for offer in OFFERS:
        if offer.name == offer_name:
            return _l("%(way)s, through %(host)s", way=offer.title, host=offer.host)
    return processor.capitalize()

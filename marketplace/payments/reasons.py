"""Why money goes back: the code is kept, buyer and workshop read the sentence in their language."""

from __future__ import annotations

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l

REASONS: dict[str, Lazy] = {
    "not_as_described": _l("The piece is not as described."),
    "late": _l("The parcel left or arrived too late."),
    "does_not_fit": _l("The piece does not fit."),
    "damaged": _l("The piece arrived damaged."),
    "returned": _l("The piece was sent back."),
    "lost": _l("The parcel was lost on the way."),
    "goodwill": _l("A gesture of goodwill."),
    "other": _l("Another reason."),
}
OF_THE_SHOP: dict[str, Lazy] = {  # nobody chooses these
    "canceled": _l("This part of the order was canceled."),
    "paid_twice": _l("The order was paid already: this payment came on top of it."),
    "paid_late": _l("The payment came after the order had ended."),
    "dispute": _l("The buyer's bank has taken the money back."),
}


def refund_reason(code: str) -> str:
    """The sentence in the language of the moment; nothing for a refund whose reason nobody gave."""
    found = REASONS.get(code) or OF_THE_SHOP.get(code)
    return str(found) if found is not None else ""

"""Why a workshop cannot make a paid order: the code is kept, the buyer reads the sentence in their language."""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

REFUSALS = {
    "sold_in_shop": _l("The piece was sold in the workshop on the same day."),
    "flaw": _l("A flaw showed when the piece was checked, and the workshop does not send it like that."),
    "material": _l("The workshop cannot get the material or the stone at present."),
    "time": _l("The workshop cannot make it in the time that was promised."),
    "wish": _l("The workshop cannot carry out the wish that came with the order."),
    "other": _l("The workshop cannot send this order."),
}

BY_BUYER = "buyer"
BY_SHOP = "shop"  # by an admin


def refusal(code: str) -> str:
    """The sentence for the buyer, in the language of the moment."""
    if code == BY_BUYER:
        return str(_l("You canceled it before the workshop began."))
    if code == BY_SHOP:
        return str(_l("The collective had to cancel this parcel."))
    return str(REFUSALS.get(code, REFUSALS["other"]))

"""What a workshop answers to an order."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from marketplace.core.forms import Form, clean, one_line
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.orders.reasons import REFUSALS
from marketplace.orders.services import Posting
from marketplace.shipping.carriers import carrier_of, carriers_to

from .texts import at_most

# The reason as the workshop chooses it; orders/reasons.py has the sentence that the buyer reads.
REASONS = {
    "sold_in_shop": _l("Sold in the workshop on the same day"),
    "flaw": _l("A flaw showed when it was checked"),
    "material": _l("Material or stone not to be had"),
    "time": _l("Cannot be made in time"),
    "wish": _l("The wish cannot be carried out"),
    "other": _l("Something else"),
}


def _text(value: str | None) -> str:
    return str(value or "")


class RefusalForm(Form):
    reason = SelectField(
        _l("Reason"),
        [InputRequired(_l("Choose a reason, so that the buyer understands."))],
        choices=[("", _l("Choose")), *((code, REASONS.get(code, code)) for code in REFUSALS)],
        coerce=_text,
    )
    words = TextAreaField(_l("In your own words"), [at_most(500)])

    def text(self) -> str:
        return clean(self.words.data)


class ShipForm(Form):
    carrier = SelectField(
        _l("Carrier"), [InputRequired(_l("Choose the carrier that takes the parcel."))], choices=(), coerce=_text
    )
    tracking_number = StringField(
        _l("Tracking number"),
        [
            InputRequired(_l("Enter the tracking number of the parcel, letters and digits only.")),
            at_most(60),
        ],
    )

    def __init__(self, country: str, service: str, *args: Any, **options: Any) -> None:
        """The carrier that the buyer has paid for is chosen already."""
        options.setdefault("data", {"carrier": carrier_of(service)})
        super().__init__(*args, **options)
        self.carrier.choices = [("", _l("Choose")), *((one.code, one.name) for one in carriers_to(country))]

    def posting(self) -> Posting:
        return Posting(self.carrier.data or "", one_line(self.tracking_number.data))

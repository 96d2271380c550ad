"""What a workshop answers to an order."""

from __future__ import annotations

from typing import Any, ClassVar

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from marketplace.core.forms import Form, clean, one_line
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.orders.queries import LineView, PartView, Tracking
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


class TrackingForm(Form):
    """Who takes a parcel, and its number."""

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

    def __init__(self, country: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.carrier.choices = [("", _l("Choose")), *((one.code, one.name) for one in carriers_to(country))]

    def posting(self) -> Posting:
        return Posting(self.carrier.data or "", one_line(self.tracking_number.data))


def tracking_form(country: str, parcel: Tracking, **options: Any) -> TrackingForm:
    """The number of a parcel that has left, to be corrected; a page may have several."""
    known = {"carrier": parcel.carrier_code, "tracking_number": parcel.number}
    form = TrackingForm(country, data=known, **options)
    for field in (form.carrier, form.tracking_number):
        field.id = f"parcel-{parcel.id}-{field.name}"
    return form


class ShipForm(TrackingForm):
    """Besides, how many of each line are in the parcel, where more than one piece is left to send."""

    line_ids: ClassVar[tuple[int, ...]] = ()

    def pieces(self, line_id: int) -> IntegerField:
        field: IntegerField = self[f"pieces_{line_id}"]
        return field

    def contents(self) -> dict[int, int] | None:
        """Pieces by line; None: all that is left."""
        return {line_id: int(self.pieces(line_id).data or 0) for line_id in self.line_ids} or None


def ship_form(country: str, part: PartView, **options: Any) -> ShipForm:
    """The carrier that the buyer has paid for is chosen already, and everything that is left is in the parcel."""
    lines = [line for line in part.lines if line.to_send] if part.left_count > 1 else []
    fields: dict[str, Any] = {f"pieces_{line.id}": _count(line) for line in lines}
    fields["line_ids"] = tuple(line.id for line in lines)
    made: ShipForm = type("ShipFormOfPart", (ShipForm,), fields)(
        country, data={"carrier": carrier_of(part.service)}, **options
    )
    return made


def _count(line: LineView) -> IntegerField:
    said = _l("Between 0 and %(left)s: so many are left to send.", left=line.to_send)
    return IntegerField(
        line.title, [InputRequired(said), NumberRange(0, line.to_send, message=said)], default=line.to_send
    )

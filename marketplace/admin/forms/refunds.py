"""Money back: of a parcel by pieces, postage or amount, and what an admin does about a refund."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from marketplace.core.forms import Form, NumberField, clean, one_line
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.money import EXPONENTS, Money
from marketplace.orders.reasons import REFUSALS
from marketplace.payments.queries.refunds import Refundable
from marketplace.payments.reasons import REASONS
from marketplace.payments.services.refunds import LineWish, RefundWish

from .decisions import words_field


class MoneyField(NumberField):
    """A sum in a currency that is known beforehand, as people write it: 62 · 62.50 · 1.250.000."""

    currency = "IDR"

    def pre_validate(self, form: Any) -> None:
        self.data = one_line(self.data).lstrip("$").removeprefix("Rp").removeprefix(self.currency).strip()
        super().pre_validate(form)
        if self.number is not None and self._minor != self._minor.to_integral_value():
            raise ValidationError(_l("That is a smaller part of the currency than there is."))

    @property
    def _minor(self) -> Decimal:
        return (self.number or Decimal(0)).scaleb(EXPONENTS[self.currency])

    @property
    def money(self) -> Money | None:
        return None if self.number is None else Money(int(self._minor), self.currency)


def _choices(reasons: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice("", _l("Choose a reason")), *(SelectChoice(code, text) for code, text in reasons.items())]


class RefundForm(Form):
    """Of one parcel. `step` is 'look', 'send' or 'change'; `refund_form` adds a quantity and a tick for each line."""

    lines: Sequence[int] = ()
    step = HiddenField()
    request_key = HiddenField(validators=[InputRequired(), Length(min=8, max=60)])
    shipping = MoneyField(_l("Postage back"), validators=[Optional()])
    amount = MoneyField(_l("Or an amount"), validators=[Optional()])
    reason_code = SelectField(
        _l("Reason, seen by both"),
        choices=[
            SelectChoice("", _l("Choose a reason")),
            *(SelectChoice(code, text) for code, text in REASONS.items()),
        ],
        validators=[InputRequired(_l("Choose a reason from the list."))],
    )
    reason = words_field(_l("In your words"))

    def wish(self, seller_order_id: int) -> RefundWish:
        picked = [(ident, int(self[f"quantity_{ident}"].data)) for ident in self.lines]
        return RefundWish(
            seller_order_id=seller_order_id,
            request_key=str(self.request_key.data),
            lines=tuple(
                LineWish(ident, quantity, bool(self[f"restock_{ident}"].data)) for ident, quantity in picked if quantity
            ),
            shipping=self.shipping.money,
            amount=self.amount.money,
            reason_code=str(self.reason_code.data),
            reason=self.reason.data or "",
        )


def refund_form(left: Refundable, **given: Any) -> RefundForm:
    """The form for what is left of a parcel."""

    class Bound(RefundForm):
        lines = tuple(line.line_id for line in left.lines if line.quantity_left)

    for line in left.lines:
        if line.quantity_left:
            choices = [SelectChoice(str(number)) for number in range(line.quantity_left + 1)]
            setattr(Bound, f"quantity_{line.line_id}", SelectField(_l("How many"), choices=choices, default="0"))
            setattr(Bound, f"restock_{line.line_id}", BooleanField(_l("Put back on sale")))
    form = Bound(**given)
    form.shipping.currency = form.amount.currency = left.currency
    return form


class PartCancelForm(Form):
    """A parcel that will not be sent; the buyer reads the reason."""

    code = SelectField(
        _l("Reason, seen by both"),
        choices=[
            SelectChoice("", _l("Choose a reason")),
            *(SelectChoice(code, text) for code, text in REFUSALS.items()),
        ],
        validators=[InputRequired(_l("Choose a reason from the list."))],
    )
    words = words_field(_l("In your words"))

    def __init__(self, *args: Any, about: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in (self.code, self.words):
            each.id = f"{about}-{each.name}"


class AssignForm(Form):
    """Which parcel a refund from the processor's dashboard belongs to."""

    parcel = SelectField(_l("Parcel"), validators=[InputRequired(_l("Choose the parcel."))])

    def offer(self, parcels: Sequence[tuple[int, str]]) -> AssignForm:
        self.parcel.choices = [
            SelectChoice("", _l("Choose the parcel")),
            *(SelectChoice(str(ident), name) for ident, name in parcels),
        ]
        return self


class TransferForm(Form):
    """The bank's own number of a transfer that a person made."""

    reference = StringField(
        _l("The bank’s reference"),
        filters=[clean],
        validators=[DataRequired(_l("Write the reference that the bank gave.")), Length(max=80)],
    )

    def __init__(self, *args: Any, about: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if about:
            self.reference.id = f"{about}-reference"

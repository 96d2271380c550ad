"""What a workshop gives back of an order: pieces and postage, or a part of the money in rupiah."""

from __future__ import annotations

import re
from typing import Any

from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired

from marketplace.core.forms import Form, RupiahField, clean, one_line
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.i18n import money
from marketplace.core.ids import new_key
from marketplace.core.money import Money
from marketplace.payments.queries import Refundable
from marketplace.payments.reasons import REASONS
from marketplace.payments.services import LineWish

from ..faces import PageTooOld
from .texts import at_most

PIECES, PART = "pieces", "part"
_KEY = re.compile(r"[0-9a-f]{32}")
_NO_COUNT = -1
_HOW = [SelectChoice(PIECES, _l("All that is chosen")), SelectChoice(PART, _l("A part"))]


class AmountField(RupiahField):
    """Whole rupiah, looked at only when a part is to go back; `left` is the most that can."""

    left = 0

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, least=-(10**18), most=10**18, **options)

    def pre_validate(self, form: Any) -> None:
        if form.how.data != PART:
            return
        if not one_line(self.data):
            raise ValidationError(_l("Enter the amount that goes back, in rupiah, for example 250.000."))
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(_l("Write the amount in whole rupiah, for example 250.000.")) from error
        if self.number is None or self.number <= 0:
            raise ValidationError(_l("An amount that goes back is above zero."))
        if self.number > self.left:
            left = money(Money(self.left, "IDR"))
            raise ValidationError(_l("That is more than what is left. At most %(left)s can go back.", left=left))


def _count(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return _NO_COUNT


class CountField(SelectField):
    """How many pieces of a line, none at first."""

    def __init__(self, left: int, **options: Any) -> None:
        self.left = left
        choices = [SelectChoice(str(count)) for count in range(left + 1)]
        super().__init__(choices=choices, coerce=_count, default=0, **options)

    def pre_validate(self, form: Any) -> None:
        if not 0 <= (self.data or 0) <= self.left:
            raise ValidationError(_l("Only %(left)s of this piece are left to give back.", left=self.left))


def _text(value: str | None) -> str:
    return str(value or "")


class RefundForm(Form):
    """`count_<line>` and `stock_<line>` stand beside these for every line of which something is left."""

    how = RadioField(_l("How much"), choices=_HOW, default=PIECES)
    amount = AmountField(_l("Money that goes back"))
    shipping = BooleanField(_l("Postage from the buyer"))
    reason = SelectField(
        _l("Reason (the buyer reads it)"),
        [DataRequired(_l("Choose a reason, so that the buyer understands."))],
        choices=[SelectChoice("", _l("Choose")), *(SelectChoice(code, words) for code, words in REASONS.items())],
        coerce=_text,
    )
    words = TextAreaField(_l("In your own words"), [at_most(500)])
    request_key = HiddenField(default=new_key)
    state: Refundable

    def validate_request_key(self, field: Field) -> None:
        if not _KEY.fullmatch(field.data or ""):
            raise ValidationError(PageTooOld.message)

    @property
    def is_part(self) -> bool:
        return bool(self.how.data == PART)

    def count(self, line_id: int) -> Field | None:
        return self._named(f"count_{line_id}")

    def stock(self, line_id: int) -> Field | None:
        return self._named(f"stock_{line_id}")

    def _named(self, name: str) -> Field | None:
        field: Field | None = self._fields.get(name)
        return field

    @property
    def first_line(self) -> str:
        """The id of the first field that says what goes back."""
        names = [name for name in self._fields if name.startswith("count_")]
        return names[0] if names else "shipping"

    def lines(self) -> tuple[LineWish, ...]:
        """The chosen pieces."""
        if self.is_part:
            return ()
        wishes = []
        for line in self.state.lines:
            count, stock = self.count(line.line_id), self.stock(line.line_id)
            if count is not None and count.data:
                wishes.append(LineWish(line.line_id, count.data, restock=bool(stock is not None and stock.data)))
        return tuple(wishes)

    def postage(self) -> Money | None:
        return self.state.shipping_left if self.shipping.data and not self.is_part else None

    def rupiah(self) -> int | None:
        """The typed amount."""
        return int(self.amount.number) if self.is_part and self.amount.number is not None else None

    def text(self) -> str:
        return clean(self.words.data)

    def kept(self) -> list[tuple[str, str]]:
        """(name, value) of everything that was chosen and typed, for hidden fields."""
        found = []
        for field in self:
            if field.name == self.meta.csrf_field_name:
                continue
            if isinstance(field, BooleanField):
                found += [(field.name, "y")] if field.data else []
            else:
                found.append((field.name, str(field.data if field.data is not None else "")))
        return found


def refund_form(state: Refundable, **options: Any) -> RefundForm:
    """The form for what is left of a seller order."""
    fields: dict[str, Any] = {}
    for line in state.lines:
        if line.quantity_left:
            fields[f"count_{line.line_id}"] = CountField(line.quantity_left, label=line.title)
            if line.has_stock:
                fields[f"stock_{line.line_id}"] = BooleanField(_l("Back into stock"))
    form: RefundForm = type("RefundForm", (RefundForm,), fields)(**options)
    form.state, form.amount.left = state, state.left_idr
    return form

"""What happened to pieces of one size."""

from __future__ import annotations

from typing import Any

from wtforms import StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from marketplace.catalog.services.counting import LONGEST_NOTE, Count, Deed
from marketplace.catalog.stock import MOST
from marketplace.core.forms import Form, NumberField, WholeNumberField, filled, one_line
from marketplace.core.i18n import lazy_gettext as _l

from .texts import at_most


class CountForm(Form):
    """`deed` is the button that was pressed; `number` stands beside the others, `counted` beside 'count anew'."""

    saw = WholeNumberField(validators=[InputRequired(), NumberRange(0, 10**9)])
    number = NumberField(_l("How many"), [Optional()], least=1, most=MOST)
    counted = NumberField(_l("You count"), [Optional()], least=0, most=MOST)
    note = StringField(_l("A word about it"), [at_most(LONGEST_NOTE)])
    deed = StringField()

    def __init__(self, variant_id: int, *args: Any, **options: Any) -> None:
        """Many of them stand on a page: each field's id names its size."""
        super().__init__(*args, **options)
        self.variant_id = variant_id
        for field in (self.number, self.counted, self.note):
            field.id = f"{field.name}-{variant_id}"

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.deed.data not in set(Deed):
            self.form_errors = [_l("Press the button that says what happened.")]
            return False
        field = self.counted if self.deed.data == Deed.COUNTED else self.number
        if field is self.counted and not one_line(field.data):
            field.errors = [_l("Write how many you count.")]
        elif field.number is not None and field.number != field.number.to_integral_value():
            field.errors = [_l("Write whole pieces.")]
        return not field.errors

    def count(self) -> Count:
        """One piece, where no number stands beside the button."""
        deed = Deed(filled(self.deed.data))
        number = self.counted.number if deed is Deed.COUNTED else self.number.number
        return Count(self.variant_id, deed, 1 if number is None else int(number), filled(self.saw.data), self.words())

    def words(self) -> str:
        return one_line(self.note.data)

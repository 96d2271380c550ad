"""A holiday as the workshop plans it, and the days of ceremony that it keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import DateField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired

from marketplace.core.forms import Form, filled, one_line
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.shipping.services import LONGEST_MESSAGE, HolidayPlan

from .texts import at_most

MOVES, CLOSES = "moves", "closes"


class HolidayForm(Form):
    starts_on = DateField(_l("From"), [InputRequired(_l("Choose the first day."))])
    ends_on = DateField(_l("Until"), [InputRequired(_l("Choose the last day."))])
    during = RadioField(
        _l("Orders meanwhile"),
        [InputRequired(_l("Choose what happens with orders."))],
        choices=[(MOVES, _l("Dates move")), (CLOSES, _l("Close the shop"))],
        default=MOVES,
    )
    message_id = StringField(_l("For buyers, in Indonesian"), [at_most(LONGEST_MESSAGE)])
    message_en = StringField(_l("For buyers, in English"), [at_most(LONGEST_MESSAGE)])

    def plan(self) -> HolidayPlan:
        return HolidayPlan(
            filled(self.starts_on.data),
            filled(self.ends_on.data),
            self.during.data == MOVES,
            one_line(self.message_en.data),
            one_line(self.message_id.data),
        )

    def refused(self, errors: Mapping[str, Lazy | str]) -> None:
        """What the calendar said no to, each at its field."""
        for name, sentence in errors.items():
            self[name].errors = [*self[name].errors, sentence]


class DaysForm(Form):
    days = SelectMultipleField(_l("Days on which the bench rests"))

    def __init__(self, choices: Sequence[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.days.choices = list(choices)

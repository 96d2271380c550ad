"""The shapes of what a visitor sends to the cart."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from marketplace.core.forms import Form, PublicForm, WholeNumberField, clean, filled, text_of
from marketplace.core.i18n import lazy_gettext as _l

from .services import MOST_PER_LINE, NOTE_LENGTH, LineRequest

_BIG = 2**62


class AddLineForm(PublicForm):
    """Stands on the cached page of a piece: no token, the origin decides. `variant_id` is the size that was chosen,
    `listing_id` the page to draw again when none was."""

    listing_id = WholeNumberField(validators=[Optional(), NumberRange(1, _BIG)], widget=HiddenInput())
    variant_id = WholeNumberField(
        _l("Size"), validators=[InputRequired(_l("Choose a size first.")), NumberRange(1, _BIG)]
    )
    quantity = WholeNumberField(
        _l("Quantity"),
        default=1,
        validators=[NumberRange(1, MOST_PER_LINE, _l("Choose a number from 1 to %(max)s."))],
    )
    engraving = StringField(_l("Engraving"), validators=[Length(max=120)])

    @property
    def names_a_variant(self) -> bool:
        """Whether the size is a number that a row may have."""
        return self.variant_id.data is not None and 1 <= self.variant_id.data <= _BIG

    def line(self) -> LineRequest:
        quantity = 1 if self.quantity.data is None else self.quantity.data
        return LineRequest(filled(self.variant_id.data), quantity, text_of(self.engraving))


class QuantityForm(Form):
    quantity = WholeNumberField(
        _l("Quantity"),
        validators=[
            InputRequired(_l("Choose a number from 1 to %(max)s.", max=MOST_PER_LINE)),
            NumberRange(0, MOST_PER_LINE, _l("Choose a number from 1 to %(max)s.")),
        ],
    )


class NoteForm(Form):
    """One per workshop stands on the page: their names are the same, their ids are not."""

    text = TextAreaField(
        _l("Note"), validators=[Length(max=NOTE_LENGTH, message=_l("Write at most %(max)s characters."))]
    )
    is_gift = BooleanField(_l("This parcel is a gift: leave prices out"))

    def __init__(self, workshop_id: int, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        for field in (self.text, self.is_gift):
            field.id = f"w{workshop_id}-{field.name}"

    def words(self) -> str:
        return clean(self.text.data)


class DestinationForm(Form):
    country = SelectField(_l("Country"), choices=[])

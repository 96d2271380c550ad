"""Disputes: what is gathered for the bank, which parcel it is about, and who bears a lost one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, InputRequired, Length

from marketplace.core.forms import Form, clean
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.payments.evidence import MAX_LENGTH, WORDS, Evidence
from marketplace.payments.models import Bearer


class EvidenceForm(Form):
    """A tick and a text for each point of the list; `evidence_form` makes them."""


for _code in Evidence:
    setattr(EvidenceForm, f"done_{_code}", BooleanField(WORDS[_code].title))
    setattr(
        EvidenceForm,
        f"text_{_code}",
        TextAreaField(_l("Text for the bank"), filters=[clean], validators=[Length(max=MAX_LENGTH)]),
    )


class ParcelForm(Form):
    """Which parcel the buyer complains about; empty: all of them, or nobody knows."""

    parcel = SelectField(_l("It is about"), default="")

    def offer(self, parcels: Sequence[tuple[int, str]]) -> ParcelForm:
        whole = SelectChoice("", _l("The whole order"))
        self.parcel.choices = [whole, *(SelectChoice(str(ident), name) for ident, name in parcels)]
        return self

    @property
    def chosen(self) -> int | None:
        return int(self.parcel.data) if self.parcel.data else None


BEARERS: dict[Bearer, Lazy] = {Bearer.WORKSHOP: _l("The workshop"), Bearer.COLLECTIVE: _l("The collective")}


class BearerForm(Form):
    """`offered` are those who can bear it as things stand."""

    bearer = RadioField(_l("Who bears it"), validators=[InputRequired(_l("Choose who bears it."))])
    note = TextAreaField(
        _l("Why"),
        filters=[clean],
        validators=[DataRequired(_l("Write why: it is kept in the record.")), Length(max=1000)],
    )

    def __init__(self, *args: Any, offered: Sequence[Bearer] = tuple(Bearer), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bearer.choices = [SelectChoice(one.value, BEARERS[one]) for one in offered]

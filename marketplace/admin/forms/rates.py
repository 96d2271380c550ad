"""Rates of exchange, of metals and of commission, as an admin types them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from marketplace.catalog.attributes import MATERIALS
from marketplace.catalog.metals import HIGHEST, LOWEST, METALS
from marketplace.core.forms import Form, NumberField, RupiahField, clean, filled
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.moderation.queries.rates import CURRENCIES
from marketplace.moderation.services import CommissionEntry

MOST_PERCENT = 50


class RateForm(Form):
    currency = SelectField(_l("Currency"), choices=[SelectChoice(code) for code in CURRENCIES])
    rate = NumberField(
        _l("Rupiah for one"),
        validators=[InputRequired(_l("Write the rate, for example 16.650."))],
        least="0.0001",
        most=10_000_000,
    )
    source = StringField(
        _l("Source"),
        filters=[clean],
        validators=[InputRequired(_l("Write where the rate comes from.")), Length(max=60)],
    )


def _bare(text: str | None) -> str:
    return clean(text).rstrip("%").strip()


class PercentField(NumberField):
    """A percentage as people write it: 8 · 7,5 · 7.25 %. At most two decimals: basis points are whole."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.number is not None and self.number * 100 != int(self.number * 100):
            raise ValidationError(_l("Write at most two decimals, for example 7,25."))

    @property
    def basis_points(self) -> int:
        return int(filled(self.number) * 100)


class CommissionForm(Form):
    """A new dated rate. An empty list is "all of them"."""

    percent = PercentField(
        _l("Percent of the pieces"),
        filters=[_bare],
        validators=[InputRequired(_l("Write the percentage, for example 8 or 7,5."))],
        most=MOST_PERCENT,
    )
    workshop = SelectField(_l("Workshop"), default="")
    category = SelectField(_l("Kind"), default="")
    floor = RupiahField(_l("At least"), validators=[Optional()], most=10**9)
    cap = RupiahField(_l("At most"), validators=[Optional()], most=10**9)
    valid_from = DateField(_l("From"), validators=[InputRequired(_l("Choose the first day."))])
    why = StringField(
        _l("Why"),
        filters=[clean],
        validators=[InputRequired(_l("Write why: it is kept in the record.")), Length(min=3, max=300)],
    )

    def offer(self, workshops: Sequence[tuple[int, str]], categories: Sequence[tuple[int, str]]) -> CommissionForm:
        """Fill both lists; returns itself."""
        for field, every, rows in (
            (self.workshop, _l("All workshops"), workshops),
            (self.category, _l("All kinds"), categories),
        ):
            field.choices = [SelectChoice("", every), *(SelectChoice(str(ident), name) for ident, name in rows)]
        return self

    def entry(self) -> CommissionEntry:
        return CommissionEntry(
            basis_points=self.percent.basis_points,
            valid_from=filled(self.valid_from.data),
            workshop_id=int(self.workshop.data) if self.workshop.data else None,
            category_id=int(self.category.data) if self.category.data else None,
            floor_idr=_whole(self.floor),
            cap_idr=_whole(self.cap),
        )


def _whole(field: RupiahField) -> int | None:
    return None if field.number is None else int(field.number)


class MetalRateForm(Form):
    metal = SelectField(_l("Metal"), choices=[SelectChoice(code, MATERIALS[code]) for code in METALS])
    idr_per_gram = RupiahField(
        _l("Rupiah for one gram"),
        validators=[InputRequired(_l("Write the rate, for example 45.000."))],
        least=LOWEST,
        most=HIGHEST,
    )
    source = StringField(
        _l("Source"),
        filters=[clean],
        validators=[InputRequired(_l("Write where the rate comes from.")), Length(max=60)],
    )
    sure = BooleanField(_l("The number is right, I have looked at it twice"))

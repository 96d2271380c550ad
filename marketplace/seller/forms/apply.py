"""Applying: every field may stay empty until the application is handed in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField

from marketplace.catalog import attributes
from marketplace.core import clock
from marketplace.core.forms import Form, NumberField, clean, one_line
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.workshops.services import LEAST_STORY, ApplicationData

from .settings import PhoneField
from .texts import at_most

BANJARS = ("Celuk", "Tangsub", "Cemenggaon")
ELSEWHERE = "elsewhere"
# What the bench of a workshop is known for; the full list of techniques stands in the editor of a piece.
SPECIALITIES = (
    *("granulation", "wirework", "filigree", "wire-weaving", "chain-making", "hammering", "chasing", "repousse"),
    *("openwork", "raising", "lost-wax-casting", "bezel-setting", "gold-plating"),
)
LANGUAGES = (("id", _l("Indonesian")), ("en", _l("English")))
# What is still missing, by the names that the service gives.
MISSING = {
    "workshop_name": _l("Write the name of the workshop."),
    "banjar": _l("Choose the banjar."),
    "specialities": _l("Tick at least one technique."),
    "contact_name": _l("Write your full name, as on the identity card."),
    "phone": _l("Write the phone number, for example 0812 3456 7890."),
    "story": _l("Write a little more about the workshop, at least %(count)s letters.", count=LEAST_STORY),
    "photos": _l("Add at least one photo."),
    "agreed": _l("Read the agreement and tick that you agree."),
}


def _text(value: str | None) -> str:
    return str(value or "")


class ApplicationForm(Form):
    workshop_name = StringField(_l("Name of the workshop"), [at_most(80)])
    banjar = SelectField(
        _l("Banjar"),
        choices=[("", _l("Choose")), *((name, name) for name in BANJARS), (ELSEWHERE, _l("Outside Celuk"))],
        coerce=_text,
    )
    since_year = NumberField(_l("Since the year"), least=1800, most=2100)
    specialities = SelectMultipleField(_l("Techniques"), choices=(), coerce=_text)
    artisan_count = NumberField(_l("How many work there"), least=1, most=500)
    contact_name = StringField(_l("Full name"), [at_most(120)])
    form_of_address = RadioField(
        _l("Form of address"), choices=(("Ibu", "Ibu"), ("Bapak", "Bapak")), validate_choice=False, coerce=_text
    )
    phone = PhoneField(_l("WhatsApp number"))
    story = TextAreaField(_l("The story of the workshop"), [at_most(4000)])
    story_language = SelectField(_l("Written in"), choices=LANGUAGES, coerce=_text)
    agreed = BooleanField(_l("I have read it or had it read to me, and I agree"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.specialities.choices = [(code, attributes.TECHNIQUES[code]) for code in SPECIALITIES]
        self.since_year.most = Decimal(clock.today().year)

    def application(self) -> ApplicationData:
        return ApplicationData(
            workshop_name=one_line(self.workshop_name.data),
            contact_name=one_line(self.contact_name.data),
            form_of_address=self.form_of_address.data if self.form_of_address.data in ("Ibu", "Bapak") else "",
            phone=self.phone.number,
            banjar=self.banjar.data or "",
            since_year=int(self.since_year.number) if self.since_year.number else None,
            artisan_count=int(self.artisan_count.number) if self.artisan_count.number else None,
            specialities=tuple(self.specialities.data or ()),
            story=clean(self.story.data),
            story_language=self.story_language.data or "id",
            agreed=bool(self.agreed.data),
        )

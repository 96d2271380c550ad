"""What a workshop may change about itself."""

from __future__ import annotations

from typing import Any

from wtforms import StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired

from marketplace.accounts import postal
from marketplace.catalog.services.profile import Profile
from marketplace.core.forms import Form, clean, one_line
from marketplace.core.i18n import lazy_gettext as _l

from .texts import at_most

PHONE_WANTED = _l("Write the phone number, for example 0812 3456 7890.")


class PhoneField(StringField):
    """An Indonesian number as people write it: 0812 3456 789, +62 812…; `number` is what is stored."""

    number = ""

    def pre_validate(self, form: Any) -> None:
        text = one_line(self.data)
        if not text:
            return
        digits = "".join(char for char in text if char.isdigit())
        if not 8 <= len(digits) <= 15 or not set(text) <= set("0123456789+()-. /"):
            raise ValidationError(PHONE_WANTED)
        self.number = postal.phone(text, "ID") or text


class ProfileForm(Form):
    story_id = TextAreaField(_l("The workshop's story in Indonesian"), [at_most(4000)])
    story_en = TextAreaField(_l("The workshop's story in English"), [at_most(4000)])
    phone = PhoneField(_l("WhatsApp number"), [InputRequired(PHONE_WANTED)])

    def profile(self) -> Profile:
        return Profile(clean(self.story_en.data), clean(self.story_id.data), self.phone.number)

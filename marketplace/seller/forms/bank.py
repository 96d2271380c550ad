"""The bank account as it is typed; workshops.services.clean says what is wrong with it."""

from __future__ import annotations

from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import InputRequired

from marketplace.core.forms import Form, one_line
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.workshops.banks import BANKS
from marketplace.workshops.services import BankEntry

from .texts import at_most


def _text(value: str | None) -> str:
    return str(value or "")


class BankForm(Form):
    """Nothing but the password is asked for here: a field left empty gets its sentence from the service."""

    bank_code = SelectField(_l("Bank"), coerce=_text, validate_choice=False)
    number = StringField(_l("Account number"), [at_most(60)])
    holder = StringField(_l("Name as in the passbook"), [at_most(120)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), at_most(500)])

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.bank_code.choices = [("", _l("Choose")), *((bank.code, bank.name) for bank in BANKS)]

    def entry(self) -> BankEntry:
        return BankEntry(_text(self.bank_code.data), one_line(self.number.data), one_line(self.holder.data))

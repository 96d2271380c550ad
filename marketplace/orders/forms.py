"""What a buyer types on the pages of an order."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, Email, Length

from marketplace.core.forms import Form, Honeypot
from marketplace.core.i18n import lazy_gettext as _l


class TrackForm(Form):
    number = StringField(
        _l("Order number"),
        description=_l("Starts with PC, on the receipt and on the packing slip"),
        validators=[
            DataRequired(_l("Enter the order number. It starts with PC.")),
            Length(max=20, message=_l("Enter the order number. It starts with PC.")),
        ],
    )
    email = EmailField(
        _l("Email of the order"),
        validators=[
            DataRequired(_l("Enter the email that you gave with the order.")),
            Email(_l("Enter an email address with an @, like nama@contoh.id.")),
            Length(max=254),
        ],
    )
    website = Honeypot(_l("Leave this empty"))


class JoinForm(Form):
    password = PasswordField(
        _l("Password"),
        description=_l("10 characters or more. Paste is fine."),
        validators=[DataRequired(_l("Choose a password.")), Length(max=1024)],
    )

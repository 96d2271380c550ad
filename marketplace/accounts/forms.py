"""The shapes of the account's forms; what a password or an address must be is said elsewhere."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from itsdangerous import BadSignature, TimestampSigner
from wtforms import Field, HiddenField, PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length
from wtforms.widgets import Select, TextInput

from marketplace.core.forms import Form, Honeypot, filled, one_line
from marketplace.core.i18n import language
from marketplace.core.i18n import lazy_gettext as _l

from . import postal
from .passwords import MOST

_QUICK_SECONDS = 2  # nobody types name, email and password in less
_LONGEST_PASSWORD = MOST * 4


def clean_email(text: str) -> str:
    """Trimmed, in lower case, in the one spelling that we keep; no look at the DNS.

    Raises:
        ValueError: this is no address.
    """
    try:
        found = validate_email(one_line(text), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(text) from error
    if len(found.normalized) > 254:
        raise ValueError(text)
    return str(found.normalized).lower()


class EmailInput(StringField):
    """An email address; `.address` is the spelling that we keep."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, **options)
        self.address = ""

    def pre_validate(self, form: Any) -> None:
        try:
            self.address = clean_email(self.data or "")
        except ValueError as error:
            raise ValidationError(_l("Enter an email address, for example name@example.com.")) from error


class SignInForm(Form):
    """Says nothing of what is wrong with an email: it just does not match."""

    email = StringField(_l("Email"), [InputRequired(_l("Enter your email.")), Length(max=400)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), Length(max=_LONGEST_PASSWORD)])

    @property
    def address(self) -> str:
        try:
            return clean_email(self.email.data or "")
        except ValueError:
            return one_line(self.email.data).lower()[:254]


class EmailForm(Form):
    """Only an email: for a reset or a sign-in link."""

    email = EmailInput(_l("Email"))


class SignUpForm(Form):
    name = StringField(_l("Your name"), [InputRequired(_l("Enter your name.")), Length(max=120)])
    email = EmailInput(_l("Email"))
    password = PasswordField(_l("Password"), [InputRequired(_l("Choose a password."))])
    website = Honeypot(_l("Leave this empty"))
    began = HiddenField()

    def start(self) -> None:
        """Write down, signed, when the form was handed out."""
        self.began.data = _signer().sign("sign-up").decode()

    @property
    def is_quick(self) -> bool:
        """Whether it came back faster than a person types, or without our stamp."""
        try:
            _text, at = _signer().unsign(self.began.data or "", return_timestamp=True)
        except BadSignature:
            return True
        return bool(_signer().get_timestamp() - at.timestamp() < _QUICK_SECONDS)


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key or "", salt="sign-up")


class NewPasswordForm(Form):
    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password."))])


class ConfirmPasswordForm(Form):
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), Length(max=_LONGEST_PASSWORD)])


def _code_field() -> StringField:
    return StringField(_l("Code"), [InputRequired(_l("Enter the code from the app.")), Length(max=60)])


class CodeForm(Form):
    """Six digits, or a recovery code."""

    code = _code_field()


class NewCodesForm(Form):
    renew_code = _code_field()


class TurnOffForm(Form):
    off_password = PasswordField(
        _l("Password"), [InputRequired(_l("Enter your password.")), Length(max=_LONGEST_PASSWORD)]
    )
    off_code = _code_field()


class ChangePasswordForm(Form):
    current = PasswordField(
        _l("Current password"), [InputRequired(_l("Enter your current password.")), Length(max=_LONGEST_PASSWORD)]
    )
    new = PasswordField(_l("New password"), [InputRequired(_l("Choose a password."))])


class NewEmailForm(Form):
    email = EmailInput(_l("New email"))
    email_password = PasswordField(
        _l("Current password"), [InputRequired(_l("Enter your current password.")), Length(max=_LONGEST_PASSWORD)]
    )


class StateField(SelectField):
    """A list where the country has one, a text where it has none."""

    def offer(self, choices: postal.Choices) -> None:
        self.choices = [("", ""), *choices] if choices else []
        self.widget = Select() if choices else TextInput()

    def _value(self) -> str:
        return str(self.data or "")

    def pre_validate(self, form: Any) -> None:
        """What may stand here is judged with the whole address (postal.problems)."""


class AddressForm(Form):
    """An address in the fields of its country; used by the address book and at checkout.

    `AddressForm(country)` is for a GET; after a POST the posted country decides, so that a change of country shows its
    fields. `rows()` gives (PostalField, bound field) in the order of the page.
    """

    country = SelectField(_l("Country"), validate_choice=False)
    name = StringField(validators=[Length(max=120)])
    phone = StringField(validators=[Length(max=40)])
    street = StringField(validators=[Length(max=300)])
    district = StringField(validators=[Length(max=120)])
    city = StringField(validators=[Length(max=120)])
    state = StateField(validators=[Length(max=120)], validate_choice=False)
    postcode = StringField(validators=[Length(max=20)])

    def __init__(self, country: str = "", *args: Any, only: frozenset[str] | None = None, **values: Any) -> None:
        super().__init__(*args, **values)
        chosen = self.country.data if postal.is_country(self.country.data or "") else country
        choices = postal.countries(language(), only)
        self.country.choices = list(choices)
        codes = [code for code, _name in choices]
        self.country.data = chosen if chosen in codes else next(iter(codes), "")
        self._shape()

    def _shape(self) -> None:
        """Keep the fields of the country, with its labels."""
        self._fields_of = postal.fields_of(self.country.data, language())
        for entry in self._fields_of:
            field = self[entry.name]
            field.label.text = entry.label
            field.description = entry.hint
            if isinstance(field, StateField):
                field.offer(entry.choices)
        shown = {entry.name for entry in self._fields_of}
        for name in set(postal.NAMES) - shown:
            delattr(self, name)

    def rows(self) -> list[tuple[postal.PostalField, Field]]:
        return [(entry, self[entry.name]) for entry in self._fields_of]

    def address(self) -> postal.PostalAddress:
        values = {entry.name: one_line(self[entry.name].data) for entry in self._fields_of}
        return postal.tidy(postal.PostalAddress(**{name: values.get(name, "") for name in postal.NAMES}))

    def validate(self, extra_validators: Any = None) -> bool:
        is_shaped = super().validate(extra_validators)
        sentences = postal.problems(self.address(), language())
        for name, sentence in sentences:
            if not self[name].errors:
                self[name].errors = [*self[name].errors, sentence]
        return bool(is_shaped and not sentences)


class AddressBookForm(AddressForm):
    """`drawn_for` is the country whose fields the page showed: another one asks for a new page."""

    label = StringField(_l("Name of this address"), [Length(max=60)])
    drawn_for = HiddenField()

    @property
    def wants_redraw(self) -> bool:
        return bool(self.drawn_for.data != self.country.data)

    def label_text(self) -> str:
        return one_line(self.label.data) or filled(self.city.data if self.city else self.street.data)[:60]

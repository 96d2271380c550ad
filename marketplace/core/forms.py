"""Forms. `Form` carries a token, `PublicForm` stands on cached pages and rests on the request's origin.

A token is bound to the session where there is one. A visitor without a session gets a signed one, good for a day, so
that opening a page never has to start a session (security.md 30, 33).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from flask import current_app, request, session
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import CombinedMultiDict
from wtforms import Field, IntegerField, StringField, ValidationError
from wtforms.csrf.core import CSRF

from .i18n import gettext
from .i18n import lazy_gettext as _l
from .ids import new_token
from .typed import Mistyped, grams_within, number_within, rupiah_within
from .typed import clean as clean
from .typed import one_line as one_line
from .typed import parse_decimal as parse_decimal

TOKEN_FIELD = "csrf_token"
_ANONYMOUS_SECONDS = 24 * 3600
Value = TypeVar("Value")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="form")


def form_token() -> str:
    """The token for this visitor's forms; starts no session."""
    if getattr(session, "exists", False):
        token = session.get("form_token")
        if not token:
            token = session["form_token"] = new_token()
        return str(token)
    return str(_signer().dumps("visitor"))


def is_token(candidate: str | None) -> bool:
    if not candidate:
        return False
    if getattr(session, "exists", False) and session.get("form_token"):
        return hmac.compare_digest(str(session["form_token"]).encode(), candidate.encode("utf-8", "replace"))
    try:
        return bool(_signer().loads(candidate, max_age=_ANONYMOUS_SECONDS) == "visitor")
    except BadSignature:
        return False


class _Token(CSRF):
    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return form_token()

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        if not is_token(field.data):
            raise ValidationError(_l("This page had been open for too long. Nothing was lost: send it once more."))


class Form(FlaskForm):
    """A form of a page that may know its visitor."""

    class Meta(FlaskForm.Meta):
        csrf = True
        csrf_class = _Token
        csrf_field_name = TOKEN_FIELD

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What a browser's form sends, and nothing else: Flask-WTF would read JSON too, its numbers and lists."""
            if formdata is not _Auto:
                return formdata
            if is_submitted() and (request.form or request.files):
                return CombinedMultiDict((request.files, request.form))
            return None

        def get_translations(self, form: Any) -> Any:  # our own gettext speaks for WTForms' sentences too
            return _Translations()

    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, sentence) of everything to mend, in the order of the page; '' is the form as a whole."""
        whole = [("", str(error)) for error in _flat(self.form_errors)]
        return whole + [(field.id, str(error)) for field in self for error in _flat(field.errors)]


class PublicForm(Form):
    """A form of a cached page: no token, the origin decides."""

    class Meta(Form.Meta):
        csrf = False


# What WTForms says by itself: it brings no Indonesian, so its sentences stand in our own catalogs.
LIBRARY_SENTENCES = (
    _l("This field is required."),
    _l("Not a valid choice."),
    _l("Invalid Choice: could not coerce."),
    _l("Invalid input."),
    _l("Not a valid integer value."),
    _l("Not a valid decimal value."),
    _l("Not a valid date value."),
    _l("Number must be at least %(min)s."),
    _l("Number must be at most %(max)s."),
    _l("Number must be between %(min)s and %(max)s."),
    _l("Field must be at least %(min)d character long."),
    _l("Field must be at least %(min)d characters long."),
    _l("Field cannot be longer than %(max)d character."),
    _l("Field cannot be longer than %(max)d characters."),
    _l("Field must be between %(min)d and %(max)d characters long."),
    _l("Field must be exactly %(max)d character long."),
    _l("Field must be exactly %(max)d characters long."),
)


class _Translations:
    """Our catalogs speak for WTForms, which puts the numbers into the sentence itself."""

    def gettext(self, text: str) -> str:
        return str(gettext(text))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return str(gettext(singular if count == 1 else plural))


def _flat(errors: Any) -> list[Any]:
    """Field lists nest their errors; the summary wants them one below the other."""
    if isinstance(errors, Mapping):
        errors = errors.values()
    flat: list[Any] = []
    for error in errors:
        flat.extend(_flat(error) if isinstance(error, list | tuple | dict) else [error])
    return flat


def filled(value: Value | None) -> Value:
    """The value of a field that its validators have made sure of."""
    if value is None:
        raise ValueError("a required field is empty after validation")
    return value


def is_submitted() -> bool:
    return request.method == "POST"


class WholeNumberField(IntegerField):
    """A whole number of at most 18 digits: with more, WTForms' NumberRange fails instead of refusing."""

    def process_formdata(self, valuelist: Any) -> None:
        if valuelist and len(valuelist[0].strip()) > 18:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value."))
        super().process_formdata(valuelist)


class NumberField(StringField):
    """A decimal between `least` and `most`, typed as people write it; keeps what was typed on an error."""

    def __init__(self, label: Any = None, validators: Any = None, *, least: Any = 0, most: Any = 10**9, **options: Any):
        super().__init__(label, validators, **options)
        self.least, self.most = Decimal(str(least)), Decimal(str(most))
        self.number: Decimal | None = None

    def pre_validate(self, form: Any) -> None:
        text = one_line(self.data)
        if text:
            try:
                self.number = self._read(text)
            except Mistyped as error:
                raise ValidationError(error.sentence) from error

    def _read(self, text: str) -> Decimal:
        return number_within(text, self.least, self.most)


class GramsField(NumberField):
    """A weight: 12,5 · 12.5 g · 6,80 gram."""

    def _read(self, text: str) -> Decimal:
        return grams_within(text, self.least, self.most)


class RupiahField(NumberField):
    """Whole rupiah: 745.000, 745000, Rp 745.000, 1,2 jt, 450 rb."""

    def _read(self, text: str) -> Decimal:
        return rupiah_within(text, self.least, self.most)


class Honeypot(StringField):
    """A field that people do not see: who fills it is a machine (features.md H11)."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            raise ValidationError(_l("That did not work. Nothing was changed."))


def text_of(field: Field) -> str:
    return one_line(field.data)

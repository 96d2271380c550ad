"""What an admin says about payouts: whom to pay, and why one failed or came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from marketplace.core.forms import Form, clean
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.payouts.providers import STRIPE_COUNTRIES
from marketplace.payouts.queries import Due

NOT_PAID: dict[str, Lazy] = {"failed": _l("It never left"), "returned": _l("It came back")}


class PrepareForm(Form):
    """The ticked workshops. One that is not ready any more is left out by the service, not refused here."""

    workshops = SelectMultipleField(_l("Workshops"), coerce=int)

    def offer(self, rows: Sequence[Due]) -> PrepareForm:
        self.workshops.choices = [SelectChoice(row.workshop_id, row.name) for row in rows]
        return self

    def validate_workshops(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(_l("Tick at least one workshop."))


class NotPaidForm(Form):
    """One payout that failed, or that came back after it was paid; `said` are the answers that are offered."""

    said = SelectField(
        _l("What happened"),
        choices=[SelectChoice("", _l("Choose what happened")), *(SelectChoice(*one) for one in NOT_PAID.items())],
        validators=[InputRequired(_l("Choose what happened."))],
    )
    reason = StringField(
        _l("Reason, the workshop reads it"),
        filters=[clean],
        validators=[DataRequired(_l("Write what the bank said.")), Length(max=300)],
    )

    def __init__(self, *args: Any, about: str = "", said: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.said.id, self.reason.id = f"{about}-said", f"{about}-reason"
        if said:
            self.said.choices = [SelectChoice(code, NOT_PAID[code]) for code in said]


class AccountForm(Form):
    """Where a workshop's account at the API provider is."""

    country = SelectField(
        _l("Country of the account"),
        choices=[
            SelectChoice("", _l("Choose the country")),
            *(SelectChoice(code) for code in sorted(STRIPE_COUNTRIES)),
        ],
        validators=[InputRequired(_l("Choose the country."))],
    )

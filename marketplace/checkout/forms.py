"""The one page of the checkout: contact, address in the form of its country, a way for each parcel, a way to pay."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField
from wtforms.validators import Length

from marketplace.accounts.forms import AddressForm, EmailInput
from marketplace.core.forms import Honeypot
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.payments.forms import PayWith

PREFIX = "parcel-"  # of a radio group: parcel-<workshop id> = service


class CheckoutForm(AddressForm, PayWith):
    """`drawn_for` is the country whose fields and sums the page showed: another one asks for a new page."""

    email = EmailInput(_l("Email"), validators=[Length(max=400)])
    is_gift = BooleanField(_l("This is a gift: leave prices out of the parcels"))
    checkout_key = HiddenField()
    seen_total = HiddenField()
    drawn_for = HiddenField()
    website = Honeypot(_l("Leave this empty"))

    @property
    def wants_redraw(self) -> bool:
        return bool(self.drawn_for.data != self.country.data)

    def problems(self) -> list[tuple[str, str]]:
        """In the order of the page: contact comes first."""
        found = super().problems()
        return sorted(found, key=lambda entry: entry[0] != self.email.id)


def chosen_services(values: Any) -> dict[int, str]:
    """By workshop, what was chosen: names only, which the rates must know."""
    return {
        int(name.removeprefix(PREFIX)): value
        for name, value in values.items()
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).isascii() and name.removeprefix(PREFIX).isdigit()
    }

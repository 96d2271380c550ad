"""Forms around paying."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import RadioField

from marketplace.core.forms import Form
from marketplace.core.i18n import lazy_gettext as _l

from .offers import Offer
from .processors.demo import Outcome


class PayWith(Form):
    """Which way to pay; the verbs know which there are, so that a choice that has gone is told in a sentence."""

    pay_with = RadioField(_l("Pay with"), choices=[], validate_choice=False)

    def show_ways(self, found: Sequence[Offer], usual: str = "") -> None:
        """One of them is chosen: the one that was, or the usual one, or the first."""
        names = [offer.name for offer in found]
        self.pay_with.choices = [(offer.name, offer.title) for offer in found]
        chosen = next((name for name in (self.pay_with.data, usual) if name in names), None)
        self.pay_with.data = chosen or (names[0] if names else None)


class PayAgainForm(PayWith):
    """A way to pay, where there are several, and one button."""


class OutcomeForm(Form):
    """What the demo processor shall do."""

    outcome = RadioField(
        _l("What should happen?"),
        choices=[
            (Outcome.APPROVE, _l("Approve")),
            (Outcome.DECLINE, _l("Decline")),
            (Outcome.LATER, _l("Approve later")),
            (Outcome.LOST, _l("Approve, lose the way back")),
            (Outcome.ABANDON, _l("Abandon")),
        ],
        default=Outcome.APPROVE,
    )

"""Forms around paying."""

from __future__ import annotations

from wtforms import RadioField

from marketplace.core.forms import Form
from marketplace.core.i18n import lazy_gettext as _l

from .processors.demo import Outcome


class PayAgainForm(Form):
    """One button; which way to pay is chosen on the processor's page."""


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

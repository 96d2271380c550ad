"""The money of a workshop: its payouts held and let go, a bank account that works again, an account at a provider."""

from __future__ import annotations

from flask import abort, url_for

from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.payouts import services
from marketplace.payouts.providers import STRIPE
from marketplace.payouts.setup import provider_names
from marketplace.workshops.services import clear_bank_problem

from .blueprint import Answer, acted, back_office, me
from .forms import AccountForm, WhyForm
from .workshop_page import Given, workshop_page

bp = back_office("admin_workshop_money", "workshops")


@bp.post("/<int:workshop_id>/payout-hold")
@audience(Audience.ADMIN)
def hold(workshop_id: int) -> Answer:
    form = WhyForm(about="hold")
    if not form.validate_on_submit():
        return workshop_page(workshop_id, Given(holding=form)), 422
    return acted(
        lambda: services.hold_payouts(workshop_id, form.why.data or "", me()),
        _("Held. Nothing is prepared, approved or sent for this workshop until you let it go."),
        _address(workshop_id),
    )


@bp.post("/<int:workshop_id>/payout-hold/removal")
@audience(Audience.ADMIN)
def release(workshop_id: int) -> Answer:
    form = WhyForm(about="hold")
    if not form.validate_on_submit():
        return workshop_page(workshop_id, Given(holding=form)), 422
    return acted(
        lambda: services.release_payouts(workshop_id, form.why.data or "", me()),
        _("Let go. The next run takes it again."),
        _address(workshop_id),
    )


@bp.post("/<int:workshop_id>/bank-account/clearance")
@audience(Audience.ADMIN)
def clear_bank(workshop_id: int) -> Answer:
    form = WhyForm(about="bank")
    if not form.validate_on_submit():
        return workshop_page(workshop_id, Given(clearing=form)), 422
    return acted(
        lambda: clear_bank_problem(workshop_id, me(), form.why.data or ""),
        _("Noted. The next run pays to this account again."),
        _address(workshop_id),
    )


@bp.post("/<int:workshop_id>/payout-account")
@audience(Audience.ADMIN)
def open_account(workshop_id: int) -> Answer:
    """At the API provider, where the shop is set up for one."""
    if STRIPE not in provider_names():
        abort(404)
    form = AccountForm()
    if not form.validate_on_submit():
        return workshop_page(workshop_id, Given(opening=form)), 422
    return acted(
        lambda: services.open_account(workshop_id, str(form.country.data), me()),
        _("Opened. The owner finds the next step on the page of the bank account."),
        _address(workshop_id),
    )


def _address(workshop_id: int) -> str:
    return url_for("admin_workshops.show", workshop_id=workshop_id, _anchor="money")

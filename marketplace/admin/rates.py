"""Exchange rates: enter the day's, and see what counted before."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.forms import filled
from marketplace.core.i18n import gettext as _
from marketplace.moderation import services
from marketplace.moderation.queries import rates as queries

from .blueprint import Answer, back_office, me
from .forms import RateForm

bp = back_office("admin_rates", "rates")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    return _page(RateForm())


@bp.post("/")
@audience(Audience.ADMIN)
def enter() -> Answer:
    form = RateForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        services.enter_rate(form.currency.data, filled(form.rate.number), form.source.data or "", me())
    except DomainError as error:
        form.rate.errors = [error.sentence]
        return _page(form), 422
    flash(_("Entered. Prices follow it from now on; orders keep the rate that they were placed with."), "success")
    return redirect(url_for(".index"), 303)


def _page(form: RateForm) -> str:
    return render_template("admin/rates.html", form=form, current=queries.current(), history=queries.history())

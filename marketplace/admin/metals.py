"""Metal rates: enter the day's, see who entered which, and how the feed is doing."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for

from marketplace.catalog import metals
from marketplace.catalog.metal_words import metal_name
from marketplace.catalog.queries import metals as queries
from marketplace.catalog.services import metals as services
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.forms import filled
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l

from .blueprint import Answer, back_office, me
from .forms import MetalRateForm

bp = back_office("admin_metals", "metals")

# What was wrong with the feed's last answer, by the codes of catalog/feed.
TROUBLES: dict[str, Lazy] = {
    "address": _l("Its address does not begin with https://."),
    "private": _l("Its address leads into a private network, and was not asked."),
    "unreachable": _l("It did not answer in time."),
    "redirect": _l("It sent us to another address. Set that one, if it is right."),
    "status": _l("It answered with an error."),
    "too_large": _l("Its answer was too long to be one."),
    "unreadable": _l("Its answer could not be read."),
    "absurd": _l("It gave a number that cannot be a rate."),
    "stale": _l("Its rate is too old."),
    "future": _l("Its rate is dated in the future."),
    "jump": _l("Its rate is more than half away from the last one. If it is true, enter it by hand."),
}


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    return _page(MetalRateForm())


@bp.post("/")
@audience(Audience.ADMIN)
def enter() -> Answer:
    form = MetalRateForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        amount = int(filled(form.idr_per_gram.number))
        services.enter(form.metal.data, amount, form.source.data or "", me(), sure=bool(form.sure.data))
    except DomainError as error:
        form.idr_per_gram.errors = [error.sentence]
        return _page(form, asks_again=isinstance(error, services.RateJumps)), 422
    flash(_("Entered. No price changes by it: workshops whose pieces it touches get proposals and a mail."), "success")
    return redirect(url_for(".index"), 303)


def _page(form: MetalRateForm, *, asks_again: bool = False) -> str:
    current = metals.current()
    return render_template(
        "admin/metals.html",
        form=form,
        asks_again=asks_again or bool(form.sure.data),
        current=[(metal_name(metal), current.get(metal)) for metal in metals.METALS],
        history=queries.entries(),
        feed=queries.feed() if current_app.config["SHOP"].metal_rate_url else None,
        has_feed=bool(current_app.config["SHOP"].metal_rate_url),
        max_hours=current_app.config["SHOP"].metal_rate_max_age_hours,
        metal_name=metal_name,
        troubles=TROUBLES,
    )

"""The workshop's own words, its number, its bank account, and the way to the account's safety."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from marketplace.catalog.queries import own
from marketplace.catalog.services.profile import save_profile
from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.orders import commission
from marketplace.orders import queries as orders
from marketplace.workshops.queries import bank_account_of, holidays
from marketplace.workshops.roles import Act

from .faces import user_id, work_blueprint, workshop_id
from .forms.settings import ProfileForm
from .holidays import planned

bp = work_blueprint("seller_settings", __name__, "/seller/settings")
Page = Response | tuple[str, int]


@bp.get("/")
@audience(Audience.SELLER, may=Act.SETTINGS)
def show() -> Page:
    stored = own.profile(workshop_id())
    data = {"story_id": stored.story_id, "story_en": stored.story_en, "phone": stored.phone}
    return _page(ProfileForm(formdata=None, data=data), 200)


@bp.post("/")
@audience(Audience.SELLER, may=Act.SETTINGS)
def save() -> Page:
    form = ProfileForm()
    if not form.validate():
        return _page(form, 422)
    save_profile(workshop_id(), form.profile(), user_id())
    flash(_("Saved. The public page shows it at once."), "success")
    return redirect(url_for(".show"), 303)


def _page(form: ProfileForm, status: int) -> Page:
    html = render_template(
        "seller/settings.html",
        form=form,
        profile=own.profile(workshop_id()),
        on_sale=own.counts(workshop_id())[own.Show.LIVE],
        bank=bank_account_of(workshop_id()),
        planned=planned(holidays.keeping_of(workshop_id()).holidays, orders.open_parts(workshop_id())),
        basis_points=commission.rates(clock.today()).basis_points(workshop_id(), None),
    )
    return html, status

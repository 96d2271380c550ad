"""Holidays from–to, and the days of ceremony that the workshop keeps: what its promised dates are counted around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from flask import flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language
from marketplace.orders import queries as orders
from marketplace.orders.queries import SellerPart
from marketplace.shipping import services
from marketplace.shipping.services import HolidayInvalid
from marketplace.shipping.words import ceremonies, when
from marketplace.workshops.queries import holidays
from marketplace.workshops.queries.holidays import Closing, Holiday
from marketplace.workshops.roles import Act

from .faces import check_token, user_id, work_blueprint, workshop_id
from .forms.holidays import DaysForm, HolidayForm

bp = work_blueprint("seller_holidays", __name__, "/seller/holidays")
Page = Response | tuple[str, int]
SOON = 30  # days before a closing from which every page of the workshop names it


@dataclass(frozen=True, slots=True)
class Planned:
    """A holiday with the orders that were promised for its days: their dates stay."""

    holiday: Holiday
    is_on: bool
    due: tuple[SellerPart, ...]

    @property
    def when(self) -> str:
        return when(self.holiday)


@bp.get("/")
@audience(Audience.SELLER, may=Act.SETTINGS)
def show() -> Page:
    return _page(HolidayForm(formdata=None), 200)


@bp.post("/")
@audience(Audience.SELLER, may=Act.SETTINGS)
def save() -> Page:
    form = HolidayForm()
    if not form.validate():
        return _page(form, 422)
    try:
        services.save_holiday(workshop_id(), form.plan(), user_id())
    except HolidayInvalid as error:
        form.refused(error.errors)
        return _page(form, 422)
    except DomainError as error:
        form.form_errors = [error.sentence]
        return _page(form, 422)
    flash(_("Saved. The shop closes and opens by itself; dates on all pages follow at once."), "success")
    return redirect(url_for(".show"), 303)


@bp.post("/<int:closure_id>/removal")
@audience(Audience.SELLER, may=Act.SETTINGS)
def remove(closure_id: int) -> Page:
    try:
        check_token()
        services.remove_holiday(closure_id, workshop_id(), user_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(_("Removed. Dates on all pages follow at once."), "success")
    return redirect(url_for(".show"), 303)


@bp.post("/days")
@audience(Audience.SELLER, may=Act.SETTINGS)
def keep() -> Page:
    form = DaysForm(ceremonies())
    if not form.validate():
        return _page(HolidayForm(formdata=None), 422, form)
    services.keep_days(workshop_id(), form.days.data or (), user_id())
    flash(_("Saved. Dates on all pages follow at once."), "success")
    return redirect(url_for(".show"), 303)


def _page(form: HolidayForm, status: int, kept: DaysForm | None = None) -> Page:
    keeping = holidays.keeping_of(workshop_id())
    html = render_template(
        "seller/holidays.html",
        form=form,
        kept=kept or DaysForm(ceremonies(), formdata=None, data={"days": sorted(keeping.closed_days)}),
        planned=planned(keeping.holidays, orders.open_parts(workshop_id())),
        today=clock.today(),
    )
    return html, status


def planned(coming: tuple[Holiday, ...], parts: list[SellerPart]) -> list[Planned]:
    today = clock.today()
    return [
        Planned(holiday, holiday.covers(today), tuple(part for part in parts if holiday.covers(part.part.ship_by_on)))
        for holiday in coming
    ]


@bp.app_template_global()
def opening_line() -> str:
    """Under the workshop's name on every page of its own: open, closed until, closed from."""
    if g.workshop.is_suspended:
        return str(_("Suspended"))
    closing, today = holidays.next_of(g.workshop.id), clock.today()
    if closing is None or (closing.starts_on - today).days > SOON:
        return str(_("Workshop open"))
    if closing.starts_on <= today:
        return str(_("Closed until %(day)s", day=_short(closing.ends_on)))
    return str(_("Holiday %(days)s", days=_short_span(closing)))


def _short(day: date) -> str:
    """5 Dec: the line stands beside a mark and two buttons."""
    return format_date(day, "d MMM", locale=language())


def _short_span(closing: Closing) -> str:
    first, last = closing.starts_on, closing.ends_on
    if first == last:
        return _short(first)
    same = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same else _short(first)}–{_short(last)}"

"""What the collective keeps of each sale: the rates that count, and a new one from a day on."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from wtforms import Field

from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.moderation import services
from marketplace.moderation.queries import commission as queries

from . import words
from .blueprint import Answer, acted, back_office, me
from .forms import CommissionForm, WhyForm

bp = back_office("admin_commission", "commission")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    return _page(_form(valid_from=clock.today()))


@bp.post("/")
@audience(Audience.ADMIN)
def enter() -> Answer:
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        services.set_commission(form.entry(), me(), form.why.data or "")
    except DomainError as error:
        _field_of(form, error).errors = [error.sentence]
        return _page(form), 422
    flash(_("Entered. New orders follow it from its day on; orders that run keep theirs."), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/<int:rate_id>/withdrawal")
@audience(Audience.ADMIN)
def withdraw(rate_id: int) -> Answer:
    form = WhyForm(about=f"r{rate_id}")
    if not form.validate_on_submit():
        return _page(_form(formdata=None, valid_from=clock.today()), withdrawing={rate_id: form}), 422
    return acted(
        lambda: services.withdraw_commission(rate_id, me(), form.why.data or ""),
        _("Taken back. It never counted for any order."),
        url_for(".index"),
    )


def _form(**given: object) -> CommissionForm:
    return CommissionForm(**given).offer(queries.workshop_names(), queries.category_names())


def _field_of(form: CommissionForm, error: DomainError) -> Field:
    if isinstance(error, services.FloorAboveCap):
        return form.floor
    return form.percent if isinstance(error, services.CommissionOutOfRange) else form.valid_from


def _page(form: CommissionForm, *, withdrawing: dict[int, WhyForm] | None = None) -> str:
    given = withdrawing or {}
    rates = queries.entered()
    return render_template(
        "admin/commission.html",
        form=next(iter(given.values()), form),
        entering=form,
        rates=rates,
        example=queries.EXAMPLE,
        withdrawing={row.id: given.get(row.id) or WhyForm(formdata=None, about=f"r{row.id}") for row in rates.next},
        today=clock.today(),
        words=words,
    )

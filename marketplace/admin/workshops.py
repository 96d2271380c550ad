"""Workshops: found, looked at, suspended and reinstated."""

from __future__ import annotations

from flask import render_template, request, url_for

from marketplace.core.audience import Audience, audience
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.moderation import services
from marketplace.moderation.queries import workshops as queries
from marketplace.workshops.services import set_trust

from .blueprint import Answer, acted, back_office, me
from .forms import SuspensionForm, WhyForm
from .workshop_page import Given, workshop_page

bp = back_office("admin_workshops", "workshops")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    text = one_line(request.args.get("q"))[:100]
    only_suspended = request.args.get("show") == "suspended"
    page = queries.workshops(text, only_suspended=only_suspended, after=request.args.get("after"))
    return render_template("admin/workshops.html", page=page, text=text, only_suspended=only_suspended)


@bp.get("/<int:workshop_id>")
@audience(Audience.ADMIN)
def show(workshop_id: int) -> Answer:
    return workshop_page(workshop_id)


@bp.post("/<int:workshop_id>/suspension")
@audience(Audience.ADMIN)
def suspension(workshop_id: int) -> Answer:
    form = SuspensionForm()
    if not form.validate_on_submit():
        return workshop_page(workshop_id, Given(suspending=form)), 422
    return acted(
        lambda: services.suspend(workshop_id, me(), str(form.code.data), form.words.data or ""),
        _("Suspended. Its pieces are hidden, running orders go on."),
        url_for(".show", workshop_id=workshop_id),
    )


@bp.post("/<int:workshop_id>/reinstatement")
@audience(Audience.ADMIN)
def reinstatement(workshop_id: int) -> Answer:
    form = WhyForm()
    if not form.validate_on_submit():
        return workshop_page(workshop_id, Given(lifting=form)), 422
    return acted(
        lambda: services.reinstate(workshop_id, me(), form.why.data or ""),
        _("The suspension is lifted. Everything stands as it stood before."),
        url_for(".show", workshop_id=workshop_id),
    )


@bp.post("/<int:workshop_id>/trust")
@audience(Audience.ADMIN)
def trust(workshop_id: int) -> Answer:
    form = WhyForm(about="trust")
    if not form.validate_on_submit():
        return workshop_page(workshop_id, Given(trusting=form)), 422
    is_trusted = form.act.data == "give"
    return acted(
        lambda: set_trust(workshop_id, me(), is_trusted=is_trusted, why=form.why.data or ""),
        _("New pieces are shown at once.") if is_trusted else _("New pieces are looked at first."),
        url_for(".show", workshop_id=workshop_id),
    )

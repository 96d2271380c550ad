"""A workshop's ready-made answers, in both languages."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.messages import queries, services
from marketplace.workshops.roles import Act

from .faces import work_blueprint, workshop_id
from .forms.answers import AnswersForm, filled_with

bp = work_blueprint("seller_answers", __name__, "/seller/answers")
Page = Response | tuple[str, int]


@bp.get("/")
@audience(Audience.SELLER, may=Act.TALK)
def index() -> Page:
    return _page(AnswersForm(formdata=None, data=filled_with(queries.replies_of(workshop_id()))), 200)


@bp.post("/")
@audience(Audience.SELLER, may=Act.TALK)
def save() -> Page:
    form = AnswersForm()
    if not form.validate():
        return _page(form, 422)
    services.save_replies(workshop_id(), form.replies())
    flash(_("Saved. They stand above the box of every message."), "success")
    return redirect(url_for(".index"), 303)


def _page(form: AnswersForm, status: int) -> Page:
    return render_template("seller/answers.html", form=form), status

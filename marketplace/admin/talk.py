"""Talks that one of their two sides asked the collective to look at; no other talk can be read here."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.messages import queries, sending, services
from marketplace.messages.sending import Door

from .blueprint import Answer, back_office, me
from .forms import WhyForm

bp = back_office("admin_talk", "talks")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    return render_template("admin/talks.html", rows=queries.reported())


@bp.get("/<int:thread_id>")
@audience(Audience.ADMIN)
def show(thread_id: int) -> Answer:
    return _page(thread_id, WhyForm(formdata=None))


@bp.post("/<int:thread_id>/closing")
@audience(Audience.ADMIN)
def close(thread_id: int) -> Answer:
    form = WhyForm()
    if not form.validate():
        return _page(thread_id, form), 422
    services.close_report(thread_id, me(), form.why.data or "")
    flash(_("Done. The talk is closed to the collective again."), "success")
    return redirect(url_for(".index"), 303)


@bp.get("/<int:thread_id>/photos/<int:photo_id>")
@audience(Audience.ADMIN)
def photo(thread_id: int, photo_id: int) -> Response:
    return sending.photo_answer(*queries.photo_of(None, thread_id, photo_id, sending.width()))


def _page(thread_id: int, form: WhyForm) -> str:
    talk = queries.reported_talk(thread_id) or abort(404)

    def address(photo_id: int, size: str) -> str:
        return url_for(".photo", thread_id=thread_id, photo_id=photo_id, size=size)

    return render_template("admin/talk.html", talk=talk, door=Door(request.path, address), form=form)

"""Prices, stock and state of many pieces in one screen."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.catalog.queries import many as queries
from marketplace.catalog.queries import own
from marketplace.catalog.queries.own import Show
from marketplace.catalog.services import many
from marketplace.core.audience import Audience, audience
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import ngettext
from marketplace.workshops.roles import Act

from . import words
from .faces import user_id, work_blueprint, workshop_id
from .forms.many import ManyForm, filled

bp = work_blueprint("seller_many", __name__, "/seller/many")
Answer = Response | tuple[str, int]
SHOWN = (Show.LIVE, Show.PAUSED, Show.ARCHIVED)


@bp.get("/")
@audience(Audience.SELLER, may=Act.PRICES)
def show() -> Answer:
    return _page(None)


@bp.post("/")
@audience(Audience.SELLER, may=Act.PRICES)
def save() -> Answer:
    """All that was changed, or nothing; `do=fill` only puts moved prices into the boxes."""
    form = ManyForm()
    if not form.validate():
        return _page(form, form.problems(), 422)
    if request.form.get("do") == "fill":
        form.fill()
        return _page(form)
    doubts = form.doubt(queries.costs(workshop_id(), form.moved()))
    if doubts:
        return _page(form, doubts, 422)
    try:
        count = many.save(workshop_id(), form.changes(), form.states(), by=user_id())
    except many.NotSaved as error:
        named = form.name([(problem.field, str(problem.sentence)) for problem in error.problems])
        return _page(form, named, 422)
    flash(
        ngettext("%(num)s change saved.", "%(num)s changes saved.", count) if count else _("Nothing was changed."),
        "success",
    )
    return redirect(url_for(".show", **_place()), 303)


def _place() -> dict[str, Any]:
    """Which part of the pieces the screen shows: it travels along with the form."""
    shown = request.values.get("show", "")
    return {
        "show": shown if shown in {one.value for one in SHOWN} else None,
        "q": one_line(request.values.get("q"))[:80] or None,
        "after": request.values.get("after") or None,
    }


def _page(form: ManyForm | None, problems: list[tuple[str, str]] | None = None, status: int = 200) -> Answer:
    place = _place()
    show = Show(place["show"] or Show.LIVE.value)
    page = queries.rows(workshop_id(), show, place["q"] or "", place["after"])
    form = form or filled(page.rows)
    html = render_template(
        "seller/many.html",
        form=form,
        problems=problems or [],
        page=page,
        place={name: value for name, value in place.items() if value},
        show=show,
        shown=SHOWN,
        search=place["q"] or "",
        counts=own.counts(workshop_id()),
        size_of={entry.form.variant_id.data: entry.form for entry in form.sizes},
        state_of={entry.form.listing_id.data: entry.form for entry in form.pieces},
        words=words,
    )
    return html, status

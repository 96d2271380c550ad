"""People: found, closed, opened, made and unmade admins."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, render_template, request, url_for

from marketplace.core.audience import Audience, audience
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.moderation import services
from marketplace.moderation.queries import people as queries

from . import words
from .blueprint import Answer, acted, back_office, me
from .forms import WhyForm

bp = back_office("admin_people", "people")
Act = Callable[[int, int, str], None]


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    text = one_line(request.args.get("q"))[:100]
    only_admins = request.args.get("show") == "admins"
    page = queries.people(text, only_admins=only_admins, after=request.args.get("after"))
    return render_template("admin/people.html", page=page, text=text, only_admins=only_admins)


@bp.get("/<int:user_id>")
@audience(Audience.ADMIN)
def show(user_id: int) -> Answer:
    return _page(user_id)


@bp.post("/<int:user_id>/disable")
@audience(Audience.ADMIN)
def disable(user_id: int) -> Answer:
    return _do(user_id, "access", services.disable_person, _("The account is closed and every session has ended."))


@bp.post("/<int:user_id>/enable")
@audience(Audience.ADMIN)
def enable(user_id: int) -> Answer:
    return _do(user_id, "access", services.enable_person, _("The account is open again."))


@bp.post("/<int:user_id>/admin-rights")
@audience(Audience.ADMIN)
def make_admin(user_id: int) -> Answer:
    return _do(user_id, "rights", services.make_admin, _("Now an admin of the collective."))


@bp.post("/<int:user_id>/admin-rights/removal")
@audience(Audience.ADMIN)
def unmake_admin(user_id: int) -> Answer:
    return _do(user_id, "rights", services.unmake_admin, _("No longer an admin of the collective."))


def _do(user_id: int, about: str, act: Act, said: str) -> Answer:
    form = WhyForm(about=about)
    if not form.validate_on_submit():
        return _page(user_id, {about: form}), 422
    return acted(lambda: act(user_id, me(), form.why.data or ""), said, url_for(".show", user_id=user_id))


def _page(user_id: int, given: dict[str, WhyForm] | None = None) -> str:
    person = queries.person(user_id)
    if person is None:
        abort(404)
    given = given or {}
    return render_template(
        "admin/person.html",
        person=person,
        is_me=user_id == me(),
        form=next(iter(given.values()), None),
        access=given.get("access") or WhyForm(formdata=None, about="access"),
        rights=given.get("rights") or WhyForm(formdata=None, about="rights"),
        words=words,
    )

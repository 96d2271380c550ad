"""Who works for the workshop: the owners' page of people, everybody's own page, the way to another workshop.

Whatever makes or unmakes an owner needs the second factor: an owner can change where the money goes.
"""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from marketplace.core.audience import WORKSHOP_KEY, Audience, audience, code_first
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.web import client_address
from marketplace.workshops.models import MemberRole
from marketplace.workshops.queries import people as queries
from marketplace.workshops.roles import Act, may_in_words, name_of
from marketplace.workshops.services import people as services

from .faces import check_token, user_id, work_blueprint, workshop_id
from .forms.people import ROLES, InvitationForm, RoleForm

bp = work_blueprint("seller_people", __name__, "/seller/people")
Page = Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@bp.get("/")
@audience(Audience.SELLER, may=Act.PEOPLE)
def index() -> Page:
    return _page(InvitationForm(formdata=None), 200)


@bp.get("/invitations")
@audience(Audience.SELLER, may=Act.PEOPLE)
def form_left() -> Response:
    """Where the form came back to with its errors: loaded anew, it is the page again."""
    return redirect(url_for(".index"), 303)


@bp.post("/invitations")
@audience(Audience.SELLER, fresh=True, may=Act.PEOPLE)
def invite() -> Page:
    form = InvitationForm()
    if not form.validate():
        return _page(form, 422)
    if form.chosen() is MemberRole.OWNER and (first := code_first()) is not None:
        return _with_code(first)
    try:
        services.invite(workshop_id(), form.email.address, form.chosen(), user_id(), client_address())
    except DomainError as error:
        form.email.errors = [error.sentence]
        return _page(form, error.status)
    flash(_("The invitation is on its way to %(email)s. It works for seven days.", email=form.email.address), "success")
    return redirect(url_for(".index"), 303)


def _with_code(first: Response) -> Response:
    flash(_("Who becomes or stops being an owner needs the code from your phone. Do it again afterwards."), "warning")
    return first


@bp.post("/invitations/<int:invitation_id>/sending")
@audience(Audience.SELLER, fresh=True, may=Act.PEOPLE)
def send_again(invitation_id: int) -> Page:
    role = next((row.role for row in queries.invitations_of(workshop_id()) if row.id == invitation_id), None)
    if role is None:
        abort(404)
    if role is MemberRole.OWNER and (first := code_first()) is not None:
        return _with_code(first)
    try:
        check_token()
        services.send_again(workshop_id(), invitation_id, user_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(_("Sent once more. The earlier link works no longer."), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/invitations/<int:invitation_id>/removal")
@audience(Audience.SELLER, fresh=True, may=Act.PEOPLE)
def revoke(invitation_id: int) -> Page:
    try:
        check_token()
        services.revoke(workshop_id(), invitation_id, user_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(_("The invitation is taken back."), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/<int:member_id>/role")
@audience(Audience.SELLER, fresh=True, may=Act.PEOPLE)
def change_role(member_id: int) -> Page:
    form, member = RoleForm(), _member(member_id)
    if not form.validate():
        flash(next(sentence for _field, sentence in form.problems()), "error")
        return redirect(url_for(".index"), 303)
    if MemberRole.OWNER in (form.chosen(), member.role) and (first := code_first()) is not None:
        return _with_code(first)
    try:
        services.change_role(workshop_id(), member_id, form.chosen(), user_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(_("%(name)s works as %(role)s from now on.", name=member.name, role=name_of(form.chosen())), "success")
    return redirect(url_for(".index" if member.user_id != user_id() else ".me"), 303)


@bp.post("/<int:member_id>/removal")
@audience(Audience.SELLER, fresh=True, may=Act.PEOPLE)
def remove(member_id: int) -> Page:
    member = _member(member_id)
    if member.role is MemberRole.OWNER and (first := code_first()) is not None:
        return _with_code(first)
    try:
        check_token()
        services.remove(workshop_id(), member_id, user_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(_("%(name)s has no access any more, on no device.", name=member.name), "success")
    return redirect(url_for(".index"), 303)


def _member(member_id: int) -> queries.MemberView:
    member = next((row for row in queries.members_of(workshop_id()) if row.id == member_id), None)
    if member is None:
        abort(404)
    return member


def _page(form: InvitationForm, status: int) -> Page:
    html = render_template(
        "seller/people.html",
        form=form,
        members=queries.members_of(workshop_id()),
        invitations=queries.invitations_of(workshop_id()),
        me=user_id(),
        name_of=name_of,
        may_in_words=may_in_words,
        roles=[(role, name_of(role)) for role in ROLES],
    )
    return html, status


@bp.get("/me")
@audience(Audience.SELLER, may=Act.LOOK)
def me() -> str:
    """What one may do here, the other workshops that one works for, and the way out."""
    return render_template(
        "seller/me.html",
        places=queries.workshops_of(user_id()),
        name_of=name_of,
        may_in_words=may_in_words,
    )


@bp.post("/workshop")
@audience(Audience.SELLER, may=Act.LOOK)
def choose() -> Page:
    """Work for another of one's workshops from now on."""
    check_token()
    wanted = request.form.get("workshop_id", "")
    place = next((row for row in queries.workshops_of(user_id()) if str(row.id) == wanted), None)
    if place is None:
        abort(404)
    session[WORKSHOP_KEY] = place.id
    flash(_("You now work for %(workshop)s.", workshop=place.name), "success")
    return redirect(url_for("seller.home"), 303)


@bp.post("/leaving")
@audience(Audience.SELLER, may=Act.LOOK)
def leave() -> Page:
    try:
        check_token()
        services.leave(workshop_id(), user_id())
    except DomainError as error:
        flash(error.sentence, "error")
        return redirect(url_for(".me"), 303)
    session.pop(WORKSHOP_KEY, None)
    flash(_("You no longer work for this workshop."), "success")
    return redirect(url_for("accounts.home"), 303)

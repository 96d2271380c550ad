"""The queue of applications: look, and decide."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for

from marketplace.catalog import attributes
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import and_list, ngettext
from marketplace.core.i18n import gettext as _
from marketplace.moderation.queries import applications as queries
from marketplace.workshops import services
from marketplace.workshops.models import ApplicationStatus
from marketplace.workshops.reasons import reason_of

from . import words
from .blueprint import Answer, back_office, me
from .forms import ApplicationForm

bp = back_office("admin_applications", "applications")
SHOWN = (
    ApplicationStatus.APPLIED,
    ApplicationStatus.SENT_BACK,
    ApplicationStatus.APPROVED,
    ApplicationStatus.REJECTED,
)


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    chosen = request.args.get("status", "")
    status = ApplicationStatus(chosen) if chosen in SHOWN else ApplicationStatus.APPLIED
    page = queries.waiting(status, request.args.get("after"))
    return render_template("admin/applications.html", page=page, status=status, statuses=SHOWN, words=words)


@bp.get("/<int:application_id>")
@audience(Audience.ADMIN)
def show(application_id: int) -> Answer:
    return _page(application_id, ApplicationForm())


@bp.post("/<int:application_id>/decision")
@audience(Audience.ADMIN)
def decide(application_id: int) -> Answer:
    form = ApplicationForm()
    if not form.validate_on_submit():
        return _page(application_id, form), 422
    try:
        said = _act(application_id, form)
    except DomainError as error:
        flash(error.sentence, "error")
        return redirect(url_for(".show", application_id=application_id), 303)
    flash(said, "success")
    return redirect(url_for(".index"), 303)


def _act(application_id: int, form: ApplicationForm) -> str:
    if form.decision.data == "yes":
        services.approve_application(application_id, me())
        return str(_("Approved. The shop is open, and the owner has been told."))
    if form.decision.data == "ask":
        services.send_back(application_id, me(), form.chosen_code(), form.words.data or "")
        return str(_("Sent back. The place in the queue is kept."))
    services.reject(application_id, me(), form.chosen_code(), form.words.data or "")
    return str(_("Rejected. The applicant reads the reason and how to appeal."))


def _page(application_id: int, form: ApplicationForm) -> str:
    case = queries.case(application_id)
    if case is None:
        abort(404)
    queue = queries.waiting(limit=12)
    return render_template(
        "admin/application.html",
        case=case,
        queue=queue.rows,
        form=form,
        words=words,
        checks=_checks(case),
        reason_of=reason_of,
        techniques=_techniques,
    )


def _techniques(codes: Sequence[str]) -> str:
    return and_list(attributes.names_of(attributes.TECHNIQUES, codes))


def _checks(case: queries.Case) -> list[tuple[bool, str, str]]:
    """(met, what, detail): what the rows themselves can answer."""
    lacks = case.lacks
    pieces = len(case.photos("piece"))
    return [
        ("email" not in lacks, _("Email confirmed"), case.email),
        ("bench" not in lacks, _("Photo of the bench"), _count(len(case.photos("bench")))),
        ("piece" not in lacks, _("Photos of three pieces"), _count(pieces)),
        ("proof" not in lacks, _("Proof of identity"), _count(len(case.photos("proof")))),
        ("name" not in lacks, _("Name of the workshop is free"), case.workshop_name),
    ]


def _count(number: int) -> str:
    return str(ngettext("%(num)s photo", "%(num)s photos", number))

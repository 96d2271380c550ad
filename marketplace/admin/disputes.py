"""Disputes: until when the bank wants an answer, what is gathered, what came of it, and who bears a lost one."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for

from marketplace.audit.queries import of_subject
from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import money
from marketplace.moderation.queries import disputes as queries
from marketplace.payments.models import Bearer
from marketplace.payments.queries.disputes import DisputeView, dispute, disputes
from marketplace.payments.services import disputes as services

from . import ledger_words, words
from .blueprint import Answer, acted, back_office, me
from .forms import BearerForm, EvidenceForm, ParcelForm, WhyForm

bp = back_office("admin_disputes", "disputes")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    open_only = request.args.get("show") != "all"
    page = disputes(open_only, request.args.get("after"))
    return render_template(
        "admin/disputes.html", page=page, open_only=open_only, now=clock.now(), ledger=ledger_words, words=words
    )


@bp.get("/<int:dispute_id>")
@audience(Audience.ADMIN)
def show(dispute_id: int) -> Answer:
    return _page(_dispute_or_404(dispute_id))


@bp.post("/<int:dispute_id>/evidence")
@audience(Audience.ADMIN)
def evidence(dispute_id: int) -> Answer:
    """Keep what was changed on the list; sending it is another step."""
    view, form = _dispute_or_404(dispute_id), EvidenceForm()
    if not form.validate_on_submit():
        return _page(view, gathering=form), 422
    return acted(lambda: _note(view, form), _("Kept. Nothing has been sent yet."), _address(dispute_id))


def _note(view: DisputeView, form: EvidenceForm) -> None:
    for point in view.evidence:
        text, done = form[f"text_{point.code}"].data or "", bool(form[f"done_{point.code}"].data)
        if text != point.text.strip():
            services.note_evidence(view.row.id, point.code, text, me())
        if done != point.is_done:
            services.note_evidence(view.row.id, point.code, done, me())


@bp.post("/<int:dispute_id>/submission")
@audience(Audience.ADMIN)
def submission(dispute_id: int) -> Answer:
    _dispute_or_404(dispute_id)
    return acted(
        lambda: services.submit_evidence(dispute_id, me()),
        _("Sent. The bank decides now; that takes weeks."),
        _address(dispute_id),
    )


@bp.post("/<int:dispute_id>/parcel")
@audience(Audience.ADMIN)
def parcel(dispute_id: int) -> Answer:
    view = _dispute_or_404(dispute_id)
    form = _parcel_form(view)
    if not form.validate_on_submit():
        return _page(view, naming=form), 422
    return acted(
        lambda: services.name_parcel(dispute_id, form.chosen, me()),
        _("Kept. Only this parcel’s money waits for the end."),
        _address(dispute_id),
    )


@bp.post("/<int:dispute_id>/decision")
@audience(Audience.ADMIN)
def decision(dispute_id: int) -> Answer:
    view, form = _dispute_or_404(dispute_id), BearerForm()
    if not form.validate_on_submit():
        return _page(view, deciding=form), 422
    try:
        services.decide_lost(dispute_id, Bearer(form.bearer.data), me(), form.note.data or "")
    except DomainError as error:
        form.bearer.errors = [error.sentence]
        return _page(_dispute_or_404(dispute_id), deciding=form), 422
    flash(_("Decided and booked."), "success")
    return redirect(_address(dispute_id), 303)


@bp.post("/<int:dispute_id>/return")
@audience(Audience.ADMIN)
def giving_back(dispute_id: int) -> Answer:
    """Won on appeal after the workshop had borne it."""
    view, form = _dispute_or_404(dispute_id), WhyForm()
    if not form.validate_on_submit():
        return _page(view, returning=form), 422
    return acted(
        lambda: services.give_back(dispute_id, me(), form.why.data or ""),
        _("Booked back to the workshop."),
        _address(dispute_id),
    )


def _address(dispute_id: int) -> str:
    return url_for(".show", dispute_id=dispute_id)


def _dispute_or_404(dispute_id: int) -> DisputeView:
    view = dispute(dispute_id)
    if view is None:
        abort(404)
    return view


def _parcel_form(view: DisputeView, **given: object) -> ParcelForm:
    meant = next((str(one.id) for one in view.parcels if one.is_meant), "")
    return ParcelForm(parcel=meant, **given).offer(
        [(one.id, f"{one.workshop_name}, {money(one.total)}") for one in view.parcels]
    )


def _evidence_form(view: DisputeView) -> EvidenceForm:
    """As it stands: what a person wrote, else what the order says."""
    known: dict[str, object] = {f"text_{point.code}": point.text for point in view.evidence}
    known |= {f"done_{point.code}": point.is_done for point in view.evidence}
    return EvidenceForm(formdata=None, data=known)


def _page(
    view: DisputeView,
    *,
    gathering: EvidenceForm | None = None,
    naming: ParcelForm | None = None,
    deciding: BearerForm | None = None,
    returning: WhyForm | None = None,
) -> str:
    offered = tuple(Bearer) if view.can_workshop_bear else (Bearer.COLLECTIVE,)
    return render_template(
        "admin/dispute.html",
        dispute=view,
        row=view.row,
        form=gathering or naming or deciding or returning,
        gathering=gathering or _evidence_form(view),
        naming=naming or _parcel_form(view, formdata=None),
        deciding=deciding or BearerForm(formdata=None, offered=offered),
        returning=returning or WhyForm(formdata=None),
        costs=queries.costs(view) if view.can_decide else None,
        record_rows=of_subject("dispute", view.row.id, 8),
        ledger=ledger_words,
        words=words,
    )

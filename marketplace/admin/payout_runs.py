"""One run of payouts: approved by another admin, sent by another than that, followed payout by payout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Response, abort, flash, redirect, render_template, url_for

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import ngettext
from marketplace.moderation.queries import payouts as queries
from marketplace.payouts import services
from marketplace.payouts.models import PayoutStatus
from marketplace.payouts.providers import MANUAL
from marketplace.payouts.queries import PayoutRow, RunView, run
from marketplace.payouts.queries.runs import APPROVED, DRAFT

from . import ledger_words, payout_words, words
from .blueprint import Answer, acted, back_office, me
from .forms import NotPaidForm, TransferForm, WhyForm

bp = back_office("admin_payout_runs", "payouts")
ON_THE_WAY = (PayoutStatus.SENDING, PayoutStatus.UNKNOWN)
NOT_SENT = (PayoutStatus.DRAFT, PayoutStatus.APPROVED)


@dataclass
class Given:
    """Forms that came back with an error; by payout where there is one for each."""

    canceling: WhyForm | None = None
    all_paid: TransferForm | None = None
    dropping: dict[int, WhyForm] = field(default_factory=dict)
    paying: dict[int, TransferForm] = field(default_factory=dict)
    not_paid: dict[int, NotPaidForm] = field(default_factory=dict)

    @property
    def wrong(self) -> object:
        forms = [self.canceling, self.all_paid]
        for group in (self.dropping, self.paying, self.not_paid):
            forms += list(group.values())
        return next((form for form in forms if form is not None), None)


@bp.get("/<int:run_id>")
@audience(Audience.ADMIN)
def show(run_id: int) -> Answer:
    return _page(_run_or_404(run_id))


@bp.post("/<int:run_id>/approval")
@audience(Audience.ADMIN)
def approval(run_id: int) -> Answer:
    return _counted(run_id, services.approve_run, _("Approved. Somebody else than you must send it."))


@bp.post("/<int:run_id>/sending")
@audience(Audience.ADMIN)
def sending(run_id: int) -> Answer:
    is_file = _run_or_404(run_id).provider == MANUAL
    said = _("The bank file is ready: download it and upload it at the bank.") if is_file else _("On its way.")
    return _counted(run_id, services.send_run, said)


def _counted(run_id: int, act: Callable[[int, int], int], said: str) -> Answer:
    """An act that gives how many payouts are left in the run; with none the run is over."""
    before = len(_run_or_404(run_id).counted)
    try:
        left = act(run_id, me())
    except DomainError as error:
        flash(error.sentence, "error")
        return redirect(url_for(".show", run_id=run_id), 303)
    if left < before:
        fell = ngettext("%(num)s payout fell out.", "%(num)s payouts fell out.", before - left)
        flash(f"{fell} {_('The reason stands beside it; the next run takes it again.')}", "warning")
    if left:
        flash(said, "success")
    return redirect(url_for(".show", run_id=run_id), 303)


@bp.get("/<int:run_id>/file")
@audience(Audience.ADMIN, fresh=True)
def file(run_id: int) -> Answer:
    """The bank's CSV with whole account numbers: with a fresh sign-in only, and each time in the record."""
    _run_or_404(run_id)
    try:
        name, content = services.bank_file(run_id, me())
    except DomainError as error:
        flash(error.sentence, "error")
        return redirect(url_for(".show", run_id=run_id), 303)
    answer = Response(content, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@bp.post("/<int:run_id>/cancellation")
@audience(Audience.ADMIN)
def cancellation(run_id: int) -> Answer:
    view, form = _run_or_404(run_id), WhyForm(about="run")
    if not form.validate_on_submit():
        return _page(view, Given(canceling=form)), 422
    return _back(
        run_id,
        lambda: services.cancel_run(run_id, form.why.data or "", me()),
        _("Canceled. Everything in it is due again."),
    )


@bp.post("/<int:run_id>/payment")
@audience(Audience.ADMIN)
def payment(run_id: int) -> Answer:
    """All that are still on their way have left our bank."""
    view, form = _run_or_404(run_id), TransferForm(about="run")
    if not form.validate_on_submit():
        return _page(view, Given(all_paid=form)), 422
    return _back(
        run_id,
        lambda: services.mark_run_paid(run_id, form.reference.data or "", me()),
        _("Noted as paid. Each workshop gets a mail."),
    )


@bp.post("/<int:run_id>/payouts/<int:payout_id>/payment")
@audience(Audience.ADMIN)
def one_payment(run_id: int, payout_id: int) -> Answer:
    view, form = _payout_or_404(run_id, payout_id), TransferForm(about=f"p{payout_id}")
    if not form.validate_on_submit():
        return _page(view, Given(paying={payout_id: form})), 422
    return _back(
        run_id,
        lambda: services.mark_paid(payout_id, form.reference.data or "", me()),
        _("Noted as paid. The workshop gets a mail."),
    )


@bp.post("/<int:run_id>/payouts/<int:payout_id>/failure")
@audience(Audience.ADMIN)
def one_failure(run_id: int, payout_id: int) -> Answer:
    view, form = _payout_or_404(run_id, payout_id), NotPaidForm(about=f"n{payout_id}")
    if not form.validate_on_submit():
        return _page(view, Given(not_paid={payout_id: form})), 422
    act = services.mark_failed if form.said.data == "failed" else services.mark_returned
    return _back(
        run_id,
        lambda: act(payout_id, form.reason.data or "", me()),
        _("Noted. The sum is due again, and the workshop is told what to do."),
    )


@bp.post("/<int:run_id>/payouts/<int:payout_id>/cancellation")
@audience(Audience.ADMIN)
def one_cancellation(run_id: int, payout_id: int) -> Answer:
    view, form = _payout_or_404(run_id, payout_id), WhyForm(about=f"d{payout_id}")
    if not form.validate_on_submit():
        return _page(view, Given(dropping={payout_id: form})), 422
    return _back(
        run_id,
        lambda: services.cancel_payout(payout_id, form.why.data or "", me()),
        _("Taken out. The next run takes it again."),
    )


@bp.post("/<int:run_id>/payouts/<int:payout_id>/resending")
@audience(Audience.ADMIN)
def one_resending(run_id: int, payout_id: int) -> Answer:
    """Of one that nobody can say anything of: looked up first, so that it is never made twice."""
    _payout_or_404(run_id, payout_id)
    return _back(run_id, lambda: services.send_again(payout_id, me()), _("Asked and sent."))


def _back(run_id: int, act: Callable[[], object], said: str) -> Answer:
    return acted(act, said, url_for(".show", run_id=run_id))


def _run_or_404(run_id: int) -> RunView:
    view = run(run_id)
    if view is None:
        abort(404)
    return view


def _payout_or_404(run_id: int, payout_id: int) -> RunView:
    view = _run_or_404(run_id)
    if payout_id not in [row.id for row in view.payouts]:
        abort(404)
    return view


def _page(view: RunView, given: Given | None = None) -> str:
    given = given or Given()
    is_open = view.state in (DRAFT, APPROVED)
    return render_template(
        "admin/payout_run.html",
        run=view,
        me=me(),
        is_open=is_open,
        checks=queries.checks_of_run(view) if is_open else None,
        canceling=given.canceling or WhyForm(formdata=None, about="run"),
        all_paid=given.all_paid or TransferForm(formdata=None, about="run"),
        forms={row.id: _forms(view, row, given) for row in view.payouts},
        given=given,
        form=given.wrong,
        payouts=payout_words,
        ledger=ledger_words,
        words=words,
    )


@dataclass(frozen=True)
class RowForms:
    """What can be said about one payout as it stands; None: not now."""

    dropping: WhyForm | None
    paying: TransferForm | None
    not_paid: NotPaidForm | None
    can_resend: bool
    is_open: bool  # one of them came back with an error


def _forms(view: RunView, row: PayoutRow, given: Given) -> RowForms:
    is_manual, ident = view.provider == MANUAL, row.id
    by_hand = row.status in ON_THE_WAY if is_manual else row.status is PayoutStatus.UNKNOWN
    can_return = row.status is PayoutStatus.PAID and not row.is_wanted_back
    said = ("returned",) if can_return else ("failed",)
    return RowForms(
        dropping=given.dropping.get(ident) or WhyForm(formdata=None, about=f"d{ident}")
        if row.status in NOT_SENT
        else None,
        paying=given.paying.get(ident) or TransferForm(formdata=None, about=f"p{ident}") if by_hand else None,
        not_paid=given.not_paid.get(ident) or NotPaidForm(formdata=None, about=f"n{ident}", said=said)
        if by_hand or can_return
        else None,
        can_resend=not is_manual and row.status is PayoutStatus.UNKNOWN,
        is_open=ident in given.dropping or ident in given.paying or ident in given.not_paid,
    )

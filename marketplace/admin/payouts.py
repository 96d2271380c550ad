"""Payouts: who is due, and preparing a run. What happens to a run afterwards stands in payout_runs.py."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.money import total
from marketplace.moderation.queries import payouts as queries
from marketplace.payouts import services
from marketplace.payouts.queries import Due, due, runs
from marketplace.payouts.queries.due import CARRIED
from marketplace.payouts.queries.upcoming import next_friday
from marketplace.payouts.setup import provider_names, takes_real_money

from . import ledger_words, payout_words, words
from .blueprint import Answer, back_office, me
from .forms import PrepareForm

bp = back_office("admin_payouts", "payouts")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    rows = _rows()
    return _page(rows, PrepareForm(formdata=None).offer(rows))


@bp.post("/")
@audience(Audience.ADMIN)
def prepare() -> Answer:
    rows = _rows()
    form = PrepareForm().offer(rows)
    if not form.validate_on_submit():
        return _page(rows, form), 422
    try:
        run_id = services.prepare_run(form.workshops.data or (), me(), livemode=_livemode(), provider=_provider())
    except DomainError as error:
        form.workshops.errors = [error.sentence]
        return _page(_rows(), form), 422
    flash(_("Prepared. Somebody else must approve it now."), "success")
    return redirect(url_for("admin_payout_runs.show", run_id=run_id), 303)


def _livemode() -> bool:
    """Real money where the shop takes it; `money=test` looks at what is left of test payments there."""
    return takes_real_money() and request.args.get("money") != "test"


def _provider() -> str:
    asked = request.args.get("by", "")
    return asked if asked in provider_names() else provider_names()[0]


def _rows() -> list[Due]:
    return due(_livemode(), provider=_provider())


def _page(rows: list[Due], form: PrepareForm) -> str:
    livemode, provider = _livemode(), _provider()
    ticked = form.workshops.data if form.is_submitted() else [row.workshop_id for row in rows if row.is_ready]
    stopped = [row for row in rows if row.state in payout_words.STOPPED]
    carried = [row for row in rows if row.state == CARRIED]
    return render_template(
        "admin/payouts.html",
        rows=rows,
        form=form,
        ticked=ticked or [],
        checks=queries.checks_of_due(rows, livemode=livemode),
        ready=[row for row in rows if row.is_ready],
        stopped=stopped,
        stopped_total=total((row.amount for row in stopped), "IDR"),
        carried=carried,
        carried_total=total((row.amount for row in carried), "IDR"),
        friday=next_friday(clock.today()),
        earlier=runs(request.args.get("after")),
        livemode=livemode,
        takes_real_money=takes_real_money(),
        provider=provider,
        providers=provider_names(),
        payouts=payout_words,
        ledger=ledger_words,
        words=words,
    )

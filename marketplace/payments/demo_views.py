"""The demo processor's hosted page. Registered only while it takes the money: otherwise the address is 404."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import NotFound
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.web import MarketBlueprint

from . import queries
from .forms import OutcomeForm
from .processors import demo
from .processors.demo import Outcome

bp = MarketBlueprint("demo_payment", __name__)

EXPLAINED = {
    Outcome.APPROVE: _l("Paid at once; the notice and the return page race"),
    Outcome.DECLINE: _l("Back to the shop, with a way to try again"),
    Outcome.LATER: _l("Waiting page first; paid after a minute, as with a bank transfer"),
    Outcome.LOST: _l("Paid, but the browser never returns"),
    Outcome.ABANDON: _l("Nothing more comes; the order expires and the stock goes back"),
}


def _page(external_id: str) -> queries.DemoPage:
    page = queries.demo_page(external_id)
    if page is None:
        raise NotFound("demo session")
    return page


def _render(page: queries.DemoPage, form: OutcomeForm, ended: str = "") -> str:
    return render_template("payments/demo.html", page=page, form=form, ended=ended, explained=EXPLAINED)


@bp.get("/demo-payment/<external_id>")
@audience(Audience.VISITOR)
def show(external_id: str) -> str:
    return _render(_page(external_id), OutcomeForm(), request.args.get("ended", ""))


@bp.post("/demo-payment/<external_id>")
@audience(Audience.VISITOR)
def choose(external_id: str) -> Response | tuple[str, int]:
    page, form = _page(external_id), OutcomeForm()
    if not form.validate():
        return _render(page, form), 422
    outcome = Outcome(form.outcome.data)
    demo.choose(external_id, outcome)
    if outcome in (Outcome.LOST, Outcome.ABANDON):
        return redirect(url_for("demo_payment.show", external_id=external_id, ended=outcome.value), 303)
    return redirect(page.return_url, 303)

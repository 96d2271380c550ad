"""What was sent to the workshop's bank: each payout with its slip, and what to do when one did not arrive."""

from __future__ import annotations

from flask import abort, render_template, request

from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.payouts import queries
from marketplace.payouts.models import PayoutStatus as Status
from marketplace.payouts.queries import PayoutView
from marketplace.workshops.roles import Act

from . import sums
from .booked import word_of
from .faces import work_blueprint, workshop_id

bp = work_blueprint("seller_payouts", __name__, "/seller/payouts")
TAGS = {
    Status.SENDING: (_l("On its way"), "warn"),
    Status.UNKNOWN: (_l("On its way"), "warn"),
    Status.PAID: (_l("In the bank"), "ok"),
    Status.FAILED: (_l("Did not arrive"), "bad"),
    Status.RETURNED: (_l("Sent back by the bank"), "bad"),
}


@bp.get("/")
@audience(Audience.SELLER, may=Act.MONEY)
def index() -> str:
    page = queries.payouts_of(workshop_id(), request.args.get("after"))
    return render_template("seller/payouts.html", page=page, tag_of=tag_of)


@bp.get("/<int:payout_id>")
@audience(Audience.SELLER, may=Act.MONEY)
def show(payout_id: int) -> str:
    payout = queries.payout(payout_id, workshop_id())
    if payout is None:
        abort(404)
    return render_template(
        "seller/payout.html", payout=payout, tag=tag_of(payout), note=_note(payout), word_of=word_of, sums=sums
    )


def tag_of(payout: PayoutView) -> tuple[str, str]:
    word, kind = TAGS.get(payout.status, (_l("Canceled"), ""))
    return str(word), kind


def _note(payout: PayoutView) -> tuple[str, str, str, str]:
    """(kind, title, text, act) of what became of it; act is '' or 'bank'."""
    if payout.status is Status.PAID:
        return "ok", _("The bank has it"), _("Banks book it the same day or on the next working day."), ""
    if payout.status in (Status.FAILED, Status.RETURNED):
        title = _("The bank sent it back") if payout.status is Status.RETURNED else _("The bank did not take it")
        text = _("The money is still yours and comes with the next payout. Check the account first.")
        return "bad", title, f"{payout.reason}. {text}" if payout.reason else text, "bank"
    return "warn", _("On its way to your bank"), _("Banks book it the same day or on the next working day."), ""

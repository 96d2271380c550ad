"""What a workshop is owed, order by order, and why it is not there yet."""

from __future__ import annotations

from flask import render_template, request

from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.orders import queries
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.orders.queries import SellerPart

from . import words
from .charts import weeks_chart
from .faces import work_blueprint, workshop_id

bp = work_blueprint("seller_earnings", __name__, "/seller/earnings")
ARRIVED = (Status.DELIVERED, Status.EARNED)


@bp.get("/")
@audience(Audience.SELLER)
def show() -> str:
    past = queries.past_parts(workshop_id(), request.args.get("after"))
    waiting = [] if request.args.get("after") else queries.open_parts(workshop_id())
    return render_template(
        "seller/earnings.html",
        earnings=queries.earnings_of(workshop_id()),
        chart=weeks_chart(queries.weeks_of(workshop_id())),
        rows=[*waiting, *past.rows],
        after=past.after,
        why=why,
        words=words,
        counts_for=lambda row: row.part.status is not Status.CANCELED,
    )


def why(row: SellerPart) -> tuple[str, str, str]:
    """(tag, its kind, sentence) for the money of one order."""
    status = row.part.status
    if status is Status.CANCELED:
        return _("Nothing owed"), "bad", _("canceled, the buyer gets the money back")
    if status in ARRIVED:
        return _("Arrived"), "ok", _("the parcel has arrived; the money is yours")
    if status is Status.SHIPPED:
        return _("Held"), "warn", _("on its way to the buyer")
    if status is Status.PAID:
        return _("Held"), "warn", _("waits for your answer")
    return _("Held"), "warn", _("not yet posted")

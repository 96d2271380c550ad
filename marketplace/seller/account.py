"""The running account: everything that was booked for the workshop, newest first, with what it was owed after it."""

from __future__ import annotations

from flask import render_template, request

from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import signed
from marketplace.ledger import queries as books
from marketplace.orders.queries import shares
from marketplace.workshops.roles import Act

from .booked import booked
from .faces import work_blueprint, workshop_id

bp = work_blueprint("seller_account", __name__, "/seller/account")


@bp.get("/")
@audience(Audience.SELLER, may=Act.MONEY)
def show() -> str:
    page = books.running_account(workshop_id(), request.args.get("after"))
    numbers = shares.numbers_of(workshop_id(), [row.seller_order_id for row in page.rows if row.seller_order_id])
    return render_template(
        "seller/account.html",
        rows=booked(page.rows, numbers),
        after=page.after,
        owed=books.owed_to(workshop_id()),
        signed=signed,
    )

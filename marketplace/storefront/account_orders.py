"""A buyer's orders, when signed in."""

from __future__ import annotations

from flask import render_template, request
from flask_login import current_user

from marketplace.core.audience import Audience, audience
from marketplace.core.web import MarketBlueprint
from marketplace.orders import queries

bp = MarketBlueprint("account_orders", __name__)


@bp.get("/account/orders")
@audience(Audience.BUYER)
def index() -> str:
    narrow = request.args.get("show", "")
    history = queries.orders_of(int(current_user.id), narrow, request.args.get("after"))
    return render_template("orders/account.html", history=history, narrow=narrow)

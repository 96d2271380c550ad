"""Orders: found by anything that a buyer can name, looked at, canceled while unpaid, marked as delivered."""

from __future__ import annotations

from flask import render_template, request, url_for

from marketplace.core.audience import Audience, audience
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.orders.models import CancelReason, OrderStatus
from marketplace.orders.queries import search
from marketplace.orders.services import mark_delivered
from marketplace.payments.services.closing import cancel_order

from .blueprint import Answer, acted, back_office, me
from .forms import WhyForm
from .order_page import Given, order_or_404, order_page

bp = back_office("admin_orders", "orders")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    text, status = one_line(request.args.get("q"))[:100], request.args.get("status", "")
    page = search(text, status, request.args.get("after"))
    return render_template("admin/orders.html", page=page, text=text, status=status, statuses=OrderStatus)


@bp.get("/<int:order_id>")
@audience(Audience.ADMIN)
def show(order_id: int) -> Answer:
    return order_page(order_or_404(order_id))


@bp.post("/<int:order_id>/cancellation")
@audience(Audience.ADMIN)
def cancellation(order_id: int) -> Answer:
    form = WhyForm()
    if not form.validate_on_submit():
        return order_page(order_or_404(order_id), Given(canceling=form)), 422
    return acted(
        lambda: cancel_order(order_id, CancelReason.ADMIN, me(), form.why.data or ""),
        _("Canceled. Nothing was charged, and the pieces are free again."),
        url_for(".show", order_id=order_id),
    )


@bp.post("/<int:order_id>/parcels/<int:seller_order_id>/delivery")
@audience(Audience.ADMIN)
def delivery(order_id: int, seller_order_id: int) -> Answer:
    order = order_or_404(order_id, seller_order_id)
    form = WhyForm(about=f"p{seller_order_id}")
    if not form.validate_on_submit():
        return order_page(order, Given(delivering={seller_order_id: form})), 422
    return acted(
        lambda: mark_delivered(seller_order_id, actor_id=me(), reason=form.why.data or ""),
        _("Marked as delivered."),
        url_for(".show", order_id=order_id),
    )

"""A parcel of an order: money back of it, looked at before it is sent, and a parcel that will not be sent at all."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from wtforms import Field

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import money
from marketplace.payments.models import RefundOrigin
from marketplace.payments.queries.refunds import refundable, refunds_of
from marketplace.payments.services import refunds

from .blueprint import Answer, acted, back_office, me
from .forms import PartCancelForm, RefundForm, refund_form
from .order_page import Given, order_or_404, order_page

bp = back_office("admin_parcels", "orders")


@bp.post("/<int:order_id>/parcels/<int:seller_order_id>/refunds")
@audience(Audience.ADMIN)
def refund(order_id: int, seller_order_id: int) -> Answer:
    """'look' shows what it would do, 'change' gives the form back, 'send' does it; a second click is the same one."""
    order = order_or_404(order_id, seller_order_id)
    left = refundable(seller_order_id)
    if left is None:
        abort(404)
    form = refund_form(left)
    given = Given(refund=(seller_order_id, form))
    if not form.validate_on_submit():
        return order_page(order, given), 422
    if form.step.data == "change":
        return order_page(order, given)
    wish = form.wish(seller_order_id)
    try:
        if form.step.data != "send":
            given.preview = refunds.preview(wish)
            return order_page(order, given)
        refund_id = refunds.request_refund(wish, origin=RefundOrigin.ADMIN, by=me())
    except DomainError as error:
        _blamed(form).errors = [error.sentence]
        return order_page(order, given), 422
    total = next(row.total for row in refunds_of(order_id) if row.id == refund_id)
    flash(_("%(sum)s go back to the buyer.", sum=money(total)), "success")
    return redirect(url_for("admin_orders.show", order_id=order_id), 303)


def _blamed(form: RefundForm) -> Field:
    """Where the sentence of the service stands: at what was filled in."""
    if form.amount.data:
        return form.amount
    if form.shipping.data and not any(int(form[f"quantity_{ident}"].data) for ident in form.lines):
        return form.shipping
    return form[f"quantity_{form.lines[0]}"] if form.lines else form.amount


@bp.post("/<int:order_id>/parcels/<int:seller_order_id>/cancellation")
@audience(Audience.ADMIN)
def cancellation(order_id: int, seller_order_id: int) -> Answer:
    order = order_or_404(order_id, seller_order_id)
    form = PartCancelForm(about=f"c{seller_order_id}")
    if not form.validate_on_submit():
        return order_page(order, Given(part_canceling={seller_order_id: form})), 422
    return acted(
        lambda: refunds.cancel_part(seller_order_id, str(form.code.data), form.words.data or "", me()),
        _("Canceled. What was paid for it goes back to the buyer."),
        url_for("admin_orders.show", order_id=order_id),
    )

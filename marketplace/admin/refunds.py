"""Refunds that wait for a person, and what can be done about one. Each act stands on the page of its order."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, render_template, request, url_for

from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.moderation.queries import orders as queries
from marketplace.orders.queries import OrderPage
from marketplace.payments.queries.refunds import open_refunds
from marketplace.payments.services import refunds

from . import ledger_words, words
from .blueprint import Answer, acted, back_office, me
from .forms import TransferForm, WhyForm
from .order_page import Given, assign_form, order_or_404, order_page
from .refund_words import CHANNELS, ORIGINS

bp = back_office("admin_refunds", "refunds")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    return render_template(
        "admin/refunds.html",
        rows=open_refunds(),
        channels=CHANNELS,
        origins=ORIGINS,
        ledger=ledger_words,
        words=words,
    )


@bp.post("/<int:refund_id>/retry")
@audience(Audience.ADMIN)
def retry(refund_id: int) -> Answer:
    by_transfer = request.form.get("how") == "transfer"
    return _act(
        refund_id,
        lambda: refunds.retry_refund(refund_id, me(), by_transfer=by_transfer),
        _("Send it by bank transfer now, and enter the reference.") if by_transfer else _("Asked for once more."),
    )


@bp.post("/<int:refund_id>/assignment")
@audience(Audience.ADMIN)
def assignment(refund_id: int) -> Answer:
    order = _order_of(refund_id)
    form = assign_form(order)
    if not form.validate_on_submit():
        return order_page(order, Given(assigning={refund_id: form})), 422
    return _act(
        refund_id,
        lambda: refunds.assign_refund(refund_id, int(form.parcel.data), me()),
        _("The refund belongs to this parcel now."),
    )


@bp.post("/<int:refund_id>/transfer")
@audience(Audience.ADMIN)
def transfer(refund_id: int) -> Answer:
    form = TransferForm(about=f"s{refund_id}")
    if not form.validate_on_submit():
        return order_page(_order_of(refund_id), Given(sending={refund_id: form})), 422
    return _act(
        refund_id,
        lambda: refunds.mark_refund_sent(refund_id, form.reference.data or "", me()),
        _("Noted as sent. The buyer gets a mail."),
    )


@bp.post("/<int:refund_id>/failure")
@audience(Audience.ADMIN)
def failure(refund_id: int) -> Answer:
    form = WhyForm(about=f"f{refund_id}")
    if not form.validate_on_submit():
        return order_page(_order_of(refund_id), Given(failing={refund_id: form})), 422
    return _act(
        refund_id,
        lambda: refunds.mark_refund_failed(refund_id, form.why.data or "", me()),
        _("Noted as failed. The money is held again until you ask for it once more."),
    )


def _order_of(refund_id: int) -> OrderPage:
    order_id = queries.order_of_refund(refund_id)
    if order_id is None:
        abort(404)
    return order_or_404(order_id)


def _act(refund_id: int, act: Callable[[], object], said: str) -> Answer:
    order = _order_of(refund_id)
    return acted(act, said, url_for("admin_orders.show", order_id=order.id, _anchor="refunds"))

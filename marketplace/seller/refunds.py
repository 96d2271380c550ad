"""Money back to a buyer, by the workshop itself: what it means is shown before it is done.

The first POST shows the sum, the second (step `confirm`) does it; `figures` answers the same while the form is being
filled in. Everything is typed once: each step carries the fields of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import money
from marketplace.core.money import Money
from marketplace.orders import queries
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.orders.queries import SellerPart
from marketplace.payments import services
from marketplace.payments.errors import AboveWhatIsLeft, NothingToRefund, WrongQuantity
from marketplace.payments.models import RefundOrigin, RefundStatus
from marketplace.payments.queries import Refundable, RefundView, is_asked, refundable, refunds_of
from marketplace.payments.services import RefundPreview, RefundWish
from marketplace.payouts.queries import next_payout
from marketplace.workshops.roles import Act

from . import words
from .faces import user_id, work_blueprint, workshop_id
from .forms.refunds import RefundForm, refund_form

bp = work_blueprint("seller_refunds", __name__, "/seller/orders")
Page = Response | str | tuple[str, int]


@bp.get("/<int:seller_order_id>/refund")
@audience(Audience.SELLER, fresh=True, may=Act.REFUND)
def new(seller_order_id: int) -> Page:
    row, state = _own(seller_order_id)
    return _page(row, refund_form(state, formdata=None))


@bp.post("/<int:seller_order_id>/refund")
@audience(Audience.SELLER, fresh=True, may=Act.REFUND)
def give(seller_order_id: int) -> Page:
    row, state = _own(seller_order_id)
    form, step = refund_form(state), request.form.get("step", "")
    if step == "edit":
        return _page(row, form)
    if step == "figures":
        form.reason.data = form.reason.data or "other"  # the sum can be told before it
    figures = _figures(row, form)
    if step == "figures":
        return render_template("seller/_refund_figures.html", figures=figures, form=form, words=words)
    if step == "confirm" and (figures is None or request.form.get("seen") != figures.seen):
        if is_asked(form.request_key.data or "", row.id):  # the second click of two
            return _done(row)
        flash(_("Nothing was given back: what is left has changed in the meantime. Look at the sum again."), "error")
    if figures is None:
        return _page(row, form, status=422)
    if step != "confirm" or request.form.get("seen") != figures.seen:
        return _page(row, form, figures=figures)
    try:
        services.request_refund(figures.wish, origin=RefundOrigin.WORKSHOP, by=user_id(), workshop_id=workshop_id())
    except DomainError as error:
        _name(form, error)
        return _page(row, form, status=422)
    return _done(row)


def _done(row: SellerPart) -> Response:
    flash(_("The buyer gets the money back. How far it is stands below."), "success")
    return redirect(url_for("seller_orders.show", seller_order_id=row.id, _anchor="refunds"), 303)


def _own(seller_order_id: int) -> tuple[SellerPart, Refundable]:
    row, state = queries.part_of(workshop_id(), seller_order_id), refundable(seller_order_id, workshop_id())
    if row is None or state is None:
        abort(404)
    return row, state


@dataclass(frozen=True, slots=True)
class Figures:
    """What a filled-in form would do. `before` and `after` are the workshop's share of this order."""

    wish: RefundWish
    preview: RefundPreview
    before: Money
    payout_on: date | None  # None: the order's own money has not been paid out yet

    @property
    def seen(self) -> str:
        """What the person saw and agreed to."""
        return f"{self.preview.total.currency} {self.preview.total.amount} {self.preview.payable_idr}"

    @property
    def in_rupiah(self) -> Money:
        return Money(self.preview.payable_idr + self.preview.commission_idr, "IDR")

    @property
    def commission(self) -> Money:
        return Money(self.preview.commission_idr, "IDR")

    @property
    def payable(self) -> Money:
        return Money(self.preview.payable_idr, "IDR")

    @property
    def after(self) -> Money:
        return self.before - self.payable


def _figures(row: SellerPart, form: RefundForm) -> Figures | None:
    """None: the form's fields say what is wrong."""
    if not form.validate():
        return None
    try:
        wish = _wish(row.id, form)
        preview = services.preview(wish, workshop_id())
    except DomainError as error:
        _name(form, error)
        return None
    is_earned = row.part.status is Status.EARNED
    return Figures(wish, preview, row.part.remains_idr, next_payout(workshop_id()).on if is_earned else None)


def _wish(seller_order_id: int, form: RefundForm) -> RefundWish:
    rupiah = form.rupiah()
    return RefundWish(
        seller_order_id=seller_order_id,
        request_key=form.request_key.data or "",
        lines=form.lines(),
        shipping=form.postage(),
        amount=services.rupiah_to_refund(seller_order_id, rupiah, workshop_id()) if rupiah is not None else None,
        reason_code=form.reason.data or "",
        reason=form.text(),
    )


def _name(form: RefundForm, error: DomainError) -> None:
    """The sentence at the field that it is about, or on top of the page."""
    is_of_sum = isinstance(error, AboveWhatIsLeft | NothingToRefund | WrongQuantity)
    field = form["amount" if form.is_part else form.first_line] if is_of_sum else None
    if field is None:
        form.form_errors.append(error.sentence)
    else:
        field.errors = [*field.errors, error.sentence]


def _page(row: SellerPart, form: RefundForm, *, figures: Figures | None = None, status: int = 200) -> Page:
    html = render_template(
        "seller/refund.html",
        row=row,
        part=row.part,
        form=form,
        state=form.state,
        figures=figures,
        earlier=_earlier(row),
        words=words,
        views={line.id: line for line in row.part.lines},
    )
    return html, status


def _earlier(row: SellerPart) -> str:
    """What has gone back before, with its last day."""
    refunds = [one for one in refunds_of(row.part.order_id) if one.seller_order_id == row.id]
    counted: list[RefundView] = [one for one in refunds if one.status is not RefundStatus.FAILED]
    if not counted:
        return ""
    sum_idr = Money(sum(one.payable_idr + one.commission_idr for one in counted), "IDR")
    return _("%(sum)s went back before.", sum=money(sum_idr))

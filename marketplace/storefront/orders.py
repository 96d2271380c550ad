"""An order by its link: what happens with it, and what its buyer can do. No account is needed."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import services as accounts
from marketplace.accounts import throttle
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language
from marketplace.core.markets import MARKETS, WORLD, current_market
from marketplace.core.web import MarketBlueprint, client_address
from marketplace.orders import queries, services
from marketplace.orders.forms import JoinForm, TrackForm
from marketplace.orders.models import CancelReason
from marketplace.orders.queries import OrderPage
from marketplace.payments import services as payments
from marketplace.payments.queries import is_money_to_return, refunds_of

from . import acts
from .refunds import money_back, where_to

bp = MarketBlueprint("orders", __name__)
Answer = str | Response | tuple[str, int]


def _order(token: str) -> OrderPage:
    order = queries.by_token(token)
    if order is None:
        raise NotFound("Order", token)
    return order


def _page(order: OrderPage, join: JoinForm | None = None) -> str:
    offers_account = order.is_paid and order.user_id is None and not current_user.is_authenticated
    return render_template(
        "orders/show.html",
        order=order,
        back=money_back(order, refunds_of(order.id)),
        where_to=where_to,
        late_money=not (order.is_paid or order.is_waiting) and is_money_to_return(order.id),
        no_receipt=not order.is_paid and "receipt" in request.args,
        form=join,
        join=(join or JoinForm(formdata=None)) if offers_account else None,
    )


@bp.get("/orders/<token>")
@audience(Audience.VISITOR)
def show(token: str) -> Answer:
    order = _order(token)
    if order.currency != "IDR" and current_market().currency == "IDR":  # no page of that market shows other money
        return redirect(url_for("orders.show", token=token, market=MARKETS.get(order.market, WORLD).prefix), 303)
    return _page(order)


@bp.post("/orders/<token>/<int:seller_order_id>/arrival")
@audience(Audience.VISITOR)
def arrived(token: str, seller_order_id: int) -> Answer:
    """The buyer says that a parcel is there (features.md M3)."""
    if acts.is_ours():
        try:
            services.arrived(token, seller_order_id)
        except DomainError as error:
            flash(error.sentence, "error")
        else:
            flash(_("Thank you. The workshop is glad to know."), "success")
    return _back(token)


@bp.post("/orders/<token>/<int:seller_order_id>/cancellation")
@audience(Audience.VISITOR)
def withdraw(token: str, seller_order_id: int) -> Answer:
    """One paid parcel, as long as the workshop has not started (features.md E6)."""
    if acts.is_ours():
        try:
            services.withdraw(token, seller_order_id)
        except DomainError as error:
            flash(error.sentence, "error")
        else:
            flash(_("The parcel is canceled. Your money is on its way back to where you paid from."), "success")
    return _back(token)


@bp.post("/orders/<token>/cancellation")
@audience(Audience.VISITOR)
def cancel(token: str) -> Answer:
    """While nobody has paid; the processor's page is closed first."""
    order = _order(token)
    if acts.is_ours():
        try:
            payments.cancel_order(order.id, CancelReason.BUYER)
        except DomainError as error:
            flash(error.sentence, "error")
        else:
            flash(_("The order is canceled. Nothing was charged."), "success")
    return _back(token)


@bp.post("/orders/<token>/account")
@audience(Audience.VISITOR)
def join(token: str) -> Answer:
    """A guest makes an account with one field; the order joins it when the email is confirmed (features.md M5)."""
    order = _order(token)
    form = JoinForm()
    if not form.validate():
        return _page(order, form), 422
    request_ = accounts.SignUp(order.email, form.password.data or "", order.name, language(), current_market().prefix)
    try:
        accounts.sign_up(request_, address=client_address())
    except DomainError as error:
        form.password.errors = [error.sentence]
        return _page(order, form), 422
    flash(_("One step is left: open the link that we sent to %(email)s.", email=order.email), "success")
    return _back(token)


@bp.get("/orders/track")
@audience(Audience.VISITOR)
def track() -> Answer:
    return render_template("orders/track.html", form=TrackForm(formdata=None), sent="sent" in request.args)


@bp.post("/orders/track")
@audience(Audience.VISITOR)
def send_link() -> Answer:
    """The answer is the same whether or not number and email belong together."""
    form = TrackForm()
    if form.validate():
        email = one_line(form.email.data).lower()
        try:
            throttle.take((throttle.MAIL_ACCOUNT, email), (throttle.MAIL_ADDRESS, throttle.network(client_address())))
        except DomainError as error:
            form.email.errors = [error.sentence]
        else:
            services.send_link(one_line(form.number.data), email)
            return redirect(url_for("orders.track", sent=1), 303)
    return render_template("orders/track.html", form=form, sent=False), 422


def _back(token: str) -> Response:
    return redirect(url_for("orders.show", token=token), 303)

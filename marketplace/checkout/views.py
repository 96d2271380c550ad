"""One page from the bag to the processor's. Every no draws it again with all that was typed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts.postal import PostalAddress, is_country
from marketplace.accounts.queries import addresses_of
from marketplace.cart import queries as carts
from marketplace.cart import services as cart_services
from marketplace.cart.queries import Contents
from marketplace.cart.services import Owner
from marketplace.cart.visitor import visitor
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import language
from marketplace.core.markets import current_market
from marketplace.core.money import EXPONENTS, Money
from marketplace.core.web import MarketBlueprint
from marketplace.orders import queries as orders
from marketplace.payments import services as payments
from marketplace.payments.errors import PaymentsNotSetUp, ProcessorAway
from marketplace.payments.setup import has_processors, offers

from . import services
from .forms import PREFIX, CheckoutForm, chosen_services

bp = MarketBlueprint("checkout", __name__)
Answer = str | Response | tuple[str, int]


@bp.get("/checkout")
@audience(Audience.VISITOR)
def show() -> Answer:
    owner = visitor()
    saved = _saved_address()
    cart = carts.contents(owner, usual=saved.country if saved else "")
    if owner is None or cart is None or not cart.can_check_out:
        return redirect(url_for("cart.show"), 303)
    form = CheckoutForm(cart.country, formdata=None, **_known(saved, cart.country))
    form.is_gift.data = all(parcel.is_gift for parcel in cart.sent)
    return _page(form, cart)


def _saved_address() -> PostalAddress | None:
    found = addresses_of(int(current_user.id)) if current_user.is_authenticated else []
    return found[0].address if found else None


def _known(saved: PostalAddress | None, country: str) -> dict[str, Any]:
    """What a buyer who is signed in need not type again (DESIGN.md 18)."""
    if not current_user.is_authenticated:
        return {}
    known = {"email": current_user.email, "name": current_user.full_name}
    if saved is not None and saved.country == country:
        known.update({name: value for name, value in asdict(saved).items() if name != "country"})
    return known


@bp.post("/checkout/order")
@audience(Audience.VISITOR)
def place() -> Answer:
    form, owner = CheckoutForm(current_market().country), visitor()
    earlier = orders.by_checkout_key(form.checkout_key.data or "")
    if earlier is not None:
        return redirect(url_for("orders.show", token=earlier[1]), 303)
    if owner is None:
        return redirect(url_for("cart.show"), 303)
    if "fit" in request.form:
        cart_services.fit(owner)
        return _again(form, owner)
    if form.wants_redraw or "redraw" in request.form:
        return _again(form, owner)
    if not form.validate():
        return _again(form, owner, status=422)
    return _place(form, owner)


def _place(form: CheckoutForm, owner: Owner) -> Answer:
    try:
        placed = services.place(_request(form, owner))
    except DomainError as error:
        form.form_errors = [error.sentence]
        return _again(form, owner, error.sentence, status=409)
    if placed.attempt_id is None:
        return redirect(url_for("orders.show", token=placed.token), 303)
    address = payments.start(placed.attempt_id)
    if address is None:
        flash(ProcessorAway().sentence, "error")
        return redirect(url_for("payments.show", token=placed.token), 303)
    return redirect(address, 303)


def _request(form: CheckoutForm, owner: Owner) -> services.PlaceRequest:
    return services.PlaceRequest(
        owner=owner,
        checkout_key=form.checkout_key.data or "",
        email=form.email.address,
        address=form.address(),
        services=chosen_services(request.form),
        is_gift=bool(form.is_gift.data),
        seen_total=form.seen_total.data or "",
        language=language(),
        market=current_market().code,
        pay_with=form.pay_with.data or None,
    )


def _again(form: CheckoutForm, owner: Owner, problem: str = "", status: int = 200) -> Answer:
    """The page with the sums of this moment; what was typed stays."""
    country = str(form.country.data)
    if is_country(country):
        cart_services.choose_country(owner, country)
    cart = carts.contents(owner, country, chosen_services(request.form))
    if cart is None:
        if problem:
            flash(problem, "error")
        return redirect(url_for("cart.show"), 303)
    return _page(form, cart, problem), status


def _page(form: CheckoutForm, cart: Contents, problem: str = "") -> str:
    form.checkout_key.data = cart.checkout_key
    form.seen_total.data = f"{cart.currency} {cart.total.amount}"
    form.drawn_for.data = form.country.data
    found = offers(cart.total)
    form.show_ways(found)
    return render_template(
        "checkout/show.html",
        form=form,
        cart=cart,
        prefix=PREFIX,
        problem=problem,
        ways_to_pay=found,
        is_payable=bool(found) or not cart.sent,
        not_set_up="" if has_processors() else PaymentsNotSetUp().sentence,
        sample=Money(1234567, cart.currency),
        digits=EXPONENTS[cart.currency],
    )

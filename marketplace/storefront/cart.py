"""The bag: adding from a piece's page, changing, and what it comes to with postage before any form."""

from __future__ import annotations

from contextlib import suppress

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.accounts import postal
from marketplace.cart import queries, services
from marketplace.cart.errors import EngravingTooLong, NoEngraving, NotOnSale, OnlyLeft
from marketplace.cart.forms import AddLineForm, DestinationForm, NoteForm, QuantityForm
from marketplace.cart.visitor import make_visitor, visitor
from marketplace.catalog import pricing
from marketplace.catalog.queries import BuyableVariant, buyable
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import filled
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language
from marketplace.core.markets import current_market
from marketplace.core.money import Money
from marketplace.core.web import MarketBlueprint

from . import acts, seen
from .listing import render_listing

bp = MarketBlueprint("cart", __name__)
Answer = str | Response | tuple[str, int]
# Where on the piece's page a refusal stands; every other one stands at the size.
FIELD_OF: dict[type[DomainError], str] = {
    OnlyLeft: "quantity",
    EngravingTooLong: "engraving",
    NoEngraving: "engraving",
}


@bp.get("/cart")
@audience(Audience.VISITOR)
def show() -> Answer:
    return _page(request.args.get("to", ""))


def _page(country: str = "", form: NoteForm | None = None, form_of: int = 0) -> str:
    """`form` is a note that came back with an error, of the workshop `form_of`."""
    cart = queries.contents(visitor(), country if postal.is_country(country) else "")
    destination = DestinationForm(formdata=None, country=cart.country if cart else current_market().country)
    destination.country.choices = list(postal.countries(language()))
    notes = {
        parcel.workshop_id: form
        if form is not None and parcel.workshop_id == form_of
        else NoteForm(parcel.workshop_id, formdata=None, text=parcel.note, is_gift=parcel.is_gift)
        for parcel in (cart.parcels if cart else ())
    }
    return render_template("cart/show.html", cart=cart, destination=destination, notes=notes, form=form)


@bp.post("/cart/lines")
@audience(Audience.VISITOR)
def add_line() -> Answer:
    """From a cached page: an error draws the piece again with all that was chosen and typed."""
    form = AddLineForm()
    if not form.validate():
        return _listing_again(form)
    wish = form.line()
    variant = buyable([wish.variant_id]).get(wish.variant_id)
    try:
        services.add_line(make_visitor(), wish, _shown_price(variant, wish.engraving))
    except NotOnSale as error:
        flash(error.sentence, "error")
        return redirect(url_for("cart.show"), 303)
    except DomainError as error:
        field = form[FIELD_OF.get(type(error), "variant_id")]
        field.errors = [*field.errors, error.sentence]
        return _listing_again(form)
    if variant is not None:
        seen.count_bag(variant.listing_id)
    flash(_("It is in your bag."), "success")
    return redirect(url_for("cart.show"), 303)


def _shown_price(variant: BuyableVariant | None, engraving: str) -> Money | None:
    if variant is None:
        return None
    engraving_idr = variant.unit_idr(engraving) - variant.price_idr
    return pricing.present_unit(variant.price_idr, engraving_idr, current_market().currency, pricing.rates())


def _listing_again(form: AddLineForm) -> Answer:
    listing_id = None if form.listing_id.errors else form.listing_id.data
    if listing_id is None and form.names_a_variant:
        variant = buyable([filled(form.variant_id.data)]).get(filled(form.variant_id.data))
        listing_id = variant.listing_id if variant else None
    if listing_id is None:
        raise NotFound("Listing", listing_id)
    return render_listing(listing_id, form), 422


@bp.post("/cart/lines/<int:line_id>")
@audience(Audience.VISITOR)
def update_line(line_id: int) -> Answer:
    form = QuantityForm()
    if form.validate():
        try:
            services.change_line(_owner(), line_id, filled(form.quantity.data))
        except NotFound:
            flash(_("That has already changed in the meantime. Look at the page again."), "warning")
    else:
        flash(" ".join(sentence for _id, sentence in form.problems()), "error")
    return redirect(url_for("cart.show"), 303)


@bp.post("/cart/lines/<int:line_id>/removal")
@audience(Audience.VISITOR)
def remove_line(line_id: int) -> Answer:
    if acts.is_ours():
        owner = _owner()
        with suppress(NotFound):  # gone already, in another window: what was wanted
            services.remove_line(owner, line_id)
    return redirect(url_for("cart.show"), 303)


@bp.post("/cart/notes/<int:workshop_id>")
@audience(Audience.VISITOR)
def note(workshop_id: int) -> Answer:
    form = NoteForm(workshop_id)
    if not form.validate():
        return _page(form=form, form_of=workshop_id), 422
    services.write_note(_owner(), workshop_id, form.words(), bool(form.is_gift.data))
    flash(_("The workshop will read it with the order."), "success")
    return redirect(url_for("cart.show"), 303)


@bp.post("/cart/destination")
@audience(Audience.VISITOR)
def destination() -> Answer:
    if acts.is_ours():
        try:
            services.choose_country(make_visitor(), request.form.get("country", ""))
        except DomainError as error:
            flash(error.sentence, "error")
    return redirect(url_for("cart.show"), 303)


def _owner() -> services.Owner:
    owner = visitor()
    if owner is None:
        raise NotFound("Cart", None)
    return owner

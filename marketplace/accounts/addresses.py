"""The address book."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language
from marketplace.core.markets import current_market
from marketplace.core.web import MarketBlueprint

from . import entry, postal, queries, services
from .forms import AddressBookForm
from .queries import SavedAddress
from .services import AddressEntry
from .views import Answer

bp = MarketBlueprint("account_addresses", __name__, url_prefix="/account/addresses")


def _me() -> int:
    return int(current_user.id)


def _saved(address_id: int) -> SavedAddress:
    saved = queries.address_of(_me(), address_id)
    if saved is None:
        raise NotFound("Address", address_id)
    return saved


def _page(form: AddressBookForm, saved: SavedAddress | None = None) -> str:
    """The list with the form below; while one entry is edited, the form alone."""
    form.drawn_for.data = form.country.data
    entries = [] if saved else queries.addresses_of(_me())
    book = [(entry, postal.lines(entry.address, language())) for entry in entries]
    return render_template("account/addresses.html", form=form, saved=saved, book=book)


@bp.get("")
@audience(Audience.BUYER)
def index() -> str:
    country = request.args.get("country", "")
    chosen = country if postal.is_country(country) else current_market().country
    return _page(AddressBookForm(chosen, formdata=None, name=current_user.full_name))


@bp.post("")
@audience(Audience.BUYER)
def new() -> Answer:
    form = AddressBookForm(current_market().country)
    return _save(form)


def _save(form: AddressBookForm, saved: SavedAddress | None = None) -> Answer:
    if form.wants_redraw:
        return _page(form, saved)  # another country was chosen: its fields, with what was typed
    if not form.validate():
        return _page(form, saved), 422
    try:
        entry = AddressEntry(form.label_text(), form.address())
        services.save_address(_me(), entry, saved.id if saved else None)
    except DomainError as error:
        form.form_errors = [*form.form_errors, error.sentence]
        return _page(form, saved), 422
    flash(_("The address is saved."), "success")
    return redirect(url_for("account_addresses.index"), 303)


@bp.get("/<int:address_id>")
@audience(Audience.BUYER)
def edit(address_id: int) -> str:
    saved = _saved(address_id)
    values: dict[str, Any] = {name: getattr(saved.address, name) for name in postal.NAMES}
    return _page(AddressBookForm(values.pop("country"), formdata=None, label=saved.label, **values), saved)


@bp.post("/<int:address_id>")
@audience(Audience.BUYER)
def save(address_id: int) -> Answer:
    saved = _saved(address_id)
    return _save(AddressBookForm(saved.address.country), saved)


@bp.post("/<int:address_id>/removal")
@audience(Audience.BUYER)
def remove(address_id: int) -> Response:
    entry.check_token()
    services.remove_address(_me(), address_id)
    flash(_("The address is removed."), "success")
    return redirect(url_for("account_addresses.index"), 303)


@bp.post("/<int:address_id>/first")
@audience(Audience.BUYER)
def use_first(address_id: int) -> Response:
    entry.check_token()
    services.use_first(_me(), address_id)
    return redirect(url_for("account_addresses.index"), 303)

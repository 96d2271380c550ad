"""The page of one piece: what it is, what it costs, when it arrives, who made it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel import Locale
from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.cart.forms import AddLineForm
from marketplace.catalog import attributes, sizes, versions
from marketplace.catalog.care import care_text
from marketplace.catalog.queries import cards
from marketplace.catalog.queries.cards import ListingCard, Shown
from marketplace.catalog.queries.listing import ListingPage, public_listing
from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import grams, language, number
from marketplace.core.markets import current_market
from marketplace.core.money import Money
from marketplace.core.web import public
from marketplace.shipping.calendar import Calendar, calendar_of
from marketplace.shipping.queries import Parcel, Quote, estimate, ship_by
from marketplace.workshops.queries import holidays

from . import drawing, goes, menu, structured
from .blueprint import bp
from .caching import answer, shown

# Where most parcels go; the cart knows every country.
DESTINATIONS = ("AU", "CA", "DE", "FR", "GB", "ID", "JP", "MY", "NL", "NZ", "SG", "US")
MORE = 4


@dataclass(frozen=True, slots=True)
class Arrival:
    """The cheapest way to `country`; without `quote` nobody carries this parcel there."""

    country: str
    country_name: str
    quote: Quote | None
    postage: Money | None


@dataclass(frozen=True, slots=True)
class CardState:
    """What the card's `availability` macro reads."""

    availability: str
    left: int
    lead_days: int


@bp.get("/p/<int:listing_id>-<slug>")
@audience(Audience.PUBLIC)
def listing(listing_id: int, slug: str) -> Response:
    if request.args.get("to") == "ID" and current_market().currency != "IDR":
        return redirect(url_for("catalog.listing", listing_id=listing_id, slug=slug, market="id"), 303)
    return answer(
        lambda: _page(listing_id, slug),
        [versions.SHIPPING, versions.METALS],
        listing_id=listing_id,
        extra=clock.today().isoformat(),
    )


def _page(listing_id: int, slug: str) -> str | Response:
    """A wrong slug leads to the right one; the piece's number is what counts."""
    piece = public_listing(listing_id) or abort(404)
    if piece.slug != slug:
        return public(redirect(url_for("catalog.listing", listing_id=listing_id, slug=piece.slug), 301))
    return _render(piece, AddLineForm(formdata=None))


def render_listing(listing_id: int, form: AddLineForm) -> str:
    """The page with the form as somebody sent it, to be mended (422, by the cart's view).

    Aborts with 404 when the piece is not public.
    """
    return _render(public_listing(listing_id) or abort(404), form)


def _render(piece: ListingPage, form: AddLineForm) -> str:
    show, tree = shown(), menu.tree()
    place = tree.by_id[piece.category_id]
    keeping = holidays.keeping_of(piece.maker.id)
    calendar, closing = calendar_of(keeping), keeping.closed_on(clock.today())
    arrival = _arrival(piece, show, calendar)
    return render_template(
        "storefront/listing.html",
        piece=piece,
        steps=menu.links_to(tree.path(place)[1:] or [place]),  # the root says little, and a phone is narrow
        form=form,
        price=show.price,
        about=_about(piece),
        arrival=arrival,
        destinations=_destinations(arrival.country),
        closing=closing,
        ready_by=ship_by(piece.lead_time_days, calendar=calendar) if piece.made_to_order else None,
        conversion=sizes.conversion([choice.size for choice in piece.variants]) if piece.size_kind == "ring" else [],
        legend=sizes.legend(piece.size_kind),
        facts=_facts(piece),
        tags=_tags(piece),
        card_state=CardState(piece.availability, piece.stock, piece.lead_time_days),
        scale=drawing.of(piece),
        more=_more(piece, show),
        goes=goes.of(piece, show),
        ceremonial=any(step.slug == "ceremonial" for step in tree.path(place)),
        structured=structured.listing(piece, tree.path(place), show, arrival.quote, is_open=closing is None),
    )


def _about(piece: ListingPage) -> Money | None:
    """'about Rp 745.000' beside a foreign price; nothing where rupiah are the price (domain.md 6.1)."""
    return None if current_market().currency == "IDR" else Money(piece.price_from_idr, "IDR")


def _arrival(piece: ListingPage, show: Shown, calendar: Calendar) -> Arrival:
    wanted = request.args.get("to", "")
    country = wanted if wanted in DESTINATIONS else current_market().country
    lead = piece.lead_time_days if piece.made_to_order else 0
    quote = estimate(Parcel(piece.maker.id, piece.packed_grams, lead), country, calendar=calendar)
    return Arrival(country, country_name(country), quote, show.price(quote.price_idr) if quote else None)


def country_name(code: str) -> str:
    return str(Locale.parse(language()).territories.get(code, code))


def _destinations(chosen: str) -> list[tuple[str, str]]:
    return sorted(((code, country_name(code)) for code in {*DESTINATIONS, chosen}), key=lambda pair: pair[1])


def _more(piece: ListingPage, show: Shown) -> list[ListingCard]:
    page = cards.page(show, workshop_id=piece.maker.id, limit=MORE + 1)
    return [card for card in page.rows if card.id != piece.id][:MORE]


def _tags(piece: ListingPage) -> list[tuple[str, str]]:
    """(words, kind): made to order, solid or plated, weight; solid and plated are always told apart."""
    tags = [(_("Made to order"), "acc")] if piece.made_to_order else []
    if piece.availability == "one":
        tags.append((_("One of one"), "acc"))
    coat = attributes.solidity_text(piece.material, piece.plating)
    tags.append((f"{piece.metal_text}, {coat}", "warn" if piece.is_plated else ""))
    unit = attributes.unit_text(piece.sold_as, piece.set_count)
    if unit:
        tags.append((_sentence(unit), ""))
    if piece.weight_grams:
        tags.append((grams(piece.weight_grams), ""))
    if not piece.is_handmade:
        tags.append((_("partly made by machine"), "warn"))
    return tags


def _facts(piece: ListingPage) -> list[tuple[str, str]]:
    """(label, words) of the table, without rows that have nothing to say."""
    names = attributes.names_of(attributes.TECHNIQUES, piece.techniques)
    rows: list[tuple[Any, str]] = [
        (_("Metal"), _metal(piece)),
        (_("Sold as"), _sentence(attributes.unit_text(piece.sold_as, piece.set_count))),
        (_("Weight"), _weight(piece)),
        (_("Dimensions"), piece.dimensions),
        (_("Technique"), _sentence(", ".join(names))),
        (_("Finish"), _sentence(attributes.name_of(attributes.FINISHES, piece.finish)) if piece.finish else ""),
        (_("Stones"), piece.stones or _("None")),
        (_("Made in"), "Celuk, Sukawati, Gianyar, Bali"),
        (_("Care"), care_text(piece.material, piece.plating, piece.finish, piece.stones)),
        (_("Code"), piece.sku),
    ]
    return [(str(label), str(words)) for label, words in rows if words]


def _weight(piece: ListingPage) -> str:
    """Of what is sold, with its tolerance; where sizes differ, from the lightest to the heaviest."""
    of_sizes = [choice.weight_grams or piece.weight_grams for choice in piece.variants]
    known = sorted({weight for weight in of_sizes if weight})
    if not known:
        return ""
    if len(known) == 1:
        return _("%(weight)s, ± 5%%", weight=grams(known[0]))
    return _("%(least)s to %(most)s by size, ± 5%%", least=grams(known[0]), most=grams(known[-1]))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _metal(piece: ListingPage) -> str:
    if piece.material == "silver" and piece.fineness == 925:
        metal = _(
            "925 sterling (%(silver)s silver, %(copper)s copper)",
            silver=f"{number(Decimal('92.5'))}%",
            copper=f"{number(Decimal('7.5'))}%",
        )
    elif piece.material == "silver" and piece.fineness:
        metal = _(
            "%(fineness)s silver (%(percent)s%% silver)",
            fineness=piece.fineness,
            percent=number(Decimal(piece.fineness) / 10),
        )
    else:
        metal = _sentence(piece.metal_text)
    return f"{metal}, {attributes.solidity_text(piece.material, piece.plating)}"

"""Papers for packing: the slip of a parcel, labels for parcels, the list of what to take from the shelf. All as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.core import clock, pdf
from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import day, language, speaking
from marketplace.core.i18n import gettext as _
from marketplace.orders import queries
from marketplace.orders.queries import SellerPart
from marketplace.workshops.queries.sender import Sender, sender_of
from marketplace.workshops.roles import Act

from . import packing
from .due import desk_of
from .faces import work_blueprint, workshop_id
from .packing import Sheet

bp = work_blueprint("seller_slips", __name__, "/seller/orders")
Answer = str | Response
MOST = 100  # orders in one document
PLACES = 8  # labels on a sheet
FRIDAY = 4
LARGEST = 2**63 - 1


@bp.get("/papers")
@audience(Audience.SELLER, may=Act.ORDERS)
def choose() -> str:
    """Open orders to tick; those that are due until a day are ticked already."""
    rows = [row for row in queries.open_parts(workshop_id()) if row.part.left_count]
    until = _until()
    return render_template(
        "seller/papers.html",
        rows=rows,
        ticked={row.id for row in rows if until is None or row.part.ship_by_on <= until},
        rare={row.id for row in rows if packing.has_rare_letters(row)},
        spans=_spans(),
        chosen=request.args.get("until", ""),
        places=range(1, PLACES + 1),
        tag_of=desk_of(workshop_id()).tag_of,
    )


@dataclass(frozen=True, slots=True)
class Span:
    code: str
    text: str


def _spans() -> list[Span]:
    tomorrow, friday = clock.today() + timedelta(1), _friday()
    return [
        Span(tomorrow.isoformat(), _("Due by tomorrow")),
        Span(friday.isoformat(), _("Due by %(day)s", day=day(friday, weekday=True, year=False))),
        Span("", _("All open orders")),
    ]


def _friday() -> date:
    """Of this week; from Friday on, that of the next."""
    today = clock.today()
    return today + timedelta((FRIDAY - today.weekday() - 1) % 7 + 1)


def _until() -> date | None:
    try:
        return date.fromisoformat(request.args.get("until", ""))
    except ValueError:
        return None


@bp.get("/<int:seller_order_id>/slip")
@audience(Audience.SELLER, may=Act.ORDERS)
def slip(seller_order_id: int) -> Response:
    """Of one part, or of one of its parcels (`parcel`)."""
    (row,) = _own([seller_order_id])
    made = _sheets([row], request.args.get("parcel", type=int))
    name = row.number if _for_buyer() else _("bench-%(number)s", number=row.number)
    return _document(pdf.render("slip", packing.slips(made, _sender()), any_letters=True), name)


@bp.get("/slips")
@audience(Audience.SELLER, may=Act.ORDERS)
def slips() -> Answer:
    rows = _ticked()
    if not rows:
        return _nothing()
    facts = packing.slips(_sheets(rows), _sender())
    return _document(pdf.render("slip", facts, any_letters=True), _("slips"))


@bp.get("/labels")
@audience(Audience.SELLER, may=Act.ORDERS)
def labels() -> Answer:
    """Each in the language of its destination: Indonesian inside the country, English abroad."""
    rows = _ticked()
    if not rows:
        return _nothing()
    start = min(max(request.args.get("start", 1, type=int), 1), PLACES)
    paper = "a6" if request.args.get("paper") == "a6" else "a4"
    addressed = _read(rows, {row.id: "id" if row.country == "ID" else "en" for row in rows})
    facts = packing.labels(addressed, _sender(), start=start, paper=paper)
    return _document(pdf.render("labels", facts, any_letters=True), _("labels"))


@bp.get("/picking")
@audience(Audience.SELLER, may=Act.ORDERS)
def picking() -> Answer:
    rows = [row for row in _ticked() if row.part.left_count]
    if not rows:
        return _nothing()
    until = _("until %(day)s", day=day(max(row.part.ship_by_on for row in rows), year=False))
    return _document(pdf.render("picking", packing.picking(rows, until), any_letters=True), _("picking-list"))


def _ticked() -> list[SellerPart]:
    """The orders that were ticked, what leaves first on top; one that is not ours is not there."""
    ids = {int(text) for text in request.args.getlist("order") if text.isascii() and text.isdigit()}
    return _own([ident for ident in ids if ident <= LARGEST][:MOST])


def _own(ids: Sequence[int]) -> list[SellerPart]:
    rows = queries.chosen_parts(workshop_id(), ids)
    if len(rows) != len(ids):
        abort(404)
    return rows


def _for_buyer() -> bool:
    return request.args.get("copy") != "bench"


def _sheets(rows: Sequence[SellerPart], shipment_id: int | None = None) -> list[Sheet]:
    for_buyer = _for_buyer()
    if for_buyer:
        rows = _read(rows, {row.id: row.language for row in rows})
    may_see = bool(g.workshop.may(Act.MONEY))
    return [
        Sheet(
            row,
            packing.contents_of(row, shipment_id),
            row.language if for_buyer else language(),
            for_buyer=for_buyer,
            prices=may_see,
        )
        for row in rows
    ]


def _read(rows: Sequence[SellerPart], languages: dict[int, str]) -> list[SellerPart]:
    """The same rows in the same order, each with its titles and its address in this language."""
    found: dict[int, SellerPart] = {}
    for spoken in sorted(set(languages.values())):
        with speaking(spoken):
            again = queries.chosen_parts(workshop_id(), [ident for ident, lang in languages.items() if lang == spoken])
        found.update({row.id: row for row in again})
    return [found[row.id] for row in rows]


def _sender() -> Sender:
    return sender_of(workshop_id())


def _nothing() -> Response:
    flash(_("Tick at least one order."), "error")
    return redirect(url_for(".choose"), 303)


def _document(data: bytes, name: str) -> Response:
    response = Response(data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response

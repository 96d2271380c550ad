"""The shelf of one piece: how many are there, why the number changed, and who said so."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.catalog import sizes
from marketplace.catalog.models import StockReason
from marketplace.catalog.queries import counting, own
from marketplace.catalog.queries.counting import Moved
from marketplace.catalog.services.counting import Count, Deed, count
from marketplace.catalog.stock import SeenAnother
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.workshops.roles import Act

from . import words
from .faces import user_id, work_blueprint, workshop_id
from .forms.stock import CountForm

bp = work_blueprint("seller_stock", __name__, "/seller/listings")
Page = Response | tuple[str, int]
LOW = own.LOW

DEEDS = {
    Deed.SHOP_SALE: _l("Sold in the shop"),
    Deed.MADE: _l("Just finished"),
    Deed.DAMAGED: _l("Damaged"),
    Deed.LOST: _l("Gone missing"),
    Deed.LENT: _l("Lent out"),
    Deed.CAME_BACK: _l("Back on the shelf"),
    Deed.COUNTED: _l("Counted anew"),
}
BY_ITSELF = {
    StockReason.ORDERED: _l("Ordered here"),
    StockReason.RETURNED: _l("Back from an order"),
    StockReason.IMPORTED: _l("From a file"),
}


@bp.get("/stock")
@audience(Audience.SELLER, may=Act.STOCK)
def index() -> str:
    """What is on sale, to find the piece that somebody has just bought over the counter; packers have no other list."""
    search = one_line(request.args.get("q"))[:80]
    page = own.rows(workshop_id(), own.Show.LIVE, search, request.args.get("after"))
    return render_template("seller/shelf.html", page=page, search=search, words=words)


@bp.get("/<int:listing_id>/stock")
@audience(Audience.SELLER, may=Act.STOCK)
def show(listing_id: int) -> Page:
    return _page(listing_id)


@bp.post("/<int:listing_id>/stock/<int:variant_id>")
@audience(Audience.SELLER, may=Act.STOCK)
def move(listing_id: int, variant_id: int) -> Page:
    """One tap, one reason. Somebody was quicker: the new number is shown, and the same tap asked for again."""
    form = CountForm(variant_id)
    if not form.validate():
        return _page(listing_id, form, 422)
    counted = form.count()
    try:
        left = count(listing_id, workshop_id(), counted, user_id())
    except SeenAnother as error:
        form.saw.data = error.facts["left"]
        return _page(listing_id, form, 409, error.sentence)
    except DomainError as error:
        return _page(listing_id, form, 422, error.sentence)
    flash(_said(counted, left), "success")
    return redirect(url_for(".show", listing_id=listing_id), 303)


def _said(counted: Count, left: int) -> str:
    return _("%(what)s, %(left)s left now.", what=DEEDS[counted.deed], left=left)


def _page(listing_id: int, sent: CountForm | None = None, status: int = 200, trouble: str = "") -> Page:
    piece = own.row_of(listing_id, workshop_id()) or abort(404)
    shelf = counting.sizes_of(listing_id, workshop_id())
    if sent is not None and sent.variant_id not in {size.variant_id for size in shelf}:
        abort(404)
    forms = {size.variant_id: CountForm(size.variant_id, formdata=None, data={"saw": size.stock}) for size in shelf}
    if sent is not None:
        forms[sent.variant_id] = sent
    page = render_template(
        "seller/stock.html",
        piece=piece,
        shelf=shelf,
        forms=forms,
        form=sent,
        trouble=trouble,
        was_quicker=status == 409,
        moves=counting.moves_of(listing_id, workshop_id(), request.args.get("after")),
        deeds=DEEDS,
        reason_of=reason_of,
        low=LOW,
        long_label=sizes.long_label,
    )
    return page, status


def reason_of(move: Moved) -> str:
    if move.reason is StockReason.LENT and move.change > 0:
        return str(DEEDS[Deed.CAME_BACK])
    return str(BY_ITSELF.get(move.reason) or DEEDS[Deed(move.reason.value)])

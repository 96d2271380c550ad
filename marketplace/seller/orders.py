"""A workshop's orders: by what is due; one order with its deadline, its wish and its steps; the slip for the parcel."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from marketplace.accounts import postal
from marketplace.catalog.attributes import fineness_text
from marketplace.catalog.queries.kinds import customs_codes
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import day, grams, money, speaking
from marketplace.core.i18n import gettext as _
from marketplace.orders import queries, services
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.orders.queries import SellerPart
from marketplace.payments.queries import RefundView, refunds_of
from marketplace.payments.queries.holding import HoldCode, why_held
from marketplace.workshops.roles import Act

from . import due, words
from .faces import check_token, user_id, work_blueprint, workshop_id
from .forms.orders import RefusalForm, ShipForm

bp = work_blueprint("seller_orders", __name__, "/seller/orders")
Page = Response | tuple[str, int]
BOX_GRAMS = 80  # a small box with its padding (domain.md 7.2)


@bp.get("/")
@audience(Audience.SELLER, may=Act.ORDERS)
def index() -> str:
    if request.args.get("show") == "past":
        past = queries.past_parts(workshop_id(), request.args.get("after"))
        return render_template("seller/orders_past.html", page=past, tag_of=due.tag_of, counts=_open_count())
    rows = queries.open_parts(workshop_id())
    return render_template(
        "seller/orders.html", bench=due.bench_of(rows), schedule=due.schedule(rows), tag_of=due.tag_of
    )


def _open_count() -> int:
    counts = queries.counts_of(workshop_id())
    return counts.to_answer + counts.to_send


@bp.get("/<int:seller_order_id>")
@audience(Audience.SELLER, may=Act.ORDERS)
def show(seller_order_id: int) -> Page:
    return _page(_own(seller_order_id))


@bp.post("/<int:seller_order_id>/acceptance")
@audience(Audience.SELLER, may=Act.ORDERS)
def accept(seller_order_id: int) -> Page:
    _own(seller_order_id)
    try:
        check_token()
        services.accept(seller_order_id, workshop_id=workshop_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(_("Accepted. The buyer can see it."), "success")
    return redirect(url_for(".show", seller_order_id=seller_order_id), 303)


@bp.post("/<int:seller_order_id>/start")
@audience(Audience.SELLER, may=Act.ORDERS)
def start(seller_order_id: int) -> Page:
    _own(seller_order_id)
    try:
        check_token()
        services.start(seller_order_id, workshop_id=workshop_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(_("On the bench. The buyer can see it."), "success")
    return redirect(url_for(".show", seller_order_id=seller_order_id), 303)


@bp.post("/<int:seller_order_id>/refusal")
@audience(Audience.SELLER, may=Act.ORDERS)
def refuse(seller_order_id: int) -> Page:
    row = _own(seller_order_id)
    form = RefusalForm()
    if not form.validate():
        return _page(row, refusal=form, status=422)
    try:
        services.refuse(seller_order_id, form.reason.data, form.text(), workshop_id=workshop_id(), by=user_id())
    except DomainError as error:
        return _page(_own(seller_order_id), refusal=form, problems=[("", error.sentence)], status=422)
    flash(_("Refused. The buyer has been told, and the money is on its way back by itself."), "success")
    return redirect(url_for(".show", seller_order_id=seller_order_id), 303)


@bp.post("/<int:seller_order_id>/shipment")
@audience(Audience.SELLER, may=Act.ORDERS)
def ship(seller_order_id: int) -> Page:
    row = _own(seller_order_id)
    form = ShipForm(row.country, row.part.service)
    if not form.validate():
        return _page(row, shipment=form, status=422)
    try:
        services.ship(seller_order_id, form.posting(), workshop_id=workshop_id(), by=user_id())
    except DomainError as error:
        return _page(_own(seller_order_id), shipment=form, problems=[("tracking_number", error.sentence)], status=422)
    flash(_("Posted. The buyer gets the tracking number by mail."), "success")
    return redirect(url_for(".show", seller_order_id=seller_order_id), 303)


@bp.get("/<int:seller_order_id>/slip")
@audience(Audience.SELLER, may=Act.ORDERS)
def slip(seller_order_id: int) -> str:
    """For the parcel, so in the buyer's language; the page around it speaks the workshop's."""
    row = _own(seller_order_id)
    with speaking(row.language):
        theirs = _own(seller_order_id)
        article = render_template("seller/_slip.html", row=theirs, lines=_slip_lines(theirs))
    return render_template("seller/slip.html", row=row, article=Markup(article))  # noqa: S704 (our own template)


def _own(seller_order_id: int) -> SellerPart:
    row = queries.part_of(workshop_id(), seller_order_id)
    if row is None:
        abort(404)
    return row


def _page(
    row: SellerPart,
    *,
    refusal: RefusalForm | None = None,
    shipment: ShipForm | None = None,
    problems: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Page:
    html = render_template(
        "seller/order.html",
        row=row,
        part=row.part,
        refusal=refusal or RefusalForm(formdata=None),
        shipment=shipment or ShipForm(row.country, row.part.service, formdata=None),
        problems=[*(problems or []), *_problems_of(refusal), *_problems_of(shipment)],
        headline=due.headline(row),
        tag_of=due.tag_of,
        is_open=row.part.status in due.OPEN,
        can_start=row.part.status is Status.ACCEPTED,
        can_ship=row.part.status in (Status.ACCEPTED, Status.STARTED),
        metal=fineness_text,
        customs=_customs(row),
        words=words,
        refunds=_refunds(row),
        when=_when(row),
    )
    return html, status


def _when(row: SellerPart) -> str:
    """When the order's money comes, or what it waits for."""
    held = why_held([row.id]).get(row.id)
    if held is not None and held.code is HoldCode.DISPUTE:
        return _("The buyer’s bank asks for the money back. The collective keeps it until that is decided.")
    if held is not None and held.code is HoldCode.HOLD and held.on is not None:
        free = day(held.on, weekday=True)
        return _("Free on %(day)s unless the buyer reports something; it comes the Friday after.", day=free)
    if held is not None and held.code in (HoldCode.EARNED, HoldCode.CANCELED, HoldCode.REFUNDED):
        return ""
    return _("The collective keeps the money until the parcel has arrived, or 14 days after it was posted.")


def _refunds(row: SellerPart) -> list[RefundView]:
    """Of this part alone; an order may have parts of other workshops."""
    return [refund for refund in refunds_of(row.part.order_id) if refund.seller_order_id == row.id]


def _problems_of(form: RefusalForm | ShipForm | None) -> list[tuple[str, str]]:
    return form.problems() if form is not None else []


@dataclass(frozen=True, slots=True)
class SlipLine:
    text: str
    photo: object
    engraving: str
    price: str


def _slip_lines(row: SellerPart) -> list[SlipLine]:
    lines = []
    for line in row.part.lines:
        facts = [line.title, line.size, fineness_text(line.material, line.fineness, line.plating)]
        if line.weight_grams is not None:
            facts.append(grams(line.weight_grams))
        if line.quantity > 1:
            facts.append(_("%(count)s pieces", count=line.quantity))
        price = "" if row.part.is_gift else money(line.sum)
        lines.append(SlipLine(", ".join(fact for fact in facts if fact), line.photo, line.engraving, price))
    return lines


def _customs(row: SellerPart) -> list[tuple[str, str]]:
    """The boxes of a CN23, in English as the form asks; nothing for a parcel inside Indonesia."""
    if row.country == "ID":
        return []
    codes = customs_codes([line.listing_id for line in row.part.lines])
    contents, weight = [], BOX_GRAMS
    with speaking("en"):
        for line in row.part.lines:
            name, code = codes.get(line.listing_id, ("", ""))
            metal = fineness_text(line.material, line.fineness, line.plating)
            contents.append(f"{line.quantity} × {name or 'piece'}, {metal}, handmade (HS {code or '7113.11'})")
            weight += int(line.quantity * (line.weight_grams or 0))
        country = postal.country_name(row.country, "en")
        value = f"{row.part.items.currency} {row.part.items.decimal}"
    return [
        (_("Contents"), "; ".join(contents)),
        (_("Value"), value),
        (_("Weight of the parcel, about"), f"{weight / 1000:.3f} kg"),
        (_("Origin"), "Indonesia"),
        (_("Destination"), country),
    ]

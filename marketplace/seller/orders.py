"""A workshop's orders: by what is due; one order with its deadline, its wish, its steps and its parcels."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.catalog.attributes import fineness_text
from marketplace.catalog.queries.kinds import customs_codes
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import day
from marketplace.core.i18n import gettext as _
from marketplace.orders import queries, services
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.orders.queries import SellerPart
from marketplace.payments.queries import RefundView, refunds_of
from marketplace.payments.queries.holding import HoldCode, why_held
from marketplace.workshops.roles import Act

from . import due, packing, words
from .faces import check_token, user_id, work_blueprint, workshop_id
from .forms.orders import RefusalForm, ShipForm, TrackingForm, ship_form, tracking_form

bp = work_blueprint("seller_orders", __name__, "/seller/orders")
Page = Response | tuple[str, int]
BACK = {"home": "seller.home", "orders": "seller_orders.index"}  # where a list's button leads to afterwards


@bp.get("/")
@audience(Audience.SELLER, may=Act.ORDERS)
def index() -> str:
    if request.args.get("show") == "past":
        past = queries.past_parts(workshop_id(), request.args.get("after"))
        tag_of = due.desk_of(workshop_id()).tag_of
        return render_template("seller/orders_past.html", page=past, tag_of=tag_of, counts=_open_count())
    rows, desk = queries.open_parts(workshop_id()), due.desk_of(workshop_id())
    return render_template(
        "seller/orders.html",
        bench=desk.bench_of(rows),
        schedule=due.schedule(rows),
        tag_of=desk.tag_of,
        has_papers=any(row.part.left_count for row in rows),
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
        services.accept(seller_order_id, workshop_id=workshop_id(), by=user_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(_("Accepted. The buyer can see it."), "success")
    return _back(seller_order_id)


@bp.post("/<int:seller_order_id>/start")
@audience(Audience.SELLER, may=Act.ORDERS)
def start(seller_order_id: int) -> Page:
    _own(seller_order_id)
    try:
        check_token()
        services.start(seller_order_id, workshop_id=workshop_id(), by=user_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(_("On the bench. The buyer can see it."), "success")
    return _back(seller_order_id)


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
    form = ship_form(row.country, row.part)
    if not form.validate():
        return _page(row, shipment=form, status=422)
    try:
        services.ship(seller_order_id, form.posting(), form.contents(), workshop_id=workshop_id(), by=user_id())
    except DomainError as error:
        return _page(_own(seller_order_id), shipment=form, problems=[("tracking_number", error.sentence)], status=422)
    if _own(seller_order_id).part.is_partly_sent:
        flash(_("Posted. The rest stays on your list; the buyer has been told."), "success")
    else:
        flash(_("Posted. The buyer gets the tracking number by mail."), "success")
    return redirect(url_for(".show", seller_order_id=seller_order_id), 303)


@bp.post("/<int:seller_order_id>/parcels/<int:shipment_id>/tracking")
@audience(Audience.SELLER, may=Act.ORDERS)
def track(seller_order_id: int, shipment_id: int) -> Page:
    """The number that was entered was wrong."""
    row = _own(seller_order_id)
    parcel = next((one for one in row.part.trackings if one.id == shipment_id), None)
    if parcel is None:
        abort(404)
    form = tracking_form(row.country, parcel)
    if not form.validate():
        return _page(row, corrections={shipment_id: form}, status=422)
    try:
        services.correct_tracking(shipment_id, form.posting(), workshop_id=workshop_id(), by=user_id())
    except DomainError as error:
        form.tracking_number.errors = [error.sentence]
        return _page(_own(seller_order_id), corrections={shipment_id: form}, status=422)
    flash(_("Corrected. The buyer gets the right number by mail."), "success")
    return redirect(url_for(".show", seller_order_id=seller_order_id), 303)


def _back(seller_order_id: int) -> Response:
    """To the list whose button was pressed, else to the order."""
    to = BACK.get(request.form.get("from", ""))
    return redirect(url_for(to) if to else url_for(".show", seller_order_id=seller_order_id), 303)


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
    corrections: dict[int, TrackingForm] | None = None,
    problems: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Page:
    part, desk = row.part, due.desk_of(workshop_id())
    fixes = _corrections(row) | (corrections or {})
    given = [form for form in (refusal, shipment, *(corrections or {}).values()) if form is not None]
    html = render_template(
        "seller/order.html",
        row=row,
        part=part,
        refusal=refusal or RefusalForm(formdata=None),
        shipment=shipment or ship_form(row.country, part, formdata=None),
        corrections=fixes,
        wrong=set(corrections or {}),
        problems=[*(problems or []), *(problem for form in given for problem in form.problems())],
        headline=desk.headline(row),
        tag_of=desk.tag_of,
        is_open=part.status in due.OPEN,
        is_owed=part.left_count > 0,
        can_refuse=part.status in due.OPEN and not part.trackings,
        can_start=part.status is Status.ACCEPTED and not part.trackings,
        can_ship=part.status in (Status.ACCEPTED, Status.STARTED) and part.left_count > 0,
        metal=fineness_text,
        customs=_customs(row),
        rare=packing.has_rare_letters(row),
        words=words,
        refunds=_refunds(row) if g.workshop.may(Act.MONEY) else [],
        when=_when(row) if g.workshop.may(Act.MONEY) else "",
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


def _corrections(row: SellerPart) -> dict[int, TrackingForm]:
    """By parcel, as long as its number may be corrected."""
    if row.part.status not in (Status.ACCEPTED, Status.STARTED, Status.SHIPPED):
        return {}
    return {parcel.id: tracking_form(row.country, parcel, formdata=None) for parcel in row.part.trackings}


def _customs(row: SellerPart) -> dict[str, object] | None:
    """What the form for a parcel abroad asks for."""
    if row.country == "ID":
        return None
    contents = packing.contents_of(row)
    return packing.customs_facts(row, contents, customs_codes([line.listing_id for line, _count in contents]))

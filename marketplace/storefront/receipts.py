"""The receipt of a paid order, by the order's own link: as a page, and as a PDF in the order's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from babel.numbers import get_currency_name
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.core import papers, pdf
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import NotFound
from marketplace.core.i18n import day, language, moment, money, ngettext, number, speaking
from marketplace.core.i18n import gettext as _
from marketplace.core.markets import MARKETS, WORLD, current_market
from marketplace.core.web import MarketBlueprint
from marketplace.orders.queries import OrderPage, PartView
from marketplace.orders.words import piece_facts
from marketplace.payments.queries import Receipt, RefundView, receipt_of

from .refunds import OPEN, money_back

bp = MarketBlueprint("receipts", __name__)
Answer = str | Response


@bp.get("/orders/<token>/receipt")
@audience(Audience.VISITOR)
def show(token: str) -> Answer:
    receipt = _receipt(token)
    elsewhere = _elsewhere(receipt.order)
    if elsewhere is not None:
        return elsewhere
    return render_template("orders/receipt.html", order=receipt.order, facts=facts_of(receipt))


@bp.get("/orders/<token>/receipt.pdf")
@audience(Audience.VISITOR)
def document(token: str) -> Answer:
    receipt = _receipt(token)
    elsewhere = _elsewhere(receipt.order)
    if elsewhere is not None:
        return elsewhere
    with speaking(receipt.order.language):
        facts = facts_of(_receipt(token))  # once more: titles and words are read in the language of the moment
    response = Response(pdf.render("receipt", facts), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{receipt.order.public_no}.pdf"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _receipt(token: str) -> Receipt:
    receipt = receipt_of(token)
    if receipt is None:
        raise NotFound("Order", token)
    return receipt


def _elsewhere(order: OrderPage) -> Response | None:
    """No address of the rupiah market shows other money; an unpaid order says on its page why there is no receipt."""
    if not order.is_paid:
        return redirect(url_for("orders.show", token=order.token, receipt="none"), 303)
    if order.currency != "IDR" and current_market().currency == "IDR":
        home = MARKETS.get(order.market, WORLD).prefix
        return redirect(url_for(request.endpoint or ".show", token=order.token, market=home), 303)
    return None


def facts_of(receipt: Receipt) -> dict[str, Any]:
    """All that page and PDF say, as texts of the language of the moment."""
    order = receipt.order
    return {
        **papers.paper(_("Receipt"), _("Order %(number)s", number=order.public_no), _foot(order)),
        "seller": {"title": _("Issued by"), "lines": papers.collective()},
        "buyer": {"title": _("Issued to"), "lines": [*order.address_lines, order.email]},
        "facts": _dates(receipt),
        "heads": [_("Piece"), _("Quantity"), _("Price each"), _("Total")],
        "parcels": [_parcel(order, part, count) for count, part in enumerate(order.parts, 1)],
        "sums": [(_("Pieces"), money(order.items)), (_postage(order.parts), money(order.shipping))],
        "total": (_("Paid"), money(order.total)),
        **_refunds(receipt),
    }


def _refunds(receipt: Receipt) -> dict[str, Any]:
    """What has left us is subtracted; what is still on its way is only told."""
    order, back = receipt.order, money_back(receipt.order, receipt.refunds)
    done = [refund for refund in back.counted if refund.done_at is not None and refund.status not in OPEN]
    return {
        "refunds": [(_refund_label(order, refund), f"−{money(refund.total)}") for refund in done],
        "remains": (_("Paid after refunds"), money(order.total - back.done)),
        "pending": [
            _("%(sum)s more is on its way back, asked for on %(day)s.", sum=money(one.total), day=day(one.requested_at))
            for one in back.counted
            if one.status in OPEN
        ],
    }


def _refund_label(order: OrderPage, refund: RefundView) -> str:
    shop = next((part.workshop_name for part in order.parts if part.id == refund.seller_order_id), "")
    facts = [_("Refunded on %(day)s", day=day(refund.done_at or refund.requested_at))]
    if shop and len(order.parts) > 1:
        facts.append(shop)
    return ", ".join(facts)


def _foot(order: OrderPage) -> list[str]:
    """What the terms say of who sells; nothing about tax that nobody can prove."""
    sentences = [
        ngettext(
            "You bought from the workshop named here. The collective takes the payment in its name.",
            "You bought from the %(num)s workshops named here. The collective takes the payment in their name.",
            len(order.parts),
        )
    ]
    if order.country != "ID":
        sentences.append(_("Import duty and tax of the country of delivery are not part of these sums."))
    return [*sentences, _("This is a receipt, not a tax invoice. Dates and times are those of Bali.")]


def _dates(receipt: Receipt) -> list[tuple[str, str]]:
    order = receipt.order
    currency = get_currency_name(order.currency, locale=language())
    rows = [
        (_("Ordered on"), moment(order.placed_at)),
        (_("Paid on"), moment(order.paid_at) if order.paid_at else ""),
        (_("Paid with"), receipt.paid_with),
        (_("Currency"), f"{currency} ({order.currency})"),
    ]
    return [row for row in rows if row[1]]


def _parcel(order: OrderPage, part: PartView, count: int) -> dict[str, Any]:
    """The only parcel of an order has no sums of its own: they are those of the order."""
    is_only = len(order.parts) == 1
    postage = (_postage([part]), money(part.shipping))
    return {
        "title": _parcel_title(order, part, count),
        "lines": [
            {
                "title": line.title,
                "details": piece_facts(line),
                "quantity": number(line.quantity),
                "unit": money(line.unit),
                "sum": money(line.sum),
            }
            for line in part.lines
        ],
        "sums": [] if is_only else [(_("Pieces"), money(part.items)), postage],
        "total": None if is_only else (_("This parcel"), money(part.total)),
    }


def _postage(parts: Sequence[PartView]) -> str:
    return _("Postage, %(service)s", service=parts[0].service_name) if len(parts) == 1 else _("Shipping")


def _parcel_title(order: OrderPage, part: PartView, count: int) -> str:
    if len(order.parts) == 1:
        return part.workshop_name
    place = _("Parcel %(number)s of %(count)s", number=count, count=len(order.parts))
    return f"{place}: {part.workshop_name}"

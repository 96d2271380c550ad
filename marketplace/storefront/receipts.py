"""The receipt of a paid order, by the order's own link: as a page, and as a PDF in the order's language."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_name
from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from marketplace.core import papers, pdf
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import NotFound
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language, moment, money, number, speaking
from marketplace.core.markets import MARKETS, WORLD, current_market
from marketplace.core.web import MarketBlueprint
from marketplace.orders.queries import OrderPage, PartView
from marketplace.orders.words import piece_facts
from marketplace.payments.queries import Receipt, receipt_of

bp = MarketBlueprint("receipts", __name__)
Answer = str | Response


@bp.get("/orders/<token>/receipt")
@audience(Audience.VISITOR)
def show(token: str) -> Answer:
    receipt = _receipt(token)
    if not receipt.order.is_paid:
        return _not_yet(token)
    if receipt.order.currency != "IDR" and current_market().currency == "IDR":
        return redirect(url_for(".show", token=token, market=_home(receipt.order)), 303)
    return render_template("orders/receipt.html", order=receipt.order, facts=facts_of(receipt))


@bp.get("/orders/<token>/receipt.pdf")
@audience(Audience.VISITOR)
def document(token: str) -> Answer:
    receipt = _receipt(token)
    if not receipt.order.is_paid:
        return _not_yet(token)
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


def _not_yet(token: str) -> Response:
    """The order's page says why there is none."""
    return redirect(url_for("orders.show", token=token, receipt="none"), 303)


def _home(order: OrderPage) -> str:
    return MARKETS.get(order.market, WORLD).prefix


def facts_of(receipt: Receipt) -> dict[str, Any]:
    """All that page and PDF say, as texts of the language of the moment."""
    order = receipt.order
    return {
        **papers.paper(_("Receipt"), _("Order %(number)s", number=order.public_no), _foot(order)),
        "seller": {"title": _("From"), "lines": papers.collective()},
        "buyer": {"title": _("To"), "lines": [*order.address_lines, order.email]},
        "facts": _dates(receipt),
        "heads": [_("Piece"), _("Quantity"), _("Price each"), _("Sum")],
        "parcels": [_parcel(order, part, count) for count, part in enumerate(order.parts, 1)],
        "sums": [(_("Pieces"), money(order.items)), (_("Shipping"), money(order.shipping))],
        "total": (_("Paid"), money(order.total)),
        "refunds": [],
        "remains": ("", ""),
        "pending": [],
    }


def _foot(order: OrderPage) -> list[str]:
    """What the terms say of who sells; nothing about tax that nobody can prove."""
    sentences = [_("You bought from the workshops named here. The collective takes the payment in their name.")]
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
        "sums": [
            (_("Pieces"), money(part.items)),
            (_("Postage, %(service)s", service=part.service_name), money(part.shipping)),
        ],
        "total": (_("This parcel"), money(part.total)),
    }


def _parcel_title(order: OrderPage, part: PartView, count: int) -> str:
    if len(order.parts) == 1:
        return part.workshop_name
    place = _("Parcel %(number)s of %(count)s", number=count, count=len(order.parts))
    return f"{place}: {part.workshop_name}"

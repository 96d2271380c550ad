"""Mails about money that did not come, and money that goes back; the receipt belongs to the order."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.i18n import moment, money, pick, speaking
from marketplace.core.markets import MARKETS, WORLD
from marketplace.core.money import Money
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.workshops.models import Workshop

from .models import Refund, RefundChannel, RefundLine
from .reasons import refund_reason


def failed(order: Order, attempt_id: int) -> None:
    """The bank said no after it had asked for time: nothing was charged, the order can be paid again."""
    with speaking(order.language):
        context = {
            "number": order.public_no,
            "total": money(order.total),
            "held_until": moment(order.hold_until),
            "link": links.absolute("payments.show", _prefix(order), token=order.token),
        }
    key = f"payment_failed:{attempt_id}"
    queue_mail("payment_failed", to=order.email, language=order.language, key=key, context=context)


def refund_sent(order: Order, part: SellerOrder | None, refund: Refund) -> None:
    """To the buyer, once: the money is on its way, why, and how long their bank takes."""
    with speaking(order.language):
        context = {**_facts(order, part, refund), "by_transfer": refund.channel is RefundChannel.MANUAL}
        _to_buyer("refund_sent", order, refund, context)


def refund_needs_account(order: Order, refund: Refund) -> None:
    """To the buyer: the way that they paid leads only one way, so we need an account for our bank transfer."""
    with speaking(order.language):
        _to_buyer("refund_account", order, refund, _facts(order, None, refund))


def refund_failed(order: Order, refund: Refund) -> None:
    """To the buyer, who was told that it was sent: it came back, and a person looks at it."""
    with speaking(order.language):
        _to_buyer("refund_failed", order, refund, _facts(order, None, refund))


def refund_by_shop(order: Order, part: SellerOrder, refund: Refund) -> None:
    """To the workshop: the collective gives money of its parcel back, why, and what it gets less."""
    workshop = db.session.get_one(Workshop, part.workshop_id)
    if not workshop.email:
        return
    with speaking(workshop.language):
        context = {
            **_facts(order, part, refund),
            "greeting": f"{workshop.form_of_address} {workshop.contact_name}".strip() or workshop.name,
            "less": money(Money(refund.payable_idr, "IDR")),
            "link": links.absolute("seller_orders.show", seller_order_id=part.id),
        }
    key = f"refund_workshop:{refund.id}"
    queue_mail("refund_workshop", to=workshop.email, language=workshop.language, key=key, context=context)


def _facts(order: Order, part: SellerOrder | None, refund: Refund) -> dict[str, Any]:
    return {
        "number": order.public_no,
        "sum": money(refund.total),
        "reason": refund_reason(refund.reason_code),
        "words": refund.reason,
        "workshop": db.session.get_one(Workshop, part.workshop_id).name if part is not None else "",
        "lines": _lines(refund),
        "shipping": money(Money(refund.shipping_amount, refund.currency)) if refund.shipping_amount else "",
        "link": links.absolute("orders.show", _prefix(order), token=order.token),
    }


def _lines(refund: Refund) -> list[dict[str, Any]]:
    query = sa.select(RefundLine, Line).join(Line, Line.id == RefundLine.line_id)
    rows = db.session.execute(query.where(RefundLine.refund_id == refund.id).order_by(RefundLine.id))
    return [
        {
            "title": pick(line.title_en, line.title_id),
            "details": line.size,
            "quantity": share.quantity,
            "price": money(Money(share.amount, line.currency)),
        }
        for share, line in rows
    ]


def _to_buyer(template: str, order: Order, refund: Refund, context: dict[str, Any]) -> None:
    queue_mail(template, to=order.email, language=order.language, key=f"{template}:{refund.id}", context=context)


def _prefix(order: Order) -> str:
    return MARKETS.get(order.market, WORLD).prefix

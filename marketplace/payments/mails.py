"""The one mail that is about paying itself; the receipt belongs to the order."""

from __future__ import annotations

from marketplace.core.i18n import moment, money, speaking
from marketplace.core.markets import MARKETS, WORLD
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail
from marketplace.orders.models import Order


def failed(order: Order, attempt_id: int) -> None:
    """The bank said no after it had asked for time: nothing was charged, the order can be paid again."""
    prefix = MARKETS.get(order.market, WORLD).prefix
    with speaking(order.language):
        context = {
            "number": order.public_no,
            "total": money(order.total),
            "held_until": moment(order.hold_until),
            "link": links.absolute("payments.show", prefix, token=order.token),
        }
    key = f"payment_failed:{attempt_id}"
    queue_mail("payment_failed", to=order.email, language=order.language, key=key, context=context)

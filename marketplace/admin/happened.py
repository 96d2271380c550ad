"""What happened to an order, oldest first, as a string of grains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from marketplace.core.i18n import day, moment, money
from marketplace.core.i18n import gettext as _
from marketplace.orders.models import SellerOrderStatus as Part
from marketplace.orders.queries import OrderPage, PartView
from marketplace.orders.words import Step
from marketplace.payments.models import RefundStatus
from marketplace.payments.queries.refunds import RefundView

Event = tuple[datetime, str, str, str]  # when, what, 'done' or 'now', where


def happened(order: OrderPage, refunds: Sequence[RefundView]) -> list[Step]:
    """(what, 'done' | 'now', when and where); what still runs stands last."""
    events = [*_of_order(order), *(event for part in order.parts for event in _of_part(order, part))]
    events += [event for refund in refunds for event in _of_refund(refund)]
    events.sort(key=lambda event: (event[2] == "now", event[0]))
    return [(what, state, _when(at, where)) for at, what, state, where in events]


def _when(at: datetime, where: str) -> str:
    return f"{moment(at)}, {where}" if where else moment(at)


def _of_order(order: OrderPage) -> Iterator[Event]:
    yield order.placed_at, _("Placed"), "done", ""
    if order.paid_at:
        yield order.paid_at, _("Paid"), "done", ""
    if order.canceled_at:
        yield order.canceled_at, order.word, "done", ""
    if order.is_waiting:
        yield order.placed_at, _("Waits for the payment until %(moment)s", moment=moment(order.hold_until)), "now", ""


def _of_part(order: OrderPage, part: PartView) -> Iterator[Event]:
    if order.is_waiting or (order.canceled_at and not order.paid_at):
        return
    moments, name = part.moments, part.workshop_name
    words = ((Part.ACCEPTED, _("Accepted")), (Part.SHIPPED, _("Posted")), (Part.DELIVERED, _("Delivered")))
    for status, word in words:
        at = moments.get(status)
        if at:
            yield at, word, "done", name
    canceled = moments.get(Part.CANCELED)
    if canceled:
        yield canceled, _("Parcel canceled"), "done", name
    elif part.is_late:
        yield order.paid_at or order.placed_at, _("Was due %(day)s", day=day(part.ship_by_on, year=False)), "now", name


def _of_refund(refund: RefundView) -> Iterator[Event]:
    text = _("Refund of %(sum)s", sum=money(refund.total))
    if refund.status is RefundStatus.SUCCEEDED and refund.done_at:
        yield refund.done_at, text, "done", refund.word
    elif refund.status is RefundStatus.FAILED:
        yield refund.done_at or refund.requested_at, text, "done", refund.word
    else:
        yield refund.requested_at, text, "now", refund.word

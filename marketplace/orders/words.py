"""What people read instead of states: a word, its kind for the tag, and the string of grains. Words: DESIGN.md 8."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from marketplace.catalog.attributes import fineness_text
from marketplace.catalog.sizes import long_label
from marketplace.core.i18n import day, moment
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l

from .models import CancelReason, OrderStatus
from .models import SellerOrderStatus as Part

ORDER_WORDS = {
    OrderStatus.AWAITING_PAYMENT: (_l("Waiting for payment"), "warn"),
    OrderStatus.PAID: (_l("Paid"), "ok"),
    OrderStatus.CLOSED: (_l("Delivered"), "ok"),
    OrderStatus.CANCELED: (_l("Canceled"), "bad"),
}
PART_WORDS = {
    Part.PENDING: (_l("Waiting for payment"), "warn"),
    Part.PAID: (_l("Paid"), "acc"),
    Part.ACCEPTED: (_l("Accepted"), "acc"),
    Part.STARTED: (_l("On the bench"), "acc"),
    Part.SHIPPED: (_l("Posted"), "ok"),
    Part.DELIVERED: (_l("Delivered"), "ok"),
    Part.EARNED: (_l("Delivered"), "ok"),
    Part.CANCELED: (_l("Canceled"), "bad"),
}
CANCEL_WORDS = {
    CancelReason.EXPIRED: _l("Time is up"),
    CancelReason.DECLINED: _l("Canceled"),
    CancelReason.BUYER: _l("Canceled by you"),
    CancelReason.ADMIN: _l("Canceled by the collective"),
}
RANK = {Part.PENDING: 0, Part.PAID: 1, Part.ACCEPTED: 2, Part.STARTED: 3, Part.SHIPPED: 4, Part.DELIVERED: 5}
Step = tuple[str, str, str | None]


class Bought(Protocol):
    """A line, as a row or as a view."""

    @property
    def size(self) -> str: ...
    @property
    def material(self) -> str: ...
    @property
    def fineness(self) -> int | None: ...
    @property
    def plating(self) -> str: ...
    @property
    def engraving(self) -> str: ...


def piece_facts(line: Bought) -> str:
    """What a receipt says below the title: size, metal with its fineness, engraving."""
    facts = [
        long_label(line.size) if line.size else "",
        fineness_text(line.material, line.fineness, line.plating),
        _("Engraving: %(text)s", text=line.engraving) if line.engraving else "",
    ]
    return " · ".join(fact for fact in facts if fact)


def order_word(status: OrderStatus) -> tuple[str, str]:
    text, kind = ORDER_WORDS[status]
    return str(text), kind


def part_word(status: Part, *, is_partly_sent: bool = False) -> tuple[str, str]:
    if is_partly_sent:
        return _("Part posted"), "acc"
    text, kind = PART_WORDS[status]
    return str(text), kind


def steps(status: Part, moments: dict[Part, datetime | None], *, made_to_order: bool, carrier: str) -> list[Step]:
    """(word, 'done' | 'now' | 'next', when) for the track of a paid parcel; the bench only where work is done there.

    `moments` says when each state was reached; `carrier` is the name of who takes the parcel.
    """
    reached = RANK.get(status, 5)
    row: list[tuple[Part, str]] = [(Part.PAID, _("Paid")), (Part.ACCEPTED, _("Accepted by the workshop"))]
    if made_to_order or moments.get(Part.STARTED):
        row.append((Part.STARTED, _("On the bench")))
    row += [(Part.SHIPPED, _("Handed to %(carrier)s", carrier=carrier)), (Part.DELIVERED, _("Delivered"))]
    done = [step for step, _text in row if RANK[step] <= reached]
    last = done[-1] if done else None
    return [(text, _state(step, last, reached), _when(step, moments.get(step))) for step, text in row]


def _state(step: Part, last: Part | None, reached: int) -> str:
    if step is last and reached < RANK[Part.DELIVERED]:
        return "now"
    return "done" if RANK[step] <= reached else "next"


def _when(step: Part, at: datetime | None) -> str | None:
    if at is None:
        return None
    return moment(at) if step is Part.PAID else day(at)

"""What was booked for a workshop, in words: what happened, to which order, and where more of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.money import Money
from marketplace.ledger.models import Kind
from marketplace.ledger.queries import Movement

WORDS: Mapping[Kind, Lazy] = {
    Kind.EARN: _l("Sale"),
    Kind.REFUND: _l("Refund to the buyer"),
    Kind.REFUND_ASSIGNED: _l("Refund to the buyer"),
    Kind.REFUND_FAILED: _l("Refund did not reach the buyer"),
    Kind.DISPUTE_WON: _l("Bank dispute won"),
    Kind.DISPUTE_LOST: _l("Bank dispute lost"),
    Kind.PAYOUT: _l("Paid out"),
    Kind.PAYOUT_RETURNED: _l("Payout came back"),
    Kind.CORRECTION: _l("Correction by the collective"),
}
TOLD = (Kind.REFUND, Kind.CORRECTION)  # whose memo is a reason that a person wrote


@dataclass(frozen=True, slots=True)
class Booked:
    """`number` is the order's, `href` its page or the payout's, `reason` what a person wrote."""

    at: datetime
    word: str
    number: str
    reason: str
    href: str
    amount: Money
    balance: Money


def word_of(kind: Kind, key: str) -> str:
    """What happened. A sale that is booked after its refund came back says so."""
    if kind is Kind.EARN and ":refund:" in key:
        kind = Kind.REFUND_FAILED
    return str(WORDS.get(kind, WORDS[Kind.CORRECTION]))


def booked(movements: Iterable[Movement], numbers: Mapping[int, str]) -> list[Booked]:
    """These lines; `numbers` are those of their orders, by seller order."""
    return [
        Booked(
            at=row.at,
            word=word_of(row.kind, row.key),
            number=numbers.get(row.seller_order_id or 0, ""),
            reason=row.memo if row.kind in TOLD else "",
            href=_href(row),
            amount=row.amount,
            balance=row.balance,
        )
        for row in movements
    ]


def _href(row: Movement) -> str:
    if row.seller_order_id:
        return url_for("seller_orders.show", seller_order_id=row.seller_order_id)
    if row.kind in (Kind.PAYOUT, Kind.PAYOUT_RETURNED):
        return url_for("seller_payouts.show", payout_id=int(row.key.partition(":")[2]))
    return ""

"""Refunds at Midtrans: only some ways to pay can go back the way they came, and not for ever (payments.md 12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from marketplace.core.money import Money

from .. import NeedsTransfer, ProcessorDown, RefundFacts, RefundSaid, RefundState, Refused
from .calls import Answer, rupiah
from .pages import JAKARTA, method_of, text_of

PREFIX = "pc-"  # of a refund_key that is ours
SAFETY = timedelta(hours=12)  # a refund that is asked for now may be sent a little later
NO_LIMIT = timedelta(days=3650)
# Days after payment in which a way can be refunded at all; one that is not here goes by bank transfer.
WINDOWS = {
    "credit_card": NO_LIMIT,
    "gopay": timedelta(days=45),
    "shopeepay": timedelta(days=365),
    "qris:gopay": timedelta(days=45),
    "qris:airpay shopee": timedelta(days=365),
    "qris:shopeepay": timedelta(days=365),
    "akulaku": NO_LIMIT,
    "kredivo": timedelta(days=14),
}
SHOPEE = ("shopeepay", "qris:airpay shopee", "qris:shopeepay")
SHOPEE_CLOSES, SHOPEE_OPENS = time(23, 50), time(6, 5)  # Jakarta's time, a little inside theirs


def can_refund(method: str, paid_at: datetime | None, at: datetime) -> bool:
    window = WINDOWS.get(method)
    return window is not None and (paid_at is None or at < paid_at + window - SAFETY)


def is_closed(method: str, at: datetime) -> bool:
    """ShopeePay takes no refunds at night."""
    clock_time = at.astimezone(JAKARTA).time()
    return method in SHOPEE and (clock_time >= SHOPEE_CLOSES or clock_time < SHOPEE_OPENS)


def key_at_midtrans(refund: RefundFacts) -> str:
    return PREFIX + refund.key


def body_of(refund: RefundFacts, number: str) -> dict[str, Any]:
    return {"refund_key": key_at_midtrans(refund), "amount": refund.amount.amount, "reason": f"Order {number}"}


def external_id_of(order_id: str, refund_key: str) -> str:
    """A refund has no name of its own that can be asked for: its transaction's and its key."""
    return f"{order_id}/{refund_key}"


def find(status: Answer, refund_key: str) -> RefundState | None:
    """The refund with this key among those that a transaction's status lists."""
    for entry in _entries(status.body):
        if entry.get("refund_key") == refund_key:
            return _state(status.body, entry)
    return None


def refunded(status: Answer) -> Money:
    """What has gone back in all."""
    total = Money(0, "IDR")
    for entry in _entries(status.body):
        total += rupiah(entry.get("refund_amount"))
    return total


def _entries(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = body.get("refunds", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ProcessorDown("refunds that cannot be read")
    return entries


def _state(body: Mapping[str, Any], entry: Mapping[str, Any]) -> RefundState:
    """Midtrans lists a refund when it has been sent; one that the bank refused is not in the list."""
    key = text_of(entry, "refund_key")
    return RefundState(
        status=RefundSaid.SUCCEEDED,
        external_id=external_id_of(text_of(body, "order_id"), key),
        refund_key=key.removeprefix(PREFIX) if key.startswith(PREFIX) else "",
        charge_id=text_of(body, "transaction_id"),
        amount=rupiah(entry.get("refund_amount")),
        reason=str(entry.get("reason", "")),
    )


def newest_key(body: Mapping[str, Any]) -> str:
    """The refund that a message is about: the last of its list; '' when there is none to be read."""
    entries = body.get("refunds")
    last = entries[-1] if isinstance(entries, list) and entries else None
    key = last.get("refund_key") if isinstance(last, dict) else body.get("refund_key")
    return key if isinstance(key, str) else ""


def refund(
    facts: RefundFacts, now: datetime, status: Callable[[], Answer], send: Callable[[Mapping[str, Any]], Answer]
) -> RefundState:
    """Ask first, then send, then ask again: the list of refunds is the truth, a repeated answer is not.

    Raises:
        ProcessorDown, Refused, NeedsTransfer.
    """
    before = status()
    found = find(before, key_at_midtrans(facts))
    if found is not None:
        return found
    _check(facts, before, now)
    answer = send(facts.request)
    if answer.code not in (200, 201):
        _refuse(facts, before, answer)
    found = find(status(), key_at_midtrans(facts))
    if found is None:
        raise ProcessorDown("the refund was taken, but is not in the list yet")
    return found


def _check(facts: RefundFacts, status: Answer, now: datetime) -> None:
    """What we know before asking."""
    name, method = status.body.get("transaction_status"), method_of(status.body)
    if text_of(status.body, "transaction_id") != facts.charge_id:
        raise Refused(f"this order_id was not paid by {facts.charge_id}")
    if name == "capture":
        raise ProcessorDown("a captured card can be refunded when it has settled, the next day")
    if method not in WINDOWS:
        raise NeedsTransfer(f"Midtrans does not refund {method}")
    if rupiah(status.body.get("gross_amount")).amount - refunded(status).amount < facts.amount.amount:
        raise Refused("more than is left of this payment")
    if is_closed(method, now):
        raise ProcessorDown("ShopeePay takes no refunds at night")


def _refuse(facts: RefundFacts, status: Answer, answer: Answer) -> None:
    """Too little on our account there (414) or a mistake of ours can be mended; a way that is closed stays closed."""
    if answer.code == 412:
        raise NeedsTransfer(f"Midtrans does not refund this {method_of(status.body)}: {answer.says}")
    raise Refused(f"{answer.code} {answer.says}")

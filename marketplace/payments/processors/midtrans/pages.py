"""Midtrans' hosted page (Snap): what we send, and what a transaction's status means (payments.md 12)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from marketplace.core import clock

from .. import AttemptFacts, Bill, PageStatus, PaymentState, ProcessorDown
from ..items import items_of
from .calls import CURRENCY, Answer, rupiah

JAKARTA = timezone(timedelta(hours=7))  # Midtrans' clock
NAME_LENGTH = 50
SHORTEST_PAGE = 5  # minutes
WAYS = {
    "qris": ["gopay", "shopeepay", "other_qris"],  # the wallets' QR codes are QRIS for everybody else
    "va": ["bca_va", "bni_va", "bri_va", "echannel", "permata_va", "cimb_va", "other_va"],
    "card": ["credit_card"],
}
STATUSES = {
    "pending": PageStatus.PROCESSING,
    "authorize": PageStatus.PROCESSING,
    "settlement": PageStatus.PAID,
    "deny": PageStatus.FAILED,
    "cancel": PageStatus.FAILED,
    "failure": PageStatus.FAILED,
    "expire": PageStatus.EXPIRED,
    # Money that came in and went back later: it was paid all the same; refunds and disputes have books of their own.
    "refund": PageStatus.PAID,
    "partial_refund": PageStatus.PAID,
    "chargeback": PageStatus.PAID,
    "partial_chargeback": PageStatus.PAID,
}
DOUBTED = ("chargeback", "partial_chargeback")


def order_id_of(number: str, key: str) -> str:
    """Their name for an attempt, with our key in it: a message leads to our row even when that has no page yet."""
    return f"{number}-{key}"


def key_of(order_id: str) -> str:
    return order_id.rpartition("-")[2]


def request_of(bill: Bill) -> dict[str, Any]:
    """What is sent: whole rupiah, lines that add up, the ways that were chosen, and until when."""
    if bill.total.currency != CURRENCY:
        raise ValueError(f"Midtrans takes rupiah, not {bill.total.currency}")
    minutes = max(math.ceil((bill.expires_at - clock.now()).total_seconds() / 60), SHORTEST_PAGE)
    began = (bill.expires_at - timedelta(minutes=minutes)).astimezone(JAKARTA)
    request: dict[str, Any] = {
        "transaction_details": {"order_id": order_id_of(bill.number, bill.key), "gross_amount": bill.total.amount},
        "item_details": [
            {"id": str(place), "price": item.unit.amount, "quantity": item.quantity, "name": item.name[:NAME_LENGTH]}
            for place, item in enumerate(items_of(bill), start=1)
        ],
        "customer_details": {"email": bill.email},
        "credit_card": {"secure": True},
        "expiry": {"start_time": began.strftime("%Y-%m-%d %H:%M:%S %z"), "unit": "minute", "duration": minutes},
        "page_expiry": {"duration": minutes, "unit": "minute"},
        "callbacks": {"finish": bill.return_url},
    }
    if bill.method:
        request["enabled_payments"] = WAYS[bill.method]
    return {"expires_at": int(bill.expires_at.timestamp()), "body": request}


def untouched(attempt: AttemptFacts, order_id: str) -> PaymentState:
    """Nobody has chosen how to pay: Midtrans knows of no transaction yet, and says 404."""
    over = attempt.expires_at <= clock.now()
    status = PageStatus.EXPIRED if over else PageStatus.OPEN
    return PaymentState(status=status, external_id=order_id, key=key_of(order_id), amount=attempt.total)


def state_of(answer: Answer) -> PaymentState:
    """The truth about a transaction. Raises ProcessorDown for an answer without what it must have."""
    body = answer.body
    order_id, name = text_of(body, "order_id"), text_of(body, "transaction_status")
    status = _status(body, name)
    if body.get("currency", CURRENCY) != CURRENCY:
        raise ProcessorDown(f"a transaction in {body['currency']!r}")
    return PaymentState(
        status=status,
        external_id=order_id,
        key=key_of(order_id),
        amount=rupiah(body.get("gross_amount")),
        charge_id=text_of(body, "transaction_id") if status is PageStatus.PAID else None,
        method=method_of(body),
        problem=f"Midtrans reports a {name.replace('_', ' ')}" if name in DOUBTED else "",
    )


def _status(body: Mapping[str, Any], name: str) -> PageStatus:
    """A captured card is paid unless somebody has yet to look at it: `challenge` waits for a person at Midtrans."""
    if name == "capture":
        fraud = body.get("fraud_status", "accept")
        if fraud not in ("accept", "challenge"):
            raise ProcessorDown(f"a capture with fraud_status {fraud!r}")
        return PageStatus.PAID if fraud == "accept" else PageStatus.PROCESSING
    if name not in STATUSES:
        raise ProcessorDown(f"a transaction in state {name!r}")
    return STATUSES[name]


def method_of(body: Mapping[str, Any]) -> str:
    """How it is paid: 'bank_transfer', 'credit_card', 'qris:gopay' (the acquirer sets how long it can be refunded)."""
    kind, acquirer = str(body.get("payment_type", "")), body.get("acquirer")
    return (f"{kind}:{acquirer}" if kind == "qris" and isinstance(acquirer, str) else kind)[:40]


def text_of(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value or len(value) > 120:
        raise ProcessorDown(f"an answer without {name}")
    return value


def moment_of(text: object) -> datetime | None:
    """Midtrans' '2026-11-24 19:05:11', which is Jakarta's time."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=JAKARTA)
    except ValueError:
        return None

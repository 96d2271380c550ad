"""How Midtrans' stand-in writes transactions and refunds down."""

from __future__ import annotations

import json
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

JAKARTA = timezone(timedelta(hours=7))
SHOWN = {
    "qris": {"acquirer": "gopay", "issuer": "bca"},
    "credit_card": {"bank": "bca"},
    "bank_transfer": {"va_numbers": [{"bank": "bca", "va_number": "81240001"}]},
}


def transaction_of(request: dict[str, Any], kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """What begins when a buyer has chosen how to pay a page."""
    details = request["transaction_details"]
    return {
        "transaction_id": str(uuid.uuid4()),
        "order_id": details["order_id"],
        "merchant_id": "G000000001",
        "gross_amount": f"{details['gross_amount']}.00",
        "currency": "IDR",
        "payment_type": kind,
        "transaction_time": stamp(),
        "transaction_status": "",
        "fraud_status": "accept",
        **SHOWN.get(kind, {}),
        **facts,
    }


def refund_of(number: int, key: str, amount: int, reason: str) -> dict[str, Any]:
    return {
        "refund_chargeback_id": number,
        "refund_amount": f"{amount}.00",
        "created_at": stamp(),
        "reason": reason,
        "refund_key": key,
        "refund_method": "online",
        "bank_confirmed_at": stamp(),
    }


def kind_of(ways: list[str] | None) -> str:
    """The first way that the page offers."""
    first = (ways or ["credit_card"])[0]
    return {"credit_card": "credit_card", "gopay": "qris", "echannel": "echannel"}.get(first, "bank_transfer")


def found(transaction: dict[str, Any]) -> dict[str, Any]:
    return {**json.loads(json.dumps(transaction)), "status_message": "Success, transaction is found"}


def left_of(transaction: dict[str, Any]) -> int:
    gone = sum(int(float(entry["refund_amount"])) for entry in transaction.get("refunds", []))
    return int(float(transaction["gross_amount"])) - gone


def refund_reply(transaction: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    named = {name: entry[name] for name in ("refund_chargeback_id", "refund_amount", "refund_key")}
    return {**found(transaction), **named, "status_message": "Success, refund request is approved"}


def stamp() -> str:
    return datetime.fromtimestamp(time.time(), JAKARTA).strftime("%Y-%m-%d %H:%M:%S")

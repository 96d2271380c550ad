"""What Midtrans takes: the documented form of its requests, read strictly (docs.midtrans.com, payments.md 12)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

BANKS = ("bca", "bni", "bri", "permata", "cimb", "danamon", "bsi", "seabank", "other")
OTHERS = ("credit_card", "echannel", "gopay", "shopeepay", "other_qris", "dana", "kredivo", "akulaku", "indomaret")
WAYS = {*OTHERS, *(f"{bank}_va" for bank in BANKS)}
UNITS = ("second", "minute", "hour", "day", "minutes", "hours", "days")
DETAILS = ("transaction_details", "item_details", "customer_details", "credit_card")
KNOWN = {*DETAILS, "enabled_payments", "expiry", "page_expiry", "callbacks"}
_NAME = re.compile(r"[A-Za-z0-9\-_.~]{1,50}")
_KEY = re.compile(r"[A-Za-z0-9\-_]{1,60}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0700")


def page_findings(body: Any) -> list[str]:
    """What is wrong with a request for a hosted page; nothing: it is as documented."""
    if not isinstance(body, dict):
        return ["no object"]
    found = [f"unknown {name}" for name in body if name not in KNOWN]
    found += _transaction(body.get("transaction_details"), body.get("item_details"))
    email = body.get("customer_details", {}).get("email")
    if not isinstance(email, str) or "@" not in email:
        found.append("customer_details.email")
    if body.get("credit_card") != {"secure": True}:
        found.append("cards without 3-D Secure")
    ways = body.get("enabled_payments")
    if ways is not None and (not ways or len(set(ways)) != len(ways) or not set(ways) <= WAYS):
        found.append(f"enabled_payments {ways!r}")
    return [*found, *_times(body), *_callbacks(body)]


def _transaction(details: Any, items: Any) -> list[str]:
    if not isinstance(details, dict) or set(details) != {"order_id", "gross_amount"}:
        return ["transaction_details"]
    found = []
    if not isinstance(details["order_id"], str) or not _NAME.fullmatch(details["order_id"]):
        found.append(f"order_id {details['order_id']!r}")
    if type(details["gross_amount"]) is not int or details["gross_amount"] < 1:
        found.append(f"gross_amount {details['gross_amount']!r}")
    if not isinstance(items, list) or not items:
        return [*found, "item_details"]
    found += [f"item {item!r}" for item in items if not _is_item(item)]
    if not found and sum(item["price"] * item["quantity"] for item in items) != details["gross_amount"]:
        found.append("gross_amount is not equal to the sum of item_details")
    return found


def _is_item(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and set(item) == {"id", "price", "quantity", "name"}
        and type(item["price"]) is int
        and type(item["quantity"]) is int
        and item["quantity"] > 0
        and isinstance(item["id"], str)
        and isinstance(item["name"], str)
        and 0 < len(item["name"]) <= 50
    )


def _times(body: dict[str, Any]) -> list[str]:
    expiry, page = body.get("expiry"), body.get("page_expiry")
    found = []
    if not _is_duration(expiry) or not _MOMENT.fullmatch(str(expiry.get("start_time"))):
        found.append(f"expiry {expiry!r}")
    if not _is_duration(page) or not 5 <= page["duration"] <= 7 * 24 * 60 or page["unit"] != "minute":
        found.append(f"page_expiry {page!r}")
    return found


def _is_duration(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and type(value.get("duration")) is int
        and value["duration"] > 0
        and value.get("unit") in UNITS
    )


def _callbacks(body: dict[str, Any]) -> list[str]:
    finish = body.get("callbacks", {}).get("finish")
    return [] if isinstance(finish, str) and urlsplit(finish).scheme in ("http", "https") else ["callbacks.finish"]


def refund_findings(body: Any) -> list[str]:
    """What is wrong with a request for a refund."""
    if not isinstance(body, dict):
        return ["no object"]
    found = [f"unknown {name}" for name in body if name not in ("refund_key", "amount", "reason")]
    if not isinstance(body.get("refund_key"), str) or not _KEY.fullmatch(body["refund_key"]):
        found.append(f"refund_key {body.get('refund_key')!r}")
    if type(body.get("amount")) is not int or body["amount"] < 1:
        found.append(f"amount {body.get('amount')!r}")
    if not isinstance(body.get("reason", ""), str) or len(body.get("reason", "")) > 255:
        found.append("reason")
    return found

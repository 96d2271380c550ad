"""The shapes of Stripe's objects: every field that its types require, and those that we read."""

from __future__ import annotations

from typing import Any

FEE_BASIS_POINTS = 290


def session_of(session_id: str, form: dict[str, Any], livemode: bool, now: int, url: str) -> dict[str, Any]:
    items = form["line_items"]
    amount = sum(item["price_data"]["unit_amount"] * item["quantity"] for item in items)
    return {
        "id": session_id,
        "object": "checkout.session",
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": form.get("cancel_url"),
        "client_reference_id": form.get("client_reference_id"),
        "created": now,
        "currency": items[0]["price_data"]["currency"],
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_email": form.get("customer_email"),
        "expires_at": form.get("expires_at", now + 24 * 3600),
        "livemode": livemode,
        "locale": form.get("locale"),
        "metadata": {key: str(value) for key, value in form.get("metadata", {}).items()},
        "mode": form.get("mode", "payment"),
        "payment_intent": None,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": form.get("success_url"),
        "ui_mode": "hosted_page",
        "url": url,
    }


def intent_of(name: str, session: dict[str, Any], livemode: bool, now: int) -> dict[str, Any]:
    return {
        "id": name,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "created": now,
        "currency": session["currency"],
        "latest_charge": None,
        "livemode": livemode,
        "metadata": dict(session["metadata"]),
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }


def charge_of(name: str, intent: dict[str, Any], balance: dict[str, Any], amount: int) -> dict[str, Any]:
    return {
        "id": name,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "balance_transaction": balance["id"],
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": True,
        "created": balance["created"],
        "currency": intent["currency"],
        "disputed": False,
        "livemode": intent["livemode"],
        "metadata": dict(intent["metadata"]),
        "paid": True,
        "payment_intent": intent["id"],
        "refunded": False,
        "status": "succeeded",
    }


def balance_of(name: str, amount: int, currency: str, now: int) -> dict[str, Any]:
    fee = amount * FEE_BASIS_POINTS // 10_000
    return {
        "id": name,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now + 2 * 24 * 3600,
        "balance_type": "payments",
        "created": now,
        "currency": currency,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {"amount": fee, "application": None, "currency": currency, "description": None, "type": "stripe_fee"}
        ],
        "net": amount - fee,
        "reporting_category": "charge",
        "source": None,
        "status": "pending",
        "type": "charge",
    }

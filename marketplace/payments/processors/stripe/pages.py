"""Stripe's hosted page: what we send, and what its answer means."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .. import Bill, PageStatus, PaymentState, Started
from ..items import Item, items_of
from .calls import from_stripe, settled_of, to_stripe

if TYPE_CHECKING:
    import stripe

NAME_LENGTH = 250


def started(session: stripe.checkout.Session) -> Started:
    """A page that is closed already (an old answer played again) has no address."""
    address = session.url or ""
    if not isinstance(session.id, str) or not session.id:
        raise ValueError("a session without a name")
    if address and not address.startswith(("https://", "http://")):
        raise ValueError("a page without an address")
    return Started(address, session.id, datetime.fromtimestamp(session.expires_at, UTC))


def state_of(session: stripe.checkout.Session) -> PaymentState:
    status = _status(session)
    amount, currency = session.amount_total, session.currency
    if amount is None or currency is None:
        raise ValueError("a session without an amount")
    intent: Any = session.payment_intent
    facts: dict[str, Any] = {}
    if status is PageStatus.PAID and intent is not None and not isinstance(intent, str):
        if intent.amount_received != amount or intent.currency != currency:
            amount, currency = intent.amount_received, intent.currency  # what came in decides, and will not fit
        facts = _charge(intent)
    return PaymentState(
        status=status,
        external_id=session.id,
        key=str(getattr(session.metadata, "attempt_key", "")),
        amount=from_stripe(amount, currency),
        **facts,
    )


def _status(session: stripe.checkout.Session) -> PageStatus:
    """`complete` does not mean paid: a delayed method answers days later."""
    if session.status == "open":
        return PageStatus.OPEN
    if session.status == "expired":
        return PageStatus.EXPIRED
    if session.status != "complete":
        raise ValueError(f"a session in state {session.status!r}")
    if session.payment_status in ("paid", "no_payment_required"):
        return PageStatus.PAID
    failed = getattr(session.payment_intent, "status", "") in ("requires_payment_method", "canceled")
    return PageStatus.FAILED if failed else PageStatus.PROCESSING


def _charge(intent: Any) -> dict[str, Any]:
    """Charge, fee and net: the balance transaction is the only right source, and may come later."""
    charge = intent.latest_charge
    if charge is None or isinstance(charge, str):
        return {"charge_id": charge}
    facts: dict[str, Any] = {"charge_id": charge.id}
    balance = charge.balance_transaction
    if balance is not None and not isinstance(balance, str):
        facts.update(settled_of(balance.fee, balance.net, balance.currency))
    return facts


def line_items(bill: Bill) -> list[dict[str, Any]]:
    return [_item(item) for item in items_of(bill)]


def _item(item: Item) -> dict[str, Any]:
    price = {
        "currency": item.unit.currency.lower(),
        "unit_amount": to_stripe(item.unit),
        "product_data": {"name": item.name[:NAME_LENGTH]},
    }
    return {"price_data": price, "quantity": item.quantity}

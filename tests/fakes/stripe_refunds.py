"""The stand-in's refunds: made by the API or in the dashboard, taken on by banks, sent back by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stripe
from stripe.params import RefundCreateParams, RefundListParams, RefundRetrieveParams

from .stripe_http import ApiError
from .stripe_shapes import balance_of
from .stripe_types import reply_findings

if TYPE_CHECKING:
    from .stripe_server import StripeServer

PAGE = 10  # refunds of a list at once, where nothing else is asked for


def route(server: StripeServer, method: str, parts: list[str], form: dict[str, Any]) -> dict[str, Any] | None:
    """The reply to a request of this part, None when it is another's."""
    if parts[:2] != ["v1", "refunds"]:
        return None
    if method == "POST" and len(parts) == 2:
        server._check_request(RefundCreateParams, form)
        return _reply(server, _create(server, form), form)
    if method == "GET" and len(parts) == 2:
        return _list(server, form)
    refund = server.refunds.get(parts[2]) if len(parts) == 3 else None
    if method != "GET" or refund is None:
        raise ApiError(404, "No such refund", code="resource_missing")
    server._check_request(RefundRetrieveParams, form)
    return _reply(server, refund, form)


def refund_in_dashboard(server: StripeServer, charge_id: str, amount: int | None = None) -> str:
    """Somebody gives money back by hand; the refund's name."""
    with server._acting():
        form = {"charge": charge_id} if amount is None else {"charge": charge_id, "amount": amount}
        return str(_create(server, form)["id"])


def refund_arrives(server: StripeServer, refund_id: str) -> None:
    """A pending refund is with the buyer."""
    with server._acting():
        refund = server.refunds[refund_id]
        refund.update(status="succeeded", pending_reason=None)
        server._tell("refund.updated", refund)


def refund_fails(server: StripeServer, refund_id: str, reason: str = "lost_or_stolen_card") -> None:
    """The buyer's bank sends it back, days later perhaps: the money is on our balance again."""
    with server._acting():
        refund = server.refunds[refund_id]
        charge = server.charges[refund["charge"]]
        charge.update(amount_refunded=charge["amount_refunded"] - refund["amount"], refunded=False)
        balance = _movement(server, refund["amount"], refund, "refund_failure")
        refund.update(status="failed", failure_reason=reason, failure_balance_transaction=balance["id"])
        server._tell("refund.updated", refund)
        server._tell("refund.failed", refund)


def _create(server: StripeServer, form: dict[str, Any]) -> dict[str, Any]:
    charge = _charge(server, form)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = form.get("amount", left)
    if amount < 1:
        raise ApiError(400, "Invalid positive integer", code="parameter_invalid_integer")
    if amount > left:
        raise ApiError(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
    refund = _shape(server, charge, amount, form.get("metadata", {}))
    refund["balance_transaction"] = _movement(server, -amount, refund, "refund")["id"]
    server.refunds[refund["id"]] = refund
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    server._tell("refund.created", refund)
    server._tell("charge.refunded", charge)
    return refund


def _charge(server: StripeServer, form: dict[str, Any]) -> dict[str, Any]:
    name = form.get("charge") or server.intents.get(form.get("payment_intent", ""), {}).get("latest_charge")
    charge = server.charges.get(name or "")
    if charge is None:
        raise ApiError(404, f"No such charge: '{name}'", code="resource_missing")
    return charge


def _shape(server: StripeServer, charge: dict[str, Any], amount: int, metadata: dict[str, Any]) -> dict[str, Any]:
    is_pending = server.refunds_wait
    return {
        "id": server._name("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": int(server._clock()),
        "currency": charge["currency"],
        "metadata": {key: str(value) for key, value in metadata.items()},
        "payment_intent": charge["payment_intent"],
        "pending_reason": "processing" if is_pending else None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if is_pending else "succeeded",
        "transfer_reversal": None,
    }


def _movement(server: StripeServer, amount: int, refund: dict[str, Any], kind: str) -> dict[str, Any]:
    """A line of the balance; Stripe keeps its fee of the charge."""
    balance = balance_of(server._name("txn"), amount, refund["currency"], int(server._clock()))
    balance.update(fee=0, fee_details=[], net=amount, source=refund["id"], type=kind, reporting_category=kind)
    server.balance[balance["id"]] = balance
    return balance


def _list(server: StripeServer, form: dict[str, Any]) -> dict[str, Any]:
    """Newest first, in pages, as the API gives lists."""
    server._check_request(RefundListParams, form)
    found = [refund for refund in reversed(server.refunds.values()) if refund["charge"] == form.get("charge")]
    names = [refund["id"] for refund in found]
    if form.get("starting_after"):
        found = found[names.index(form["starting_after"]) + 1 :]
    limit = min(form.get("limit", PAGE), server.page_limit)
    inside = {"expand": [name.removeprefix("data.") for name in form.get("expand", [])]}
    data = [_reply(server, refund, inside) for refund in found[:limit]]
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": "/v1/refunds"}


def _reply(server: StripeServer, refund: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
    shown = dict(refund)
    if "balance_transaction" in form.get("expand", []):
        shown["balance_transaction"] = server.balance[refund["balance_transaction"]]
    server.findings += [f"reply: {line}" for line in reply_findings(stripe.Refund, shown)]
    return shown

"""The stand-in's accounts of workshops, their links, and transfers with their reversals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stripe
from stripe.params import (
    AccountCreateParams,
    AccountLinkCreateParams,
    AccountRetrieveParams,
    TransferCreateParams,
    TransferCreateReversalParams,
    TransferListParams,
)

from .stripe_balance import add_line
from .stripe_http import ApiError
from .stripe_types import reply_findings

if TYPE_CHECKING:
    from .stripe_server import StripeServer


def route(server: StripeServer, method: str, parts: list[str], form: dict[str, Any]) -> dict[str, Any] | None:
    """The reply to a request of this part, None when it is another's."""
    match method, parts[1:]:
        case "POST", ["accounts"]:
            return _create_account(server, form)
        case "GET", ["accounts", name]:
            server._check_request(AccountRetrieveParams, form)
            return _reply(server, stripe.Account, _account(server, name))
        case "POST", ["account_links"]:
            return _link(server, form)
        case "POST", ["transfers"]:
            return _transfer(server, form)
        case "GET", ["transfers"]:
            return _list(server, form)
        case "POST", ["transfers", name, "reversals"]:
            return _reverse(server, name, form)
    return None


# What people do -----------------------------------------------------------------------------------------------------


def fund(server: StripeServer, amount: int, currency: str = "idr") -> None:
    """Money of buyers becomes available to the shop, in Stripe's smallest unit."""
    with server.lock:
        add_line(server, "charge", amount, currency, server._name("ch"))


def prove(server: StripeServer, account: str, *, transfers: str = "active") -> None:
    """The owner has shown who they are (or has not: 'pending', 'inactive')."""
    with server.lock:
        row = server.accounts[account]
        row["capabilities"] = {"card_payments": transfers, "transfers": transfers}
        row["requirements"] = None if transfers == "active" else {"disabled_reason": "requirements.past_due"}
        row["details_submitted"] = True


def transfer_of_another(server: StripeServer, group: str, account: str) -> None:
    """Somebody makes a transfer in the dashboard and gives it our label."""
    with server.lock:
        form = {"amount": 5, "currency": "idr", "destination": account, "transfer_group": group}
        row = _transfer_row(server, form, "txn_of_another")
        server.transfers[row["id"]] = row


# The API ------------------------------------------------------------------------------------------------------------


def _create_account(server: StripeServer, form: dict[str, Any]) -> dict[str, Any]:
    server._check_request(AccountCreateParams, form)
    controller = form.get("controller", {})
    if "type" in form or not controller:
        raise ApiError(400, "The type parameter is deprecated: use controller.")
    losses, fees = controller.get("losses", {}).get("payments"), controller.get("fees", {}).get("payer")
    if losses == "application" and fees != "application":
        raise ApiError(400, "controller[losses][payments]=application needs controller[fees][payer]=application.")
    asked = [name for name, wish in form.get("capabilities", {}).items() if wish.get("requested")]
    if asked == ["transfers"]:
        raise ApiError(400, "The transfers capability alone needs another service agreement.")
    name = server._name("acct")
    row = {
        "id": name,
        "object": "account",
        "business_profile": None,
        "business_type": None,
        "capabilities": dict.fromkeys(asked, "inactive"),
        "charges_enabled": False,
        "controller": {"type": "application", "is_controller": True, **controller},
        "country": form.get("country"),
        "created": int(server._clock()),
        "default_currency": "eur",
        "details_submitted": False,
        "email": form.get("email"),
        "metadata": form.get("metadata", {}),
        "payouts_enabled": False,
        "requirements": {"disabled_reason": "requirements.past_due", "currently_due": ["individual.id_number"]},
        "type": "express",
    }
    server.accounts[name] = row
    return _reply(server, stripe.Account, row)


def _account(server: StripeServer, name: str) -> dict[str, Any]:
    if name not in server.accounts:
        raise ApiError(403, f"The provided key does not have access to account '{name}'", code="account_invalid")
    return server.accounts[name]


def _link(server: StripeServer, form: dict[str, Any]) -> dict[str, Any]:
    server._check_request(AccountLinkCreateParams, form)
    _account(server, form["account"])
    for name in ("refresh_url", "return_url"):
        if not str(form.get(name, "")).startswith("http"):
            raise ApiError(400, f"{name} must be an address.")
    now = int(server._clock())
    link = {
        "object": "account_link",
        "created": now,
        "expires_at": now + 300,
        "url": f"{server.url}/setup/{server._name('link')}",
    }
    return _reply(server, stripe.AccountLink, link)


def _transfer(server: StripeServer, form: dict[str, Any]) -> dict[str, Any]:
    server._check_request(TransferCreateParams, form)
    account = _account(server, form["destination"])
    if account["capabilities"].get("transfers") != "active":
        raise ApiError(400, "Your destination account needs at least the transfers capability.")
    if form.get("amount", 0) < 1:
        raise ApiError(400, "Invalid positive integer", code="parameter_invalid_integer")
    available = sum(line["net"] for line in server.balance.values() if line["currency"] == form["currency"])
    if form["amount"] > available:
        raise ApiError(400, "You have insufficient available funds.", code="balance_insufficient")
    row = _transfer_row(server, form, "")
    row["balance_transaction"] = add_line(server, "transfer", -form["amount"], form["currency"], row["id"])["id"]
    server.transfers[row["id"]] = row
    return _reply(server, stripe.Transfer, row)


def _transfer_row(server: StripeServer, form: dict[str, Any], balance: str) -> dict[str, Any]:
    name = server._name("tr")
    return {
        "id": name,
        "object": "transfer",
        "amount": form["amount"],
        "amount_reversed": 0,
        "balance_transaction": balance,
        "created": int(server._clock()),
        "currency": form["currency"],
        "description": form.get("description"),
        "destination": form["destination"],
        "destination_payment": server._name("py"),
        "livemode": server.livemode,
        "metadata": form.get("metadata", {}),
        "reversals": {"object": "list", "data": [], "has_more": False, "url": f"/v1/transfers/{name}/reversals"},
        "reversed": False,
        "source_transaction": None,
        "source_type": "card",
        "transfer_group": form.get("transfer_group"),
    }


def _list(server: StripeServer, form: dict[str, Any]) -> dict[str, Any]:
    server._check_request(TransferListParams, form)
    rows = [row for row in server.transfers.values() if row["transfer_group"] == form.get("transfer_group")]
    rows = sorted(rows, key=lambda row: row["id"], reverse=True)
    if "starting_after" in form:
        rows = rows[[row["id"] for row in rows].index(form["starting_after"]) + 1 :]
    limit = min(form.get("limit", 10), server.page_limit)
    shown = [_reply(server, stripe.Transfer, row) for row in rows[:limit]]
    return {"object": "list", "data": shown, "has_more": len(rows) > limit, "url": "/v1/transfers"}


def _reverse(server: StripeServer, name: str, form: dict[str, Any]) -> dict[str, Any]:
    server._check_request(TransferCreateReversalParams, form)
    transfer = server.transfers.get(name)
    if transfer is None:
        raise ApiError(404, f"No such transfer: '{name}'", code="resource_missing")
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = form.get("amount", left)
    if not 0 < amount <= left:
        raise ApiError(400, f"Transfer {name} is already fully reversed.")
    if server.accounts[transfer["destination"]].get("spent"):
        raise ApiError(400, "The recipient does not have sufficient balance.", code="balance_insufficient")
    reversal = {
        "id": server._name("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": int(server._clock()),
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": form.get("metadata", {}),
        "source_refund": None,
        "transfer": name,
    }
    line = add_line(server, "transfer_reversal", amount, transfer["currency"], reversal["id"])
    reversal["balance_transaction"] = line["id"]
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].append(reversal)
    return _reply(server, stripe.TransferReversal, reversal)


def _reply(server: StripeServer, kind: Any, row: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name != "spent"}
    server.findings += [f"reply {row['object']}: {line}" for line in reply_findings(kind, shown)]
    return shown

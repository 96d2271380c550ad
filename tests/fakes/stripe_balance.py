"""The stand-in's balance transactions, balance and list of events. `server.balance` is the one list of what moved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import stripe
from stripe.params import (
    BalanceRetrieveParams,
    BalanceTransactionListParams,
    BalanceTransactionRetrieveParams,
    EventListParams,
)

from .stripe_http import ApiError
from .stripe_types import reply_findings

if TYPE_CHECKING:
    from .stripe_server import StripeServer

TYPES = {  # by reporting category
    "charge": "charge",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "dispute": "adjustment",
    "dispute_reversal": "adjustment",
    "payout": "payout",
    "payout_reversal": "payout_failure",
    "transfer": "transfer",
    "transfer_reversal": "transfer_refund",
    "fee": "stripe_fee",
}


def route(server: StripeServer, method: str, parts: list[str], form: dict[str, Any]) -> dict[str, Any] | None:
    """The reply to a request of this part, None when it is another's."""
    if method == "GET" and parts[:2] == ["v1", "balance_transactions"] and len(parts) == 3:
        server._check_request(BalanceTransactionRetrieveParams, form)
        return _expanded(server, server.balance[parts[2]])
    if method != "GET" or len(parts) != 2 or parts[0] != "v1":
        return None
    if parts[1] == "balance":
        server._check_request(BalanceRetrieveParams, form)
        return _balance(server)
    if parts[1] == "balance_transactions":
        server._check_request(BalanceTransactionListParams, form)
        return _page(server, "balance_transactions", _lines(server, form), form, stripe.BalanceTransaction)
    if parts[1] == "events":
        server._check_request(EventListParams, form)
        return _page(server, "events", _events(server, form), form, stripe.Event)
    return None


def add_line(
    server: StripeServer, category: str, amount: int, currency: str, source: str, *, fee: int = 0
) -> dict[str, Any]:
    """Money moved: `amount` is signed as for the shop, the fee is taken on top of it."""
    now = int(server._clock())
    line = {
        "id": server._name("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now,
        "balance_type": "payments",
        "created": now,
        "currency": currency,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source,
        "status": "available",
        "type": TYPES[category],
    }
    server.balance[line["id"]] = line
    return line


def pay_our_bank(server: StripeServer, amount: int, currency: str) -> str:
    """Stripe sends money to the bank account of the shop."""
    with server._acting():
        name = server._name("po")
        add_line(server, "payout", -amount, currency, name)
        return name


def bank_sends_back(server: StripeServer, payout: str) -> None:
    with server._acting():
        sent = next(line for line in server.balance.values() if line["source"] == payout)
        add_line(server, "payout_reversal", -sent["amount"], sent["currency"], payout)


def forget(server: StripeServer, source: str) -> None:
    """The list loses what moved for `source`."""
    server.balance = {name: line for name, line in server.balance.items() if line["source"] != source}


def _newest(rows: Iterable[dict[str, Any]], form: dict[str, Any]) -> list[dict[str, Any]]:
    created = form.get("created", {})
    kept = [row for row in rows if created.get("gte", 0) <= row["created"] < created.get("lt", 10**12)]
    return sorted(kept, key=lambda row: (row["created"], row["id"]), reverse=True)


def _lines(server: StripeServer, form: dict[str, Any]) -> list[dict[str, Any]]:
    rows = _newest(server.balance.values(), form)
    return [row for row in rows if "source" not in form or row["source"] == form["source"]]


def _events(server: StripeServer, form: dict[str, Any]) -> list[dict[str, Any]]:
    types = form.get("types", [])
    if len(types) > 20:
        raise ApiError(400, "types may hold 20 names")
    rows = [row for row in _newest(server.events, form) if not types or row["type"] in types]
    if "delivery_success" in form:
        rows = [row for row in rows if (row["id"] in server.delivered) == form["delivery_success"]]
    return rows


def _page(
    server: StripeServer, name: str, rows: list[dict[str, Any]], form: dict[str, Any], kind: Any
) -> dict[str, Any]:
    limit = form.get("limit", 10)
    if not 1 <= limit <= 100:
        raise ApiError(400, "limit must be between 1 and 100")
    after = form.get("starting_after")
    if after is not None:
        rows = rows[[row["id"] for row in rows].index(after) + 1 :]
    shown = rows[:limit]
    for row in shown:
        server.findings += [f"reply {name}: {line}" for line in reply_findings(kind, row)]
    return {"object": "list", "data": shown, "has_more": len(rows) > limit, "url": f"/v1/{name}"}


def _expanded(server: StripeServer, line: dict[str, Any]) -> dict[str, Any]:
    """With its source as an object, where that is a transfer's reversal."""
    reversals = [row for transfer in server.transfers.values() for row in transfer["reversals"]["data"]]
    shown = {**line, "source": next((row for row in reversals if row["id"] == line["source"]), line["source"])}
    server.findings += [f"reply line: {found}" for found in reply_findings(stripe.BalanceTransaction, shown)]
    return shown


def _balance(server: StripeServer) -> dict[str, Any]:
    sums: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
    for line in server.balance.values():
        place = sums["available" if line["status"] == "available" else "pending"]
        place[line["currency"]] = place.get(line["currency"], 0) + line["net"]
    said: dict[str, Any] = {"object": "balance", "livemode": server.livemode}
    for name, amounts in sums.items():
        said[name] = [{"amount": amount, "currency": currency} for currency, amount in sorted(amounts.items())]
    server.findings += [f"reply balance: {line}" for line in reply_findings(stripe.Balance, said)]
    return said

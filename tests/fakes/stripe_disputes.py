"""The stand-in's disputes, and what banks do in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stripe
from stripe.params import DisputeRetrieveParams, DisputeUpdateParams

from .stripe_balance import add_line
from .stripe_http import ApiError
from .stripe_types import reply_findings

if TYPE_CHECKING:
    from .stripe_server import StripeServer

FEE = 1500
ANSWER_WITHIN = 10 * 24 * 3600
ANSWERABLE = ("warning_needs_response", "needs_response")
EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "customer_email_address",
    "customer_name",
    "product_description",
    "receipt",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
)


def route(server: StripeServer, method: str, parts: list[str], form: dict[str, Any]) -> dict[str, Any] | None:
    """The reply to a request of this part, None when it is another's."""
    if parts[:2] != ["v1", "disputes"] or len(parts) != 3:
        return None
    dispute = server.disputes.get(parts[2])
    if dispute is None:
        raise ApiError(404, f"No such dispute: '{parts[2]}'", code="resource_missing")
    if method == "GET":
        server._check_request(DisputeRetrieveParams, form)
    else:
        server._check_request(DisputeUpdateParams, form)
        _answer(server, dispute, form)
    return _reply(server, dispute)


def _answer(server: StripeServer, dispute: dict[str, Any], form: dict[str, Any]) -> None:
    if dispute["status"] not in ANSWERABLE:
        raise ApiError(400, "This dispute is already closed or under review.")
    dispute["evidence"].update(form.get("evidence", {}))
    details = dispute["evidence_details"]
    details["has_evidence"] = True
    if form.get("submit", True):
        details["submission_count"] += 1
        details["submission_method"] = "manual"
        is_inquiry = dispute["status"].startswith("warning")
        dispute["status"] = "warning_under_review" if is_inquiry else "under_review"
        server._tell("charge.dispute.updated", dispute)


def open_dispute(
    server: StripeServer,
    charge_id: str,
    *,
    inquiry: bool = False,
    amount: int | None = None,
    reason: str = "product_not_received",
) -> str:
    """A buyer's bank asks for a charge; unless it only inquires, it takes the money at once. The dispute's name."""
    with server._acting():
        charge, now = server.charges[charge_id], int(server._clock())
        dispute = _shape(server, charge, charge["amount"] if amount is None else amount, reason, now)
        dispute["status"] = "warning_needs_response" if inquiry else "needs_response"
        server.disputes[dispute["id"]] = dispute
        charge["disputed"] = True
        server._tell("charge.dispute.created", dispute)
        if not inquiry:
            _take(server, dispute)
        return str(dispute["id"])


def escalate(server: StripeServer, dispute_id: str) -> None:
    """An inquiry becomes a dispute."""
    with server._acting():
        dispute = server.disputes[dispute_id]
        dispute["status"] = "needs_response"
        server._tell("charge.dispute.updated", dispute)
        _take(server, dispute)


def close_inquiry(server: StripeServer, dispute_id: str) -> None:
    _close(server, dispute_id, "warning_closed")


def lose(server: StripeServer, dispute_id: str) -> None:
    _close(server, dispute_id, "lost")


def win(server: StripeServer, dispute_id: str, *, fee_back: bool = False) -> None:
    """The bank gives the money back, at once or (after `lose`) on appeal."""
    _close(server, dispute_id, "won")
    with server._acting():
        dispute = server.disputes[dispute_id]
        taken = dispute["balance_transactions"][0]
        fee = -taken["fee"] if fee_back else 0
        line = add_line(server, "dispute_reversal", -taken["amount"], taken["currency"], dispute_id, fee=fee)
        dispute["balance_transactions"].append(line)
        server._tell("charge.dispute.funds_reinstated", dispute)


def _close(server: StripeServer, dispute_id: str, status: str) -> None:
    with server._acting():
        dispute = server.disputes[dispute_id]
        dispute["status"] = status
        server._tell("charge.dispute.closed", dispute)


def _take(server: StripeServer, dispute: dict[str, Any]) -> None:
    """The money leaves in the currency, and at the rate, in which the charge came in."""
    settled = server.balance[server.charges[dispute["charge"]]["balance_transaction"]]
    charged = server.charges[dispute["charge"]]["amount"]
    amount = settled["amount"] * dispute["amount"] // charged
    line = add_line(server, "dispute", -amount, settled["currency"], dispute["id"], fee=FEE)
    dispute["balance_transactions"].append(line)
    server._tell("charge.dispute.funds_withdrawn", dispute)


def _shape(server: StripeServer, charge: dict[str, Any], amount: int, reason: str, now: int) -> dict[str, Any]:
    return {
        "id": server._name("dp"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + ANSWER_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": server.livemode,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }


def _reply(server: StripeServer, dispute: dict[str, Any]) -> dict[str, Any]:
    server.findings += [f"reply dispute: {line}" for line in reply_findings(stripe.Dispute, dispute)]
    return dispute

"""Disputes at Stripe: what the bank moved stands in `balance_transactions`, in the currency of settlement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from ...evidence import Evidence, Fact
from .. import DisputeSaid, DisputeState
from .calls import calling, from_stripe, read
from .rounding import rounded

if TYPE_CHECKING:
    import stripe

STATES = {
    "warning_needs_response": DisputeSaid.INQUIRY,
    "warning_under_review": DisputeSaid.INQUIRY,
    "warning_closed": DisputeSaid.WON,  # no money was ever taken
    "needs_response": DisputeSaid.NEEDS_RESPONSE,
    "under_review": DisputeSaid.UNDER_REVIEW,
    "won": DisputeSaid.WON,
    "lost": DisputeSaid.LOST,
    "appeal_needs_response": DisputeSaid.LOST,  # lost, and may be won yet
    "appeal_under_review": DisputeSaid.LOST,
}
FIELDS: dict[str, str] = {
    Evidence.DESCRIPTION: "product_description",
    Fact.BUYER_NAME: "customer_name",
    Fact.BUYER_EMAIL: "customer_email_address",
    Fact.ADDRESS: "shipping_address",
    Fact.CARRIER: "shipping_carrier",
    Fact.TRACKING_NUMBER: "shipping_tracking_number",
    Fact.SHIPPED_ON: "shipping_date",
}
IN_WORDS = (Evidence.ORDER, Evidence.DELIVERY, Evidence.PHOTOS, Evidence.MESSAGES)  # no text field of their own


def fetch_dispute(client: stripe.StripeClient, external_id: str) -> DisputeState:
    found = calling(lambda: client.v1.disputes.retrieve(external_id))
    return read(lambda: state_of(found))


def submit_evidence(
    client: stripe.StripeClient, external_id: str, key: str, evidence: Mapping[str, str]
) -> DisputeState:
    params = cast("stripe.params.DisputeUpdateParams", {"evidence": fields(evidence), "submit": True})
    answered = calling(lambda: client.v1.disputes.update(external_id, params, {"idempotency_key": key}))
    return read(lambda: state_of(answered))


def fields(evidence: Mapping[str, str]) -> dict[str, str]:
    """Texts by Stripe's names; what has no field of its own goes into the one for everything else."""
    found = {field: evidence[name] for name, field in FIELDS.items() if evidence.get(name)}
    words = [f"{name.value.capitalize()}\n{evidence[name]}" for name in IN_WORDS if evidence.get(name)]
    if words:
        found["uncategorized_text"] = "\n\n".join(words)
    return found


def state_of(dispute: stripe.Dispute) -> DisputeState:
    charge = dispute.charge
    charge_id = charge if isinstance(charge, str) else getattr(charge, "id", "")
    if not isinstance(dispute.id, str) or not dispute.id or not charge_id:
        raise ValueError("a dispute without a name or a charge")
    moved = _moved(list(dispute.balance_transactions))
    due_by = dispute.evidence_details.due_by
    return DisputeState(
        external_id=dispute.id,
        charge_id=charge_id,
        status=_status(dispute, moved),
        amount=from_stripe(dispute.amount, dispute.currency),
        reason=str(dispute.reason or ""),
        due_by=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        opened_at=datetime.fromtimestamp(dispute.created, UTC),
        **moved,
    )


def _status(dispute: stripe.Dispute, moved: Mapping[str, Any]) -> DisputeSaid:
    """`prevented`: closed before it became a dispute, at times with the money gone."""
    if dispute.status == "prevented":
        is_gone = moved and moved["withdrawn_amount"] > moved["reinstated_amount"]
        return DisputeSaid.LOST if is_gone else DisputeSaid.WON
    return STATES[dispute.status]


def _moved(lines: list[stripe.BalanceTransaction]) -> dict[str, Any]:
    """What was taken, given back and kept as a fee, in all; nothing while no money has moved."""
    if not lines:
        return {}
    (currency,) = {line.currency.upper() for line in lines}
    amounts = [rounded(line.amount, currency) for line in lines]
    return {
        "settle_currency": currency,
        "withdrawn_amount": -sum(amount for amount in amounts if amount < 0),
        "reinstated_amount": sum(amount for amount in amounts if amount > 0),
        "fee_amount": sum(rounded(line.fee, currency) for line in lines),
    }

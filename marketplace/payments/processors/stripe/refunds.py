"""Refunds at Stripe: by charge, found again by `metadata.refund_key`.

`charge.refunded` carries sums and no names, so it is never read (payments.md 4).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from marketplace.core.money import EXPONENTS, Money, half_up

from .. import Caps, ProcessorDown, RefundFacts, RefundSaid, RefundState, Refused
from .calls import calling, from_stripe, read, to_stripe, units
from .rounding import is_finer

if TYPE_CHECKING:
    import stripe

EXPAND = ["balance_transaction"]
STATES = {
    "pending": RefundSaid.PENDING,
    "requires_action": RefundSaid.PENDING,
    "succeeded": RefundSaid.SUCCEEDED,
    "failed": RefundSaid.FAILED,
    "canceled": RefundSaid.FAILED,
}


def prepare(facts: RefundFacts, number: str) -> dict[str, Any]:
    return {
        "charge": facts.charge_id,
        "amount": to_stripe(facts.amount),
        "metadata": {"refund_key": facts.key, "attempt_key": facts.attempt.key, "order": number},
        "expand": EXPAND,
    }


def refund(client: stripe.StripeClient, facts: RefundFacts) -> RefundState:
    if not facts.charge_id:
        raise Refused("the payment has no charge")
    params = cast("stripe.params.RefundCreateParams", dict(facts.request))
    made = calling(lambda: client.v1.refunds.create(params, {"idempotency_key": facts.key}))
    return read(lambda: state_of(made))


def find_refund(client: stripe.StripeClient, facts: RefundFacts) -> RefundState | None:
    """Our refund among all of its charge."""
    if not facts.charge_id:
        return None
    found = calling(lambda: _with_key(client, facts))
    return None if found is None else read(lambda: state_of(found))


def _with_key(client: stripe.StripeClient, facts: RefundFacts) -> stripe.Refund | None:
    params: Any = {"charge": facts.charge_id, "limit": 100, "expand": [f"data.{name}" for name in EXPAND]}
    for made in client.v1.refunds.list(params).auto_paging_iter():
        if getattr(made.metadata, "refund_key", "") == facts.key:
            return made
    return None


def fetch_refund(client: stripe.StripeClient, external_id: str) -> RefundState:
    found = calling(lambda: client.v1.refunds.retrieve(external_id, {"expand": EXPAND}))
    return read(lambda: state_of(found))


def state_of(refund: stripe.Refund) -> RefundState:
    charge = refund.charge
    charge_id = charge if isinstance(charge, str) else getattr(charge, "id", "")
    if not isinstance(refund.id, str) or not refund.id or not charge_id:
        raise ValueError("a refund without a name or a charge")
    return RefundState(
        status=STATES[refund.status or ""],
        external_id=refund.id,
        refund_key=str(getattr(refund.metadata, "refund_key", "") or ""),
        charge_id=charge_id,
        amount=from_stripe(refund.amount, refund.currency),
        reason=str(getattr(refund, "failure_reason", None) or ""),  # absent unless it failed
        settled=_settled(refund),
    )


def _settled(refund: stripe.Refund) -> Money | None:
    """What left our balance, in the currency that it is kept in; the odd sen of a conversion are rounded half up."""
    balance = refund.balance_transaction
    if balance is None or isinstance(balance, str):
        return None
    code = balance.currency.upper()
    if type(balance.amount) is not int or code not in EXPONENTS:
        raise ProcessorDown(f"a balance that cannot be ours: {balance.amount!r} {balance.currency!r}")
    return Money(half_up(Decimal(-balance.amount) / units(code)), code)


def caps(currency: str) -> Caps:
    return Caps(finer=is_finer(currency))

"""Refunds at Stripe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import Caps, RefundFacts, RefundState

if TYPE_CHECKING:
    import stripe


def refund(client: stripe.StripeClient, facts: RefundFacts) -> RefundState:
    raise NotImplementedError


def find_refund(client: stripe.StripeClient, facts: RefundFacts) -> RefundState | None:
    raise NotImplementedError


def fetch_refund(client: stripe.StripeClient, external_id: str) -> RefundState:
    raise NotImplementedError


def caps(currency: str) -> Caps:
    return Caps()

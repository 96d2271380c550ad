"""Disputes at Stripe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .. import DisputeState

if TYPE_CHECKING:
    import stripe


def fetch_dispute(client: stripe.StripeClient, external_id: str) -> DisputeState:
    raise NotImplementedError


def submit_evidence(
    client: stripe.StripeClient, external_id: str, key: str, evidence: Mapping[str, str]
) -> DisputeState:
    raise NotImplementedError

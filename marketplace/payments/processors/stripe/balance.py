"""Stripe's own list: balance transactions, balances, and events that did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from .. import BalanceLine, Meaning, MissedEvent

if TYPE_CHECKING:
    import stripe


def balance_lines(client: stripe.StripeClient, since: datetime, until: datetime) -> Iterable[BalanceLine]:
    raise NotImplementedError


def balances(client: stripe.StripeClient) -> dict[str, int]:
    raise NotImplementedError


def missed_events(
    client: stripe.StripeClient, since: datetime, meaning: Callable[[str], Meaning]
) -> Iterable[MissedEvent]:
    raise NotImplementedError

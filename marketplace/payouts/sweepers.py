"""What the timer does for payouts: manual ones wait for people, the others are asked about."""

from __future__ import annotations

from marketplace.core.tasks import sweeper
from marketplace.payments.services import reconciler

from . import services


@sweeper("payouts")
@reconciler("payouts")
def payouts() -> int:
    return services.find_stuck()

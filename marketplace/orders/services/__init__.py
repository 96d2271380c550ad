"""What happens to an order after it has been placed."""

from .finding import join_account, send_link
from .fulfillment import (
    accept,
    arrived,
    cancel_part,
    close_silent,
    mark_delivered,
    refuse,
    start,
    warn_workshops,
    withdraw,
)
from .parcels import Posting, complete, correct_tracking, ship
from .payment import cancel_unpaid, mark_paid, revive

__all__ = [
    "Posting",
    "accept",
    "arrived",
    "cancel_part",
    "cancel_unpaid",
    "close_silent",
    "complete",
    "correct_tracking",
    "join_account",
    "mark_delivered",
    "mark_paid",
    "refuse",
    "revive",
    "send_link",
    "ship",
    "start",
    "warn_workshops",
    "withdraw",
]

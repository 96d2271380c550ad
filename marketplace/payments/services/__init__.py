"""Verbs of paying. Truth is fetched outside, then written in one transaction by compare-and-set: the first wins."""

from .attempts import new_attempt, pay_again, start
from .closing import cancel_order, expire_unpaid
from .earning import earn, earn_due
from .events import handle_event, handle_events, receive
from .reconcile import reconcile_attempts
from .settlement import settle

__all__ = [
    "cancel_order",
    "earn",
    "earn_due",
    "expire_unpaid",
    "handle_event",
    "handle_events",
    "new_attempt",
    "pay_again",
    "receive",
    "reconcile_attempts",
    "settle",
    "start",
]

"""Verbs of paying. Truth is fetched outside, then written in one transaction by compare-and-set: the first wins."""

from .attempts import new_attempt, pay_again, start
from .closing import cancel_order, expire_unpaid
from .earning import earn, earn_due
from .events import handle_event, handle_events, receive
from .reconcile import reconcile_attempts
from .refunds import (
    LineWish,
    RefundPreview,
    RefundWish,
    assign_refund,
    cancel_part,
    mark_refund_failed,
    mark_refund_sent,
    preview,
    refund_rest,
    request_refund,
    retry_refund,
    rupiah_to_refund,
    send_refund,
    send_refunds,
    settle_refund,
)
from .settlement import settle

__all__ = [
    "LineWish",
    "RefundPreview",
    "RefundWish",
    "assign_refund",
    "cancel_order",
    "cancel_part",
    "earn",
    "earn_due",
    "expire_unpaid",
    "handle_event",
    "handle_events",
    "mark_refund_failed",
    "mark_refund_sent",
    "new_attempt",
    "pay_again",
    "preview",
    "receive",
    "reconcile_attempts",
    "refund_rest",
    "request_refund",
    "retry_refund",
    "rupiah_to_refund",
    "send_refund",
    "send_refunds",
    "settle",
    "settle_refund",
    "start",
]

"""Verbs of paying. Truth is fetched outside, then written in one transaction by compare-and-set: the first wins."""

from .attempts import new_attempt, pay_again, start
from .closing import cancel_order, expire_unpaid
from .differences import settle_difference
from .disputes import (
    decide_lost,
    give_back,
    name_parcel,
    note_evidence,
    settle_dispute,
    submit_evidence,
)
from .earning import earn, earn_due
from .events import handle_event, handle_events, receive
from .reconcile import reconcile, reconcile_attempts, reconcile_when_due, reconciler
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
    refund_unapplied_left,
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
    "decide_lost",
    "earn",
    "earn_due",
    "expire_unpaid",
    "give_back",
    "handle_event",
    "handle_events",
    "mark_refund_failed",
    "mark_refund_sent",
    "name_parcel",
    "new_attempt",
    "note_evidence",
    "pay_again",
    "preview",
    "receive",
    "reconcile",
    "reconcile_attempts",
    "reconcile_when_due",
    "reconciler",
    "refund_rest",
    "refund_unapplied_left",
    "request_refund",
    "retry_refund",
    "rupiah_to_refund",
    "send_refund",
    "send_refunds",
    "settle",
    "settle_difference",
    "settle_dispute",
    "settle_refund",
    "start",
    "submit_evidence",
]

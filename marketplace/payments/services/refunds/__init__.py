"""Money back to buyers: asked for in one transaction, sent outside, its end written by whoever learns it first."""

from marketplace.orders.services import cancel_part

from ...queries.refunding import is_disputed
from .asking import preview, request_refund, rupiah_to_refund
from .automatic import refund_rest, refund_unapplied, refund_unapplied_left
from .deciding import mark_refund_failed, mark_refund_sent, retry_refund
from .elsewhere import NotOurs, assign_refund, settle_refund, take
from .sending import send_refund, send_refunds
from .wishes import LineWish, RefundPreview, RefundWish

__all__ = [
    "LineWish",
    "NotOurs",
    "RefundPreview",
    "RefundWish",
    "assign_refund",
    "cancel_part",
    "is_disputed",
    "mark_refund_failed",
    "mark_refund_sent",
    "preview",
    "refund_rest",
    "refund_unapplied",
    "refund_unapplied_left",
    "request_refund",
    "retry_refund",
    "rupiah_to_refund",
    "send_refund",
    "send_refunds",
    "settle_refund",
    "take",
]

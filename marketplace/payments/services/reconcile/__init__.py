"""Comparing with processors and asking about what nobody told (payments.md 8). What differs is shown, never mended."""

from .attempts import end_overdue, reconcile_attempts
from .balances import compare, compare_all
from .disputes import ask_about_disputes
from .events import fetch_missed, finish_messages
from .fees import book_late_fees
from .refunds import send_waiting
from .steps import Window, reconcile, reconcile_when_due, reconciler

__all__ = [
    "Window",
    "ask_about_disputes",
    "book_late_fees",
    "compare",
    "compare_all",
    "end_overdue",
    "fetch_missed",
    "finish_messages",
    "reconcile",
    "reconcile_attempts",
    "reconcile_when_due",
    "reconciler",
    "send_waiting",
]

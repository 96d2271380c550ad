"""From what is owed to the workshop's bank: prepared by one admin, approved by another, sent, and what came of it.

Suspended workshops are paid like others: what they earned is theirs. Only an admin's hold, with its reason, keeps
money back, and a dispute the money of its order.
"""

from ..queries.due import Due, due
from .accounts import onboarding_link, open_account, refresh_account
from .approving import approve_run, cancel_payout, cancel_run
from .filing import bank_file
from .holds import hold_payouts, release_payouts
from .outcomes import mark_failed, mark_paid, mark_returned, mark_run_paid
from .preparing import prepare_run
from .sending import find_stuck, send_again, send_payout, send_run

__all__ = [
    "Due",
    "approve_run",
    "bank_file",
    "cancel_payout",
    "cancel_run",
    "due",
    "find_stuck",
    "hold_payouts",
    "mark_failed",
    "mark_paid",
    "mark_returned",
    "mark_run_paid",
    "onboarding_link",
    "open_account",
    "prepare_run",
    "refresh_account",
    "release_payouts",
    "send_again",
    "send_payout",
    "send_run",
]

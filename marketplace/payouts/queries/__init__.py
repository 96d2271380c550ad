"""Reads about payouts: runs and payouts, what comes next, and a workshop's statement of a month."""

from .due import Due, due
from .payouts import PayoutLineView, PayoutView, payout, payouts_of
from .runs import PayoutRow, RunRow, RunView, run, runs
from .statements import Statement, StatementRow, months_of, statement
from .upcoming import NextPayout, next_payout

__all__ = [
    "Due",
    "NextPayout",
    "PayoutLineView",
    "PayoutRow",
    "PayoutView",
    "RunRow",
    "RunView",
    "Statement",
    "StatementRow",
    "due",
    "months_of",
    "next_payout",
    "payout",
    "payouts_of",
    "run",
    "runs",
    "statement",
]

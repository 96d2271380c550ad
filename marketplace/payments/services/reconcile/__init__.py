"""Comparing with processors and asking about what nobody told (payments.md 8). What differs is shown, never mended."""

from . import attempts, balances, comparing, disputes, events, fees, refunds  # noqa: F401 (each registers its steps)
from .attempts import reconcile_attempts
from .steps import Window, reconcile, reconcile_when_due, reconciler

__all__ = ["Window", "reconcile", "reconcile_attempts", "reconcile_when_due", "reconciler"]

"""The proof that all money is accounted for: what was booked against what the rows say (payments.md 8)."""

from .running import Breach, check, rules

__all__ = ["Breach", "check", "rules"]

"""Rule 9: what banks hold in disputes, and what each processor keeps for us, as the rows say.

Whether the processor agrees is another question, which `payments reconcile` asks.
"""

from __future__ import annotations

from .statements import Check

CHECKS: tuple[Check, ...] = ()

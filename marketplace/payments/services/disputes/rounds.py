"""How often a bank has asked: each time it reads one answer, under a key of its own."""

from __future__ import annotations

from typing import Any

from ...evidence import SENT
from ...models import Dispute

ROUND = "_round"  # in Dispute.evidence, beside the codes


def key_of_answer(dispute: Dispute) -> str:
    """The processor's idempotency key of what is sent now."""
    return f"evidence-{dispute.external_id}-{dispute.evidence.get(ROUND, 0)}"


def ask_again(dispute: Dispute) -> None:
    """What was sent is past: it was refused, or the inquiry that it answered has become a dispute."""
    kept: dict[str, Any] = {name: value for name, value in dispute.evidence.items() if name != SENT}
    dispute.evidence = {**kept, ROUND: kept.get(ROUND, 0) + 1}
    dispute.submitted_at = None

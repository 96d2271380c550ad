"""Refunds that were asked for and whose answer was lost."""

from __future__ import annotations

from ..refunds import send_refunds
from .steps import Window, step


@step("refunds")
def send_waiting(_window: Window) -> int:
    """Asked for more than ten minutes ago: looked for first, then sent."""
    return send_refunds()

"""Refunds that were asked for and whose answer was lost."""

from __future__ import annotations

from ..refunds import send_refunds
from .steps import Window, step


@step("refunds")
def _refunds(_window: Window) -> int:
    return send_refunds()

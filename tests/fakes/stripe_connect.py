"""The stand-in's accounts, account links, transfers and reversals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .stripe_server import StripeServer


def route(server: StripeServer, method: str, parts: list[str], form: dict[str, Any]) -> dict[str, Any] | None:
    """The reply to a request of this part, None when it is another's."""
    return None

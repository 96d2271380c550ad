"""Who asks, for counting only: nothing of it ever changes a page (architecture.md 6)."""

from __future__ import annotations

from flask import request

from marketplace.accounts import postal
from marketplace.core import visitors
from marketplace.core.markets import WORLD, current_market
from marketplace.core.web import client_address


def visitor() -> str | None:
    """Whoever looks, as a hash of one day; None for machines, and for a browser that only fetches ahead."""
    agent = request.headers.get("User-Agent", "")
    if visitors.is_machine(agent) or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return None
    return visitors.visitor(client_address(), agent)


def country(chosen: str = "") -> str:
    """Where the pieces would go: as chosen, or the market's; in the world's market as the browser's language hints."""
    if postal.is_country(chosen):
        return chosen
    if current_market() is not WORLD:
        return current_market().country
    hint = visitors.likely_country(request.headers.get("Accept-Language", ""))
    return hint if postal.is_country(hint) else ""

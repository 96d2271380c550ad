"""What every shop needs before its first day, production too: the category tree and the postage table."""

from __future__ import annotations

from marketplace.catalog import categories
from marketplace.shipping import services as shipping


def load() -> None:
    """Bring both in step with their files; rows that somebody added stay."""
    categories.load_taxonomy()
    shipping.load_rates()

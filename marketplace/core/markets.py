"""The market list: which language, currency and destination an address prefix stands for.

To open a market, add a row here and its zone to shipping; a currency also needs a step in `STEPS`
(what a price is rounded up to) and a stored rate.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, has_request_context


@dataclass(frozen=True, slots=True)
class Market:
    code: str  # for people and rows: world, id, au
    prefix: str  # in the address; empty for the world
    name: str  # in its own language
    locale: str  # of gettext and babel
    hreflang: str
    currency: str
    country: str  # default destination


WORLD = Market("world", "", "English, US dollars", "en", "en", "USD", "US")
MARKETS: dict[str, Market] = {
    market.code: market
    for market in (
        WORLD,
        Market("id", "id", "Bahasa Indonesia, rupiah", "id", "id", "IDR", "ID"),
        Market("au", "au", "English, Australian dollars", "en", "en-AU", "AUD", "AU"),
    )
}
BY_PREFIX = {market.prefix: market for market in MARKETS.values() if market.prefix}

# A presentment price is rounded up to a multiple of this many minor units (whole dollars; rupiah as priced).
STEPS = {"USD": 100, "AUD": 100, "IDR": 1}


def current_market() -> Market:
    """The market of the address being answered; the world's outside a request."""
    if has_request_context():
        market: Market = g.get("market", WORLD)
        return market
    return WORLD


def market_of(country: str) -> Market:
    """Where an order to `country` is charged: rupiah inside Indonesia, by law (domain.md 6.1)."""
    return MARKETS["id"] if country == "ID" else current_market()

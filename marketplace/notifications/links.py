"""Addresses in mails: built from SITE_URL, never from what a request says of itself (security.md 27)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from marketplace.core.markets import MARKETS


def absolute(endpoint: str, market_prefix: str = "", **values: Any) -> str:
    """The full address of a page in the market of that prefix ('' is the world's)."""
    site = urlsplit(current_app.config["SITE_URL"])
    rules = current_app.url_map.bind(site.netloc, url_scheme=site.scheme or "http")
    if market_prefix and current_app.url_map.is_endpoint_expecting(endpoint, "market"):
        values["market"] = market_prefix
    return str(current_app.config["SITE_URL"]) + rules.build(endpoint, values, force_external=False)


def prefix_of(language: str) -> str:
    """The market that speaks a person's language, where nothing else says which: Indonesian is Indonesia's."""
    return MARKETS["id"].prefix if language == "id" else ""

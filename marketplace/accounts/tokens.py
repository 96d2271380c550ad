"""The secret word of a link: derived from the row's random salt and the shop's secret, so that no table holds it.

Neither `account_links` nor the outbox is enough to open a link: the mail's row carries the salt, and the word itself
comes into being when the mail is rendered.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from flask import current_app

from marketplace.notifications import links

_BITS = 192


def token_of(salt: str) -> str:
    """The token of the link with this salt (128 random bits under the shop's secret)."""
    secret = str(current_app.secret_key).encode()
    digest = hmac.new(secret, b"account link:" + salt.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[: _BITS // 8]).decode().rstrip("=")


def link_address(endpoint: str, salt: str, market_prefix: str) -> str:
    """What mail templates call to write the full address of a link."""
    return links.absolute(endpoint, market_prefix, token=token_of(salt))

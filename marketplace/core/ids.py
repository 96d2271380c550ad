"""Random names: tokens that open something, keys that make an act happen once."""

from __future__ import annotations

import hashlib
import secrets

# Letters and digits that nobody mistakes for one another, for numbers that people read out.
READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_token() -> str:
    """An unguessable word of 128 random bits, safe in an address."""
    return secrets.token_urlsafe(16)


def new_key() -> str:
    """A random key for an act that must happen once (idempotency)."""
    return secrets.token_hex(16)


def hash_token(token: str) -> str:
    """What is stored of a token: its SHA-256. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def public_number(prefix: str = "PC") -> str:
    """An order's number for people, such as PC-7K3M9Q; it opens nothing by itself."""
    return f"{prefix}-" + "".join(secrets.choice(READABLE) for _ in range(7))

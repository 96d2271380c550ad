"""Signed messages in the scheme `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`, over raw bytes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

TOLERANCE_SECONDS = 300


def sign(body: bytes, secret: str, at: datetime) -> str:
    stamp = int(at.timestamp())
    return f"t={stamp},v1={_mac(body, secret, stamp)}"


def is_signed(body: bytes, header: str, secret: str, now: datetime) -> bool:
    """Whether one of the header's signatures fits and its stamp is at most five minutes from `now`."""
    parts = [part.partition("=") for part in header.split(",")[:10]]
    stamps = [value for name, _sep, value in parts if name == "t"]
    if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdigit() or len(stamps[0]) > 12:
        return False
    stamp = int(stamps[0])
    expected = _mac(body, secret, stamp).encode()
    fits = [
        hmac.compare_digest(expected, value.encode("utf-8", "replace")) for name, _s, value in parts if name == "v1"
    ]
    return any(fits) and abs(now.timestamp() - stamp) <= TOLERANCE_SECONDS


def _mac(body: bytes, secret: str, stamp: int) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()

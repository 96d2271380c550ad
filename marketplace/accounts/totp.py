"""Six digits from an app on the phone (RFC 6238: SHA-1, 30 seconds), and the words for who has lost the phone.

This module computes; what counts, and how often, is said in services/second_factor.py.
"""

from __future__ import annotations

import hmac
import io
import re
import secrets
from datetime import datetime

import pyotp
import segno

from marketplace.core.ids import READABLE, hash_token

SECONDS = 30
NEIGHBORS = 1  # phones' clocks are off, and typing takes time: the code before and the one after count too
CODES = 10
_CODE_LENGTH = 12  # of 32 letters: 60 bits, kept as a hash beside the person's number
_ISSUER = "Celuk Silver"
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015.]+")


def new_secret() -> str:
    """160 random bits in base32, as every app takes them."""
    return pyotp.random_base32(32)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step that `code` belongs to, or None; as slow for a wrong code as for a right one."""
    now = int(at.timestamp()) // SECONDS
    totp = pyotp.TOTP(secret, interval=SECONDS)
    found = None
    for step in range(now - NEIGHBORS, now + NEIGHBORS + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode("utf-8", "replace")):
            found = step
    return found


def address(secret: str, email: str) -> str:
    """What the QR code holds: otpauth://totp/…"""
    return pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=email, issuer_name=_ISSUER)


def qr_code(text: str) -> bytes:
    """The text as an SVG file, dark on white on every background."""
    file = io.BytesIO()
    segno.make(text, error="m", micro=False).save(file, kind="svg", scale=5, border=4, dark="#000", light="#fff")
    return file.getvalue()


def grouped(secret: str) -> str:
    """In fours, for who types it."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def normal(code: str) -> str:
    """What was typed, without the spaces and hyphens that help the eye."""
    return _SEPARATORS.sub("", code).upper()


def new_recovery_code() -> str:
    letters = "".join(secrets.choice(READABLE) for _ in range(_CODE_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, _CODE_LENGTH, 4))


def recovery_hash(user_id: int, code: str) -> str:
    """What is kept of a recovery code."""
    return hash_token(f"{user_id}:{normal(code)}")

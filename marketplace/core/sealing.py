"""Keeping what must not be read from a stolen database: bank account numbers, names on passbooks.

Fernet (AES-128-CBC with HMAC-SHA256) of the `cryptography` library; the key is derived from SECRET_KEY, and an earlier
one (SECRET_KEY_OLD) still opens what it has sealed.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app


class Unreadable(Exception):
    """It was sealed with a key that this shop does not have."""


def seal(text: str) -> str:
    """The text, encrypted; twice the same text gives two different answers."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again.

    Raises:
        Unreadable: none of the shop's keys opens it.
    """
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _keys() -> MultiFernet:
    keys: MultiFernet = current_app.extensions["sealing"]
    return keys


def _key(secret: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"perak-celuk sealing").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def init_app(app: Flask, secret: str, old: str = "") -> None:
    app.extensions["sealing"] = MultiFernet([_key(text) for text in (secret, old) if text])

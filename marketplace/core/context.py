"""The settings of the shop that is running, for services that must not know Flask."""

from __future__ import annotations

from typing import Any

from flask import current_app


def shop_setting(name: str) -> Any:
    """A field of the Config that the app was built with."""
    return getattr(current_app.config["SHOP"], name)

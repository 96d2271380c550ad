"""The cart listens to sign-ins."""

from __future__ import annotations

from typing import Any

from flask import Flask

from marketplace.accounts import postal
from marketplace.accounts.signals import signed_in
from marketplace.catalog import attributes, sizes
from marketplace.core.i18n import language

from . import services


def _merge(_sender: Any, *, user_id: int, session_id: int | None = None, **_more: Any) -> None:
    """What was gathered before signing in is not lost."""
    if session_id is not None:
        services.merge(session_id, user_id)


def init_app(app: Flask) -> None:
    signed_in.connect(_merge)
    app.jinja_env.globals.update(
        country_name=lambda code: postal.country_name(code, language()),
        fineness_text=attributes.fineness_text,
        unit_text=attributes.unit_text,
        size_text=sizes.long_label,
    )

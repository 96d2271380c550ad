"""The timers of orders, and the news that they listen to."""

from __future__ import annotations

from typing import Any

from flask import Flask

from marketplace.accounts.signals import email_confirmed
from marketplace.core.tasks import sweeper

from . import services


def _join(_sender: Any, *, user_id: int, email: str, **_more: Any) -> None:
    """A confirmed address brings its guest orders into the account."""
    services.join_account(user_id, email)


def init_app(app: Flask) -> None:
    sweeper("orders.delivered")(services.close_silent)
    sweeper("orders.due")(services.warn_workshops)
    email_confirmed.connect(_join)

"""What the workshop's pages have in common: they are bare of any market and speak the account's language."""

from __future__ import annotations

from flask import Blueprint, g
from flask_login import current_user


def work_blueprint(name: str, import_name: str, prefix: str) -> Blueprint:
    """A blueprint whose pages speak the language of the person who is signed in."""
    blueprint = Blueprint(name, import_name, url_prefix=prefix)
    blueprint.before_request(_speak)
    return blueprint


def _speak() -> None:
    if current_user.is_authenticated:
        g.locale = current_user.language


def workshop_id() -> int:
    """Of the person who is signed in; every query and service on these pages is limited to it."""
    return int(g.workshop.id)


def user_id() -> int:
    return int(current_user.id)

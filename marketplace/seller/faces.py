"""What the workshop's pages have in common: they are bare of any market and speak the account's language."""

from __future__ import annotations

from flask import Blueprint, g, request
from flask_login import current_user

from marketplace.core.errors import DomainError
from marketplace.core.forms import TOKEN_FIELD, is_token
from marketplace.core.i18n import lazy_gettext as _l


class PageTooOld(DomainError):
    message = _l("This page had been open for too long. Nothing was lost: send it once more.")


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


def has_token() -> bool:
    """Whether the form comes from a page of this session."""
    return is_token(request.form.get(TOKEN_FIELD))


def check_token() -> None:
    """To be called before a bare act changes anything; forms with fields check by themselves.

    Raises:
        PageTooOld: the form carries no token of this session.
    """
    if not has_token():
        raise PageTooOld

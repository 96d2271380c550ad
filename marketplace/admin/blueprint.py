"""What all pages of the back office share: the account's language, counts in the tabs, one way to act."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect
from flask.typing import ResponseReturnValue as Answer
from flask_login import current_user

from marketplace.core.errors import DomainError
from marketplace.messages.queries import reported_count
from marketplace.moderation.queries import today

__all__ = ["Answer", "acted", "back_office", "me"]


def back_office(name: str, noun: str = "") -> Blueprint:
    """A blueprint of pages under /admin/<noun>, in the language of the person who looks."""
    bp = Blueprint(name, f"marketplace.admin.{noun or 'home'}", url_prefix=f"/admin/{noun}".rstrip("/"))
    bp.before_request(_speak)
    bp.context_processor(_waiting)
    return bp


def _speak() -> None:
    g.locale = current_user.language


def _waiting() -> dict[str, object]:
    counts = today.counts()
    return {
        "waiting": {
            "applications": counts.applications,
            "listings": counts.listings,
            "disputes": counts.disputes,
            "talks": reported_count(),
        }
    }


def me() -> int:
    """The admin who acts."""
    return int(current_user.id)


def acted(act: Callable[[], object], said: str, back: str) -> Answer:
    """Do it, say what happened, and show the page as it stands now."""
    try:
        act()
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(said, "success")
    return redirect(back, 303)

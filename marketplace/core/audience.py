"""Who may call an endpoint: said on every one, checked before each request, or the app does not start."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from . import clock
from .markets import MARKETS

View = TypeVar("View", bound=Callable[..., Any])
FRESH_HOURS = 4  # an admin's act needs a sign-in (or the password again) within these hours
WORKSHOP_KEY = "workshop_id"  # in the session of somebody who works for several
CODE_MINUTES = 15  # a bank change needs the second factor within these minutes


class Audience(enum.StrEnum):
    PUBLIC = "public"  # anyone; opens no session; may be cached by anyone
    VISITOR = "visitor"  # anyone; may know the visitor; private and never stored
    BUYER = "buyer"  # signed in
    SELLER = "seller"  # signed in and a member of a workshop
    ADMIN = "admin"  # signed in and of the collective
    MACHINE = "machine"  # webhooks, health: no session, no language


class MissingAudience(Exception):
    """An endpoint declares no audience."""


def audience(
    who: Audience, *, fresh: bool = False, may: str = "", second_factor: bool = False
) -> Callable[[View], View]:
    """Mark a view. `fresh` asks for the password again when the sign-in is older than FRESH_HOURS.

    Admin endpoints ask for it on every unsafe method by themselves. `may` is the act that the member of a workshop
    must be allowed (workshops/roles.py); every seller's endpoint names one. `second_factor` leads who has none to set
    one up, and asks for the code when it was given longer than CODE_MINUTES ago.
    """

    def mark(view: View) -> View:
        view.audience = who  # type: ignore[attr-defined]
        view.needs_fresh = fresh  # type: ignore[attr-defined]
        view.act = may  # type: ignore[attr-defined]
        view.needs_second_factor = second_factor  # type: ignore[attr-defined]
        return view

    return mark


def audience_of(endpoint: str | None) -> Audience | None:
    view = current_app.view_functions.get(endpoint or "")
    return getattr(view, "audience", None)


def check_all(app: Flask) -> None:
    """Raises MissingAudience, naming every endpoint that does not say whom it is for, or which act it is."""
    views: dict[str, Any] = dict(app.view_functions)
    missing = sorted(name for name, view in views.items() if not hasattr(view, "audience"))
    if missing:
        raise MissingAudience("no audience declared: " + ", ".join(missing))
    nameless = sorted(name for name, view in views.items() if view.audience is Audience.SELLER and not view.act)
    if nameless:
        raise MissingAudience("no act declared: " + ", ".join(nameless))


def _signed_in() -> bool:
    return bool(current_user.is_authenticated)


def sign_in_first() -> Response:
    """To the sign-in page, and back to this page afterwards (to the start after a lost POST)."""
    back = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else ""
    return redirect(url_for("accounts.sign_in", next=back or None), 303)


def _freshness(view: Any, who: Audience) -> Response | None:
    unsafe = request.method not in ("GET", "HEAD", "OPTIONS")
    if not (view.needs_fresh or (who is Audience.ADMIN and unsafe)):
        return None
    signed_in_at = g.get("signed_in_at")
    if signed_in_at and (clock.now() - signed_in_at).total_seconds() < FRESH_HOURS * 3600:
        return None
    return _to("accounts.confirm_password")


def _to(endpoint: str) -> Response:
    """To a page of the account, in the person's own language where this page belongs to no market, and back."""
    is_bare = g.audience in (Audience.SELLER, Audience.ADMIN)
    values: dict[str, Any] = {"next": _back()}
    if is_bare:
        values["market"] = MARKETS["id"].prefix if current_user.language == "id" else ""
    return redirect(url_for(endpoint, **values), 303)


def _back() -> str | None:
    """The page to return to: this one, or the one whose form was sent."""
    is_safe = request.method in ("GET", "HEAD", "OPTIONS")
    return (request.full_path.rstrip("?") if is_safe else request.referrer) or None


def code_first() -> Response | None:
    """Where to send a person who has no second factor, or gave its code too long ago; None when all is well."""
    if not current_user.has_second_factor:
        return _to("account_second.show")
    given_at = g.get("second_factor_at")
    if given_at and (clock.now() - given_at).total_seconds() < CODE_MINUTES * 60:
        return None
    return _to("account_codes.confirm")


def _admit() -> Response | None:
    if request.endpoint is None:
        return None  # 404 and 405 speak for themselves
    view: Any = current_app.view_functions[request.endpoint]
    who: Audience = view.audience
    g.audience = who
    if who in (Audience.PUBLIC, Audience.VISITOR, Audience.MACHINE):
        return None
    if not _signed_in():
        return sign_in_first()
    if who is Audience.SELLER:
        g.workshop = own_workshop()
        if g.workshop is None or not g.workshop.may(view.act):
            abort(403)
        g.workshops_count = g.workshop.siblings + 1
    if who is Audience.ADMIN and not current_user.is_admin:
        abort(403)
    return _freshness(view, who) or (code_first() if view.needs_second_factor else None)


def own_workshop() -> Any:
    """The workshop that the person who is signed in has chosen to work for, or the first of theirs, or None."""
    return current_app.extensions["workshop_of"](int(current_user.id), session.get(WORKSHOP_KEY))


def init_app(app: Flask, workshop_of: Callable[[int, int | None], Any]) -> None:
    """`workshop_of(user_id, chosen)` gives what `g.workshop` is on a seller's pages, with `may(act)`, or None."""
    app.extensions["workshop_of"] = workshop_of
    app.before_request(_admit)

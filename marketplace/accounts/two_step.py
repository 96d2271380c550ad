"""Two-step sign-in: set up with the password and one right code, recovery codes shown once, turned off with both."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.links import safe_next
from marketplace.core.web import MarketBlueprint, client_address

from . import entry, sessions, totp
from .errors import SetUpOver, TooManyTries, WrongPassword
from .forms import CodeForm, ConfirmPasswordForm, NewCodesForm, TurnOffForm
from .services import second_factor
from .views import Answer

bp = MarketBlueprint("account_second", __name__, url_prefix="/account/security/two-step")
_MARK = "second_factor_mark"  # in the session that began a set-up: only it sees the secret


def _me() -> int:
    return int(current_user.id)


def _secret() -> str | None:
    try:
        return second_factor.secret_of(_me(), session.get(_MARK, ""))
    except SetUpOver:
        return None


def _page(**forms: Any) -> str:
    """What comes next: the password, the code of a new secret, or what can be done with one that is on."""
    secret = _secret()
    shown = next((form for form in forms.values() if form is not None), None)
    return render_template(
        "account/two_step.html",
        form=shown,
        is_on=current_user.has_second_factor,
        since=current_user.totp_confirmed_at,
        left=second_factor.codes_left(_me()),
        secret=secret,
        grouped=totp.grouped(secret) if secret else "",
        uri=totp.address(secret, current_user.email) if secret else "",
        password_form=forms.get("password_form") or ConfirmPasswordForm(formdata=None),
        code_form=forms.get("code_form") or CodeForm(formdata=None),
        renew_form=forms.get("renew_form") or NewCodesForm(formdata=None),
        off_form=forms.get("off_form") or TurnOffForm(formdata=None),
        next=safe_next(request.values.get("next"), ""),
    )


def _refused(form: Any, field: Any, error: DomainError, name: str) -> Answer:
    field.errors = [*field.errors, error.sentence]
    if isinstance(error, TooManyTries):
        return _page(**{name: form}), 429, {"Retry-After": str(error.seconds)}
    return _page(**{name: form}), 422


@bp.get("")
@audience(Audience.BUYER)
def show() -> str:
    return _page()


@bp.get("/set-up")
@bp.get("/confirmation")
@bp.get("/codes")
@bp.get("/removal")
@audience(Audience.BUYER)
def form_left() -> Response:
    """Where a form came back to with its errors: loaded anew, or in another language, it is the page again."""
    return redirect(url_for("account_second.show"), 303)


@bp.get("/qr.svg")
@audience(Audience.BUYER)
def qr_code() -> Response:
    """The secret as a picture, for the session that began the set-up."""
    secret = _secret()
    if secret is None:
        abort(404)
    return Response(totp.qr_code(totp.address(secret, current_user.email)), mimetype="image/svg+xml")


@bp.post("/set-up")
@audience(Audience.BUYER)
def begin() -> Answer:
    form = ConfirmPasswordForm()
    if not form.validate():
        return _page(password_form=form), 422
    try:
        session[_MARK] = second_factor.begin(_me(), form.password.data or "")
    except DomainError as error:
        return _refused(form, form.password, error, "password_form")
    target = safe_next(request.values.get("next"), "")
    return redirect(url_for("account_second.show", next=target or None, _anchor="code"), 303)


@bp.post("/confirmation")
@audience(Audience.BUYER)
def confirm() -> Answer:
    form = CodeForm()
    if not form.validate():
        return _page(code_form=form), 422
    try:
        codes = second_factor.confirm(_me(), session.get(_MARK, ""), form.code.data or "")
    except DomainError as error:
        return _refused(form, form.code, error, "code_form")
    session.pop(_MARK, None)
    sessions.confirm_second_factor(entry.current_session())
    return _codes_page(codes, is_new=True)


def _codes_page(codes: list[str], *, is_new: bool) -> str:
    """The answer to the POST itself: what is shown once is kept nowhere, not even until the next page."""
    target = safe_next(request.values.get("next"), "") or url_for("account_security.show")
    return render_template("account/recovery_codes.html", codes=codes, is_new=is_new, next=target)


@bp.post("/codes")
@audience(Audience.BUYER)
def renew() -> Answer:
    form = NewCodesForm()
    if not form.validate():
        return _page(renew_form=form), 422
    try:
        codes = second_factor.renew_codes(_me(), form.renew_code.data or "", client_address())
    except DomainError as error:
        return _refused(form, form.renew_code, error, "renew_form")
    return _codes_page(codes, is_new=False)


@bp.post("/removal")
@audience(Audience.BUYER)
def turn_off() -> Answer:
    form = TurnOffForm()
    if not form.validate():
        return _page(off_form=form), 422
    try:
        second_factor.turn_off(_me(), form.off_password.data or "", form.off_code.data or "", client_address())
    except DomainError as error:
        field = form.off_password if isinstance(error, WrongPassword) else form.off_code
        return _refused(form, field, error, "off_form")
    flash(_("Two-step sign-in is off."), "success")
    return redirect(url_for("account_security.show"), 303)

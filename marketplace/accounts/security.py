"""Sign-in and security: where one is signed in, the password, the email."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import ngettext
from marketplace.core.markets import current_market
from marketplace.core.web import MarketBlueprint, client_address

from . import entry, queries, services
from .errors import LinkDead, SameEmail, TooManyTries, WrongPassword
from .forms import ChangePasswordForm, NewEmailForm
from .models import LinkPurpose
from .services import second_factor
from .views import Answer

bp = MarketBlueprint("account_security", __name__, url_prefix="/account/security")


def _me() -> int:
    return int(current_user.id)


def _page(password_form: ChangePasswordForm | None = None, email_form: NewEmailForm | None = None) -> str:
    """Both forms stand on one page; the one that came back with errors is `form` for title and summary."""
    return render_template(
        "account/security.html",
        form=password_form or email_form,
        password_form=password_form or ChangePasswordForm(formdata=None),
        email_form=email_form or NewEmailForm(formdata=None),
        sessions=queries.sessions_of(_me(), entry.current_session_id()),
        person=queries.person(_me()),
        codes_left=second_factor.codes_left(_me()),
    )


def _code(error: DomainError) -> tuple[int, dict[str, str]]:
    return (429, {"Retry-After": str(error.seconds)}) if isinstance(error, TooManyTries) else (422, {})


@bp.get("")
@audience(Audience.BUYER)
def show() -> str:
    return _page()


@bp.get("/password")
@bp.get("/email")
@audience(Audience.BUYER)
def form_left() -> Response:
    """Where a form came back to with its errors: loaded anew, or in another language, it is the page again."""
    return redirect(url_for("account_security.show"), 303)


@bp.post("/password")
@audience(Audience.BUYER)
def change_password() -> Answer:
    form = ChangePasswordForm()
    if not form.validate():
        return _page(password_form=form), 422
    try:
        ended = services.change_password(
            _me(), form.current.data or "", form.new.data or "", session_id=entry.current_session_id()
        )
    except DomainError as error:
        field = form.current if isinstance(error, WrongPassword | TooManyTries) else form.new
        field.errors = [*field.errors, error.sentence]
        return _page(password_form=form), *_code(error)
    others = ngettext("%(num)s other device was signed out.", "%(num)s other devices were signed out.", ended)
    flash(_("Password changed.") + (f" {others}" if ended else ""), "success")
    return redirect(url_for("account_security.show"), 303)


@bp.post("/email")
@audience(Audience.BUYER)
def change_email() -> Answer:
    form = NewEmailForm()
    if not form.validate():
        return _page(email_form=form), 422
    try:
        services.ask_new_email(
            _me(),
            form.email.address,
            form.email_password.data or "",
            market_prefix=current_market().prefix,
            address=client_address(),
        )
    except DomainError as error:
        field = form.email if isinstance(error, SameEmail) else form.email_password
        field.errors = [*field.errors, error.sentence]
        return _page(email_form=form), *_code(error)
    flash(_("A link is on its way to the new address. Until you open it, the old one stays in use."), "success")
    return redirect(url_for("account_security.show"), 303)


@bp.get("/email/<token>")
@audience(Audience.VISITOR)
def new_email(token: str) -> Answer:
    try:
        link = services.look_at(token, LinkPurpose.NEW_EMAIL)
    except LinkDead:
        return _dead()
    return render_template("account/new_email.html", token=token, email=link.email)


@bp.post("/email/<token>")
@audience(Audience.VISITOR)
def confirm_new_email(token: str) -> Answer:
    entry.check_token()
    try:
        services.confirm_new_email(token)
    except LinkDead:
        return _dead()
    flash(_("Your new email is confirmed. Use it to sign in from now on."), "success")
    here = "account_security.show" if current_user.is_authenticated else "accounts.sign_in"
    return redirect(url_for(here), 303)


def _dead() -> Answer:
    return render_template("account/dead_link.html", again=url_for("account_security.show")), 410


@bp.post("/sessions/<int:session_id>/end")
@audience(Audience.BUYER)
def end_session(session_id: int) -> Response:
    entry.check_token()
    services.end_session(_me(), session_id)
    flash(_("That session has ended."), "success")
    return redirect(url_for("account_security.show"), 303)


@bp.post("/sessions/others/end")
@audience(Audience.BUYER)
def end_others() -> Response:
    entry.check_token()
    ended = services.end_other_sessions(_me(), session_id=entry.current_session_id())
    flash(ngettext("%(num)s other device was signed out.", "%(num)s other devices were signed out.", ended), "success")
    return redirect(url_for("account_security.show"), 303)

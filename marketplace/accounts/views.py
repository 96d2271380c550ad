"""The door: sign in, sign up, confirm, reset. Pages for anyone, private and never stored."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience, own_workshop
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language
from marketplace.core.links import safe_next
from marketplace.core.markets import current_market
from marketplace.core.web import MarketBlueprint, client_address

from . import entry, services, sessions
from .errors import LinkDead, TooManyTries
from .forms import ConfirmPasswordForm, EmailForm, NewPasswordForm, SignInForm, SignUpForm
from .models import LinkPurpose
from .services import SignUp

bp = MarketBlueprint("accounts", __name__)
Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


def form_again(template: str, form: Any, error: DomainError | None = None, field: str = "", **facts: Any) -> Answer:
    """The form with what is wrong: 422, or 429 with the time to wait."""
    if error is not None:
        place = form[field] if field else form
        if field:
            place.errors = [*place.errors, error.sentence]
        else:
            form.form_errors = [*form.form_errors, error.sentence]
    page = render_template(template, form=form, **facts)
    if isinstance(error, TooManyTries):
        return page, 429, {"Retry-After": str(error.seconds)}
    return page, 422


def _here() -> dict[str, str]:
    """Whom a mail to a stranger speaks to: in this page's language, in this page's market, counted by address."""
    return {"language": language(), "market_prefix": current_market().prefix, "address": client_address()}


@bp.get("/sign-in")
@audience(Audience.VISITOR)
def sign_in() -> Answer:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next"), url_for("accounts.home")), 303)
    return _sign_in_page(SignInForm())


def _sign_in_page(form: SignInForm) -> str:
    sent = request.args.get("sent") == "1"
    return render_template("account/sign_in.html", form=form, next=safe_next(request.values.get("next"), ""), sent=sent)


@bp.post("/sign-in")
@audience(Audience.VISITOR)
def sign_in_submit() -> Answer:
    if request.form.get("link"):
        return _send_sign_in_link()
    form = SignInForm()
    target = safe_next(request.values.get("next"), "")
    if not form.validate():
        return form_again("account/sign_in.html", form, next=target, sent=False)
    try:
        user_id = services.authenticate(form.address, form.password.data or "", client_address())
    except DomainError as error:
        return form_again("account/sign_in.html", form, error, next=target, sent=False)
    return redirect(entry.come_in(user_id, target or url_for("accounts.home")), 303)


def _send_sign_in_link() -> Answer:
    form, target = EmailForm(), safe_next(request.values.get("next"), "")
    shown = SignInForm()
    if not form.validate():
        shown.email.errors = form.email.errors
        return form_again("account/sign_in.html", shown, next=target, sent=False)
    try:
        services.ask_sign_in_link(form.email.address, **_here())
    except DomainError as error:
        return form_again("account/sign_in.html", shown, error, next=target, sent=False)
    return redirect(url_for("accounts.sign_in", sent=1), 303)


@bp.get("/sign-in/<token>")
@audience(Audience.VISITOR)
def sign_in_link(token: str) -> Answer:
    return _link_page("account/sign_in_link.html", token, LinkPurpose.SIGN_IN, url_for("accounts.sign_in"))


@bp.post("/sign-in/<token>")
@audience(Audience.VISITOR)
def sign_in_link_submit(token: str) -> Answer:
    entry.check_token()
    try:
        user_id = services.sign_in_by_link(token)
    except LinkDead:
        return _dead_link(url_for("accounts.sign_in"))
    return redirect(entry.come_in(user_id, url_for("accounts.home")), 303)


def _link_page(template: str, token: str, purpose: LinkPurpose, again: str, **facts: Any) -> Answer:
    """What a link leads to: a page with a button, because opening it must change nothing."""
    try:
        link = services.look_at(token, purpose)
    except LinkDead:
        return _dead_link(again)
    return render_template(template, token=token, email=link.email, **facts)


def _dead_link(again: str) -> Answer:
    return render_template("account/dead_link.html", again=again), 410


@bp.post("/sign-out")
@audience(Audience.VISITOR)
def sign_out() -> Response:
    entry.check_token()
    entry.leave()
    return redirect(url_for("catalog.home"), 303)


@bp.get("/sign-up")
@audience(Audience.VISITOR)
def sign_up() -> Answer:
    if current_user.is_authenticated:
        return redirect(url_for("accounts.home"), 303)
    form = SignUpForm()
    form.start()
    return render_template("account/sign_up.html", form=form)


@bp.post("/sign-up")
@audience(Audience.VISITOR)
def sign_up_submit() -> Answer:
    form = SignUpForm()
    if not form.validate():
        return form_again("account/sign_up.html", form)
    wish = SignUp(
        email=form.email.address,
        password=form.password.data or "",
        full_name=" ".join((form.name.data or "").split()),
        language=language(),
        market_prefix=current_market().prefix,
    )
    try:
        services.sign_up(wish, address=client_address(), quick=form.is_quick)
    except DomainError as error:
        return form_again("account/sign_up.html", form, error, "" if isinstance(error, TooManyTries) else "password")
    return redirect(url_for("accounts.sign_up_sent"), 303)


@bp.get("/sign-up/sent")
@audience(Audience.VISITOR)
def sign_up_sent() -> str:
    return render_template("account/sign_up_sent.html")


@bp.get("/confirm/<token>")
@audience(Audience.VISITOR)
def confirm(token: str) -> Answer:
    return _link_page("account/confirm.html", token, LinkPurpose.CONFIRM, url_for("accounts.sign_up"))


@bp.post("/confirm/<token>")
@audience(Audience.VISITOR)
def confirm_submit(token: str) -> Answer:
    entry.check_token()
    try:
        user_id = services.confirm(token)
    except LinkDead:
        return _dead_link(url_for("accounts.sign_up"))
    entry.enter(user_id)
    flash(_("Your email is confirmed and your account is ready."), "success")
    return redirect(url_for("accounts.home"), 303)


@bp.get("/reset")
@audience(Audience.VISITOR)
def reset() -> str:
    return render_template("account/reset.html", form=EmailForm(), sent=request.args.get("sent") == "1")


@bp.post("/reset")
@audience(Audience.VISITOR)
def reset_submit() -> Answer:
    form = EmailForm()
    if not form.validate():
        return form_again("account/reset.html", form, sent=False)
    try:
        services.ask_reset(form.email.address, **_here())
    except DomainError as error:
        return form_again("account/reset.html", form, error, sent=False)
    return redirect(url_for("accounts.reset", sent=1), 303)


@bp.get("/reset/<token>")
@audience(Audience.VISITOR)
def reset_new(token: str) -> Answer:
    again = url_for("accounts.reset")
    return _link_page("account/reset_new.html", token, LinkPurpose.RESET, again, form=NewPasswordForm())


@bp.post("/reset/<token>")
@audience(Audience.VISITOR)
def reset_new_submit(token: str) -> Answer:
    form = NewPasswordForm()
    try:
        email = services.look_at(token, LinkPurpose.RESET).email
        if not form.validate():
            return form_again("account/reset_new.html", form, token=token, email=email)
        user_id = services.reset(token, form.password.data or "")
    except LinkDead:
        return _dead_link(url_for("accounts.reset"))
    except DomainError as error:
        return form_again("account/reset_new.html", form, error, "password", token=token, email=email)
    inside = entry.come_in(user_id, url_for("accounts.home"))
    flash(_("Your new password is set. Every other device was signed out."), "success")
    return redirect(inside, 303)


@bp.get("/confirm-password")
@audience(Audience.BUYER)
def confirm_password() -> Answer:
    target = safe_next(request.args.get("next"), "")
    return render_template("account/confirm_password.html", form=ConfirmPasswordForm(), next=target)


@bp.post("/confirm-password")
@audience(Audience.BUYER)
def confirm_password_submit() -> Answer:
    form, target = ConfirmPasswordForm(), safe_next(request.values.get("next"), "")
    if not form.validate():
        return form_again("account/confirm_password.html", form, next=target)
    try:
        services.prove_password(int(current_user.id), form.password.data or "")
    except DomainError as error:
        field = "" if isinstance(error, TooManyTries) else "password"
        return form_again("account/confirm_password.html", form, error, field, next=target)
    sessions.confirm_password(entry.current_session())
    return redirect(target or url_for("accounts.home"), 303)


@bp.get("/account")
@audience(Audience.BUYER)
def home() -> Response:
    """Everybody's own start: the back office, the workshop, an invitation to one, or the orders."""
    if current_user.is_admin:
        return redirect(url_for("admin.home"), 303)
    if own_workshop() is not None:
        return redirect(url_for("seller.home"), 303)
    invitation = current_app.extensions["invitation_to"](int(current_user.id))
    if invitation is not None:
        return redirect(url_for("invitations.show", token=invitation), 303)
    return redirect(url_for("account_orders.index"), 303)

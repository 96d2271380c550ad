"""The code from the phone, asked: as the second step of signing in, and once more before a bank change."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.links import safe_next
from marketplace.core.web import MarketBlueprint, client_address

from . import entry, sessions
from .errors import TooManyTries
from .forms import CodeForm
from .services import second_factor
from .views import Answer, form_again

bp = MarketBlueprint("account_codes", __name__)


@bp.get("/sign-in/code")
@audience(Audience.VISITOR)
def sign_in() -> Answer:
    """After the right password, or a link: the code. Nobody is signed in before it."""
    if entry.waiting() is None:
        return redirect(url_for("accounts.sign_in"), 303)
    return render_template("account/second_step.html", form=CodeForm(), by_recovery=_by_recovery())


@bp.post("/sign-in/code")
@audience(Audience.VISITOR)
def sign_in_submit() -> Answer:
    form, who = CodeForm(), entry.waiting()
    if who is None:
        flash(_("That took too long. Sign in once more."), "error")
        return redirect(url_for("accounts.sign_in"), 303)
    if not form.validate():
        return form_again("account/second_step.html", form, by_recovery=_by_recovery())
    try:
        second_factor.give_code(who.user_id, form.code.data or "", client_address())
    except DomainError as error:
        field = "" if isinstance(error, TooManyTries) else "code"
        return form_again("account/second_step.html", form, error, field, by_recovery=_by_recovery())
    entry.enter(who.user_id, second_factor_given=True)
    return redirect(who.target, 303)


def _by_recovery() -> bool:
    """Digits bring up the phone's number keys; a recovery code has letters."""
    return request.args.get("with") == "recovery"


@bp.get("/confirm-code")
@audience(Audience.BUYER)
def confirm() -> Answer:
    """Before a bank change: the code once more."""
    target = safe_next(request.args.get("next"), "")
    if not current_user.has_second_factor:
        return redirect(url_for("account_second.show", next=target or None), 303)
    return render_template("account/confirm_code.html", form=CodeForm(), next=target, by_recovery=_by_recovery())


@bp.post("/confirm-code")
@audience(Audience.BUYER)
def confirm_submit() -> Answer:
    form, target = CodeForm(), safe_next(request.values.get("next"), "")
    if not form.validate():
        return form_again("account/confirm_code.html", form, next=target, by_recovery=_by_recovery())
    try:
        second_factor.give_code(int(current_user.id), form.code.data or "", client_address())
    except DomainError as error:
        field = "" if isinstance(error, TooManyTries) else "code"
        return form_again("account/confirm_code.html", form, error, field, next=target, by_recovery=_by_recovery())
    sessions.confirm_second_factor(entry.current_session())
    return redirect(target or url_for("accounts.home"), 303)

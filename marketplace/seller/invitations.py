"""The link of an invitation: shows what it offers, and makes a member of who owns the mailbox and says yes.

Anybody may open it; signing in or up comes next, with the address that it went to. What it says never depends on
whether that address has an account.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts.entry import check_token
from marketplace.core.audience import WORKSHOP_KEY, Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.core.web import MarketBlueprint
from marketplace.workshops.queries import people as queries
from marketplace.workshops.roles import may_in_words, name_of
from marketplace.workshops.services import people as services

bp = MarketBlueprint("invitations", __name__, url_prefix="/invitations")
Page = Response | str | tuple[str, int]


@bp.get("/<token>")
@audience(Audience.VISITOR)
def show(token: str) -> Page:
    offer = queries.offer(token)
    if offer is None:
        return _dead()
    return _page(token, offer)


def _page(token: str, offer: queries.OfferView) -> str:
    is_in = bool(current_user.is_authenticated)
    facts: dict[str, Any] = {
        "offer": offer,
        "token": token,
        "is_in": is_in,
        "is_theirs": is_in and current_user.email == offer.email,
        "role": name_of(offer.role),
        "may": may_in_words(offer.role),
    }
    return render_template("seller/invitation.html", **facts)


def _dead() -> tuple[str, int]:
    return render_template("seller/invitation_dead.html"), 410


@bp.post("/<token>")
@audience(Audience.BUYER)
def accept(token: str) -> Page:
    check_token()
    try:
        workshop_id = services.accept(token, int(current_user.id))
    except services.InvitationDead:
        return _dead()
    except services.NotForYou:
        return _not_theirs(token)
    session[WORKSHOP_KEY] = workshop_id
    flash(_("Welcome to the workshop."), "success")
    return redirect(url_for("seller.home"), 303)


def _not_theirs(token: str) -> Page:
    offer = queries.offer(token)
    return _dead() if offer is None else (_page(token, offer), 403)


@bp.post("/<token>/refusal")
@audience(Audience.BUYER)
def decline(token: str) -> Page:
    check_token()
    try:
        services.decline(token, int(current_user.id))
    except services.InvitationDead:
        return _dead()
    except services.NotForYou:
        return _not_theirs(token)
    flash(_("Declined. The workshop can invite you again."), "success")
    return redirect(url_for("accounts.home"), 303)

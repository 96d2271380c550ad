"""What the buyer's pages of a talk share: by account and by an order's link they look and work alike."""

from __future__ import annotations

from flask import g, render_template, request
from flask_login import current_user

from marketplace.core import clock
from marketplace.core.audience import Audience
from marketplace.core.web import MarketBlueprint
from marketplace.messages import access, queries
from marketplace.messages.forms import MessageForm, ReportForm
from marketplace.messages.models import Side
from marketplace.messages.queries import Talk
from marketplace.messages.sending import Door

from .caching import shown

bp = MarketBlueprint("talk", __name__)


def page(
    talk: Talk,
    door: Door,
    form: MessageForm | None = None,
    *,
    report: ReportForm | None = None,
    text: str = "",
    status: int = 200,
) -> tuple[str, int]:
    html = render_template(
        "messages/thread.html",
        talk=talk,
        door=door,
        form=form or MessageForm(formdata=None, data={"text": text}),
        report=report or ReportForm(formdata=None),
        price=_price(talk),
        rows=_others(talk),
        now=clock.now(),
    )
    return html, status


def fragment(talk: Talk, door: Door) -> tuple[str, int]:
    """The messages anew, or nothing when they are as the page shows them."""
    if request.form.get("state") == talk.state(Side.BUYER):
        return "", 204
    return render_template("messages/_says.html", talk=talk, door=door, mine="buyer"), 200


def _price(talk: Talk) -> object:
    subject = talk.subject
    if not subject.is_public or subject.price_idr is None:
        return None
    return shown().price(subject.price_idr)


def _others(talk: Talk) -> list[queries.ThreadRow]:
    """The list beside the talk, for who has one."""
    if not current_user.is_authenticated:
        return []
    return list(queries.talks_of(access.buyer(int(current_user.id))).rows)


def template_globals() -> dict[str, object]:
    return {"unread_messages": _unread}


def _unread() -> int:
    """Of the buyer who is signed in, on pages that may know it; read once for a page."""
    if g.get("audience") in (None, Audience.PUBLIC) or not current_user.is_authenticated:
        return 0
    if "unread_messages" not in g:
        g.unread_messages = queries.unread_count(access.buyer(int(current_user.id)))
    return int(g.unread_messages)


bp.app_context_processor(template_globals)

"""A buyer's talks with workshops: the list, one of them, and the question about a piece that begins one."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import NotFound
from marketplace.core.i18n import gettext as _
from marketplace.messages import access, queries, sending, services
from marketplace.messages.access import Hand
from marketplace.messages.forms import MessageForm, ReportForm
from marketplace.messages.queries import Talk
from marketplace.messages.sending import SENT, Door

from . import acts, talk_order, talking
from .talking import bp

__all__ = ["bp", "talk_order"]
Answer = str | Response | tuple[str, int]
DRAFT = "kept:ask"  # what a stranger typed before the sign-in: which piece, and the words


def _me() -> Hand:
    return access.buyer(int(current_user.id))


def _mine(thread_id: int) -> Talk:
    talk = queries.talk(_me(), thread_id, sending.before())
    if talk is None:
        raise NotFound("Thread", thread_id)
    return talk


def _door(thread_id: int) -> Door:
    return Door(
        here=url_for("talk.show", thread_id=thread_id),
        look=url_for("talk.look", thread_id=thread_id),
        report=url_for("talk.report", thread_id=thread_id),
        photo=lambda photo_id, size: url_for("talk.photo", thread_id=thread_id, photo_id=photo_id, size=size),
    )


@bp.get("/account/messages")
@audience(Audience.BUYER)
def index() -> Answer:
    return render_template("messages/index.html", page=queries.talks_of(_me(), request.args.get("after")))


@bp.get("/account/messages/<int:thread_id>")
@audience(Audience.BUYER)
def show(thread_id: int) -> Answer:
    talk = _mine(thread_id)
    return talking.page(talk, _door(thread_id), text=_typed_before(talk.subject.listing_id))


@bp.post("/account/messages/<int:thread_id>")
@audience(Audience.BUYER)
def send(thread_id: int) -> Answer:
    talk, form = _mine(thread_id), MessageForm()
    status = sending.send(form, _me(), lambda words, at: services.write(_me(), thread_id, words, address=at))
    if status != SENT:
        return talking.page(talk, _door(thread_id), form, status=status)
    return _sent(thread_id)


@bp.post("/account/messages/<int:thread_id>/look")
@audience(Audience.BUYER)
def look(thread_id: int) -> Answer:
    """The page says that it is being looked at, and gets what is new."""
    if not acts.is_ours():
        return "", 403
    services.look(_me(), thread_id)
    return _looked(_mine(thread_id), _door(thread_id))


@bp.post("/account/messages/<int:thread_id>/report")
@audience(Audience.BUYER)
def report(thread_id: int) -> Answer:
    talk, form = _mine(thread_id), ReportForm()
    if not form.validate():
        return talking.page(talk, _door(thread_id), report=form, status=422)
    services.report(_me(), thread_id, form.reason.data or "")
    flash(_("Thank you. The collective has been told and looks at this talk."), "success")
    return redirect(url_for("talk.show", thread_id=thread_id), 303)


@bp.get("/account/messages/<int:thread_id>/photos/<int:photo_id>")
@audience(Audience.BUYER)
def photo(thread_id: int, photo_id: int) -> Answer:
    return sending.photo_answer(*queries.photo_of(_me(), thread_id, photo_id, sending.width()))


@bp.get("/messages/piece/<int:listing_id>")
@audience(Audience.VISITOR)
def piece(listing_id: int) -> Answer:
    known = _about(listing_id)
    if known is not None and known.id is not None:
        return redirect(url_for("talk.show", thread_id=known.id), 303)
    return _unbegun(listing_id, text=_typed_before(listing_id))


@bp.post("/messages/piece/<int:listing_id>")
@audience(Audience.VISITOR)
def ask(listing_id: int) -> Answer:
    form = MessageForm()
    if not current_user.is_authenticated:
        return _sign_in_first(listing_id, form)
    asked: list[int] = []
    status = sending.send(
        form, _me(), lambda words, at: asked.append(services.ask(_me(), listing_id, words, address=at))
    )
    return _sent(asked[0]) if status == SENT else _unbegun(listing_id, form, status=status)


def _about(listing_id: int) -> Talk | None:
    return queries.of_key(_me(), (None, listing_id)) if current_user.is_authenticated else None


def _unbegun(listing_id: int, form: MessageForm | None = None, **more: Any) -> Answer:
    talk = queries.about_piece(listing_id)
    door = Door(url_for("talk.ask", listing_id=listing_id), photo=lambda _photo, _size: "")
    return talking.page(talk, door, form, **more)


def _sign_in_first(listing_id: int, form: MessageForm) -> Answer:
    """What was typed waits in the visitor's session; signed in, it stands in the box again."""
    if not form.validate():
        return _unbegun(listing_id, form, status=422)
    queries.about_piece(listing_id)  # a question about nothing is not kept
    session[DRAFT] = {"listing": listing_id, "text": form.text.data or ""}
    flash(_("Sign in to send your message. What you wrote is kept."), "info")
    return redirect(url_for("accounts.sign_in", next=url_for("talk.piece", listing_id=listing_id)), 303)


def _typed_before(listing_id: int | None) -> str:
    draft = session.get(DRAFT)
    return str(draft["text"]) if draft and listing_id is not None and draft["listing"] == listing_id else ""


def _sent(thread_id: int) -> Response:
    if session.get(DRAFT):
        session.pop(DRAFT)
    flash(_("Sent. The answer comes here and to your email."), "success")
    return redirect(url_for("talk.show", thread_id=thread_id), 303)


def _looked(talk: Talk, door: Door) -> Answer:
    """A page without script sends a button's form, and goes back."""
    return talking.fragment(talk, door) if "state" in request.form else redirect(door.here, 303)

"""Talks with buyers: what waits for an answer, one talk with its ready-made answers, and what home says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.messages import access, queries, sending, services
from marketplace.messages.access import Hand
from marketplace.messages.forms import MessageForm, ReportForm
from marketplace.messages.models import Side
from marketplace.messages.queries import Saying, Talk, ThreadRow
from marketplace.messages.replies import Reply
from marketplace.messages.sending import SENT, Door
from marketplace.workshops.roles import Act

from . import words
from .faces import PageTooOld, has_token, user_id, work_blueprint, workshop_id

bp = work_blueprint("seller_talk", __name__, "/seller/messages")
Page = str | Response | tuple[str, int]
ON_HOME = 2


def _hand() -> Hand:
    return access.member(workshop_id(), user_id())


def _own(thread_id: int) -> Talk:
    return queries.talk(_hand(), thread_id, sending.before()) or abort(404)


def _door(thread_id: int) -> Door:
    return Door(
        here=url_for(".show", thread_id=thread_id),
        look=url_for(".look", thread_id=thread_id),
        report=url_for(".report", thread_id=thread_id),
        photo=lambda photo_id, size: url_for(".photo", thread_id=thread_id, photo_id=photo_id, size=size),
    )


@bp.get("/")
@audience(Audience.SELLER, may=Act.TALK)
def index() -> Page:
    after = request.args.get("after")
    waiting = [] if after else queries.waiting(_hand())
    return render_template("seller/messages.html", waiting=waiting, page=queries.answered(_hand(), after), words=words)


@bp.get("/<int:thread_id>")
@audience(Audience.SELLER, may=Act.TALK)
def show(thread_id: int) -> Page:
    return _page(_own(thread_id), _door(thread_id))


@bp.post("/<int:thread_id>")
@audience(Audience.SELLER, may=Act.TALK)
def send(thread_id: int) -> Page:
    talk, form = _own(thread_id), MessageForm()
    if _wants_reply():
        return _with_reply(talk, _door(thread_id), form)
    status = sending.send(form, _hand(), lambda text, at: services.write(_hand(), thread_id, text, address=at))
    if status != SENT:
        return _page(talk, _door(thread_id), form, status=status)
    flash(_("Sent. The buyer gets it by email too."), "success")
    return redirect(url_for(".show", thread_id=thread_id), 303)


@bp.post("/<int:thread_id>/look")
@audience(Audience.SELLER, may=Act.TALK)
def look(thread_id: int) -> Page:
    """The page says that it is being looked at, and gets what is new."""
    if not has_token():
        return "", 403
    services.look(_hand(), thread_id)
    talk, door = _own(thread_id), _door(thread_id)
    if "state" not in request.form:
        return redirect(door.here, 303)
    if request.form["state"] == talk.state(Side.WORKSHOP):
        return "", 204
    return render_template("messages/_says.html", talk=talk, door=door, mine="workshop", **_facts(talk))


@bp.post("/<int:thread_id>/report")
@audience(Audience.SELLER, may=Act.TALK)
def report(thread_id: int) -> Page:
    talk, form = _own(thread_id), ReportForm()
    if not form.validate():
        return _page(talk, _door(thread_id), report=form, status=422)
    services.report(_hand(), thread_id, form.reason.data or "")
    flash(_("Thank you. The collective has been told and looks at this talk."), "success")
    return redirect(url_for(".show", thread_id=thread_id), 303)


@bp.get("/<int:thread_id>/photos/<int:photo_id>")
@audience(Audience.SELLER, may=Act.TALK)
def photo(thread_id: int, photo_id: int) -> Page:
    return sending.photo_answer(*queries.photo_of(_hand(), thread_id, photo_id, sending.width()))


@bp.get("/order/<int:seller_order_id>")
@audience(Audience.SELLER, may=Act.TALK)
def order(seller_order_id: int) -> Page:
    known = queries.of_key(_hand(), (seller_order_id, None))
    if known is not None and known.id is not None:
        return redirect(url_for(".show", thread_id=known.id), 303)
    return _page(queries.about_part(_hand(), seller_order_id), _new_door(seller_order_id))


@bp.post("/order/<int:seller_order_id>")
@audience(Audience.SELLER, may=Act.TALK)
def begin(seller_order_id: int) -> Page:
    talk, form = queries.about_part(_hand(), seller_order_id), MessageForm()
    if _wants_reply():
        return _with_reply(talk, _new_door(seller_order_id), form)
    begun: list[int] = []
    status = sending.send(
        form,
        _hand(),
        lambda text, at: begun.append(services.write_about_order(_hand(), seller_order_id, text, address=at)),
    )
    if status != SENT:
        return _page(talk, _new_door(seller_order_id), form, status=status)
    flash(_("Sent. The buyer gets it by email too."), "success")
    return redirect(url_for(".show", thread_id=begun[0]), 303)


def _new_door(seller_order_id: int) -> Door:
    return Door(url_for(".begin", seller_order_id=seller_order_id), photo=lambda _photo, _size: "")


def _wants_reply() -> bool:
    """Without script a ready-made answer is a button that brings the page back with the words in the box."""
    return "use" in request.form


def _with_reply(talk: Talk, door: Door, form: MessageForm) -> Page:
    replies, chosen = queries.replies_of(workshop_id()), request.form["use"]
    if not has_token():
        form.text.errors = [*form.text.errors, PageTooOld().sentence]
        return _page(talk, door, form, status=422)
    if chosen.isascii() and chosen.isdigit() and int(chosen[:4]) < len(replies):
        reply = replies[int(chosen[:4])].speaking(talk.buyer_language)
        form.text.data = "\n\n".join(part for part in (form.text.data, reply) if part)
    return _page(talk, door, form)


def _page(
    talk: Talk,
    door: Door,
    form: MessageForm | None = None,
    *,
    report: ReportForm | None = None,
    status: int = 200,
) -> Page:
    html = render_template(
        "seller/thread.html",
        talk=talk,
        door=door,
        form=form or MessageForm(formdata=None),
        report=report or ReportForm(formdata=None),
        words=words,
        **_facts(talk),
    )
    return html, status


def _facts(talk: Talk) -> dict[str, Any]:
    replies = queries.replies_of(workshop_id())
    return {"replies": replies, "pairs": _pairs(talk.sayings, replies, talk.buyer_language)}


def _pairs(sayings: Sequence[Saying], replies: Sequence[Reply], buyer_language: str) -> dict[int, str]:
    """Of each message that is a ready-made answer as it stands: what it says in the other language."""
    other = "en" if buyer_language == "id" else "id"
    known = {reply.speaking(buyer_language): reply.speaking(other) for reply in replies}
    return {
        saying.id: known[saying.text]
        for saying in sayings
        if saying.side is Side.WORKSHOP and known.get(saying.text, saying.text) != saying.text
    }


def _unread() -> int:
    """How many talks hold something new, on the pages of a member who may talk; read once for a page."""
    workshop = g.get("workshop")
    if workshop is None or not workshop.may(Act.TALK):
        return 0
    if "unread_talks" not in g:
        g.unread_talks = queries.unread_of(workshop.id)
    return int(g.unread_talks)


def _on_home() -> list[ThreadRow]:
    """The few that have waited longest."""
    return queries.waiting(_hand(), ON_HOME) if g.workshop.may(Act.TALK) else []


@bp.app_context_processor
def _globals() -> dict[str, Any]:
    return {"unread_talks": _unread, "talks_on_home": _on_home}

"""The talk about one workshop's part of an order, by the order's own link: a guest has no account."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
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
from marketplace.orders import queries as orders

from . import acts, talking
from .talking import bp

Answer = str | Response | tuple[str, int]
_ADDRESS = "/orders/<token>/<int:seller_order_id>/messages"


def _hand(token: str) -> Hand:
    """The order's link opens its talk to whoever holds it; who is signed in and bought it writes under that name."""
    order = orders.by_token(token)
    if order is None:
        raise NotFound("Order", token)
    signed_in = int(current_user.id) if current_user.is_authenticated else None
    return access.guest(token, signed_in if signed_in == order.user_id else None)


def _talk(hand: Hand, seller_order_id: int) -> Talk:
    key = (seller_order_id, None)
    return queries.of_key(hand, key, sending.before()) or queries.about_part(hand, seller_order_id)


def _begun(hand: Hand, seller_order_id: int) -> int:
    """The number of the talk, which was begun before."""
    talk = queries.of_key(hand, (seller_order_id, None))
    if talk is None or talk.id is None:
        raise NotFound("Thread", seller_order_id)
    return talk.id


def _door(token: str, seller_order_id: int) -> Door:
    place: dict[str, Any] = {"token": token, "seller_order_id": seller_order_id}
    return Door(
        here=url_for("talk.order", **place),
        look=url_for("talk.order_look", **place),
        report=url_for("talk.order_report", **place),
        photo=lambda photo_id, size: url_for("talk.order_photo", **place, photo_id=photo_id, size=size),
    )


@bp.get(_ADDRESS)
@audience(Audience.VISITOR)
def order(token: str, seller_order_id: int) -> Answer:
    return talking.page(_talk(_hand(token), seller_order_id), _door(token, seller_order_id))


@bp.post(_ADDRESS)
@audience(Audience.VISITOR)
def write(token: str, seller_order_id: int) -> Answer:
    hand, form = _hand(token), MessageForm()
    talk = _talk(hand, seller_order_id)
    status = sending.send(
        form, hand, lambda words, at: services.write_about_order(hand, seller_order_id, words, address=at)
    )
    if status != SENT:
        return talking.page(talk, _door(token, seller_order_id), form, status=status)
    flash(_("Sent. The answer comes here and to your email."), "success")
    return _back(token, seller_order_id)


@bp.post(f"{_ADDRESS}/look")
@audience(Audience.VISITOR)
def order_look(token: str, seller_order_id: int) -> Answer:
    if not acts.is_ours():
        return "", 403
    hand = _hand(token)
    services.look(hand, _begun(hand, seller_order_id))
    if "state" not in request.form:
        return _back(token, seller_order_id)
    return talking.fragment(_talk(hand, seller_order_id), _door(token, seller_order_id))


@bp.post(f"{_ADDRESS}/report")
@audience(Audience.VISITOR)
def order_report(token: str, seller_order_id: int) -> Answer:
    hand, form = _hand(token), ReportForm()
    thread_id = _begun(hand, seller_order_id)
    if not form.validate():
        return talking.page(_talk(hand, seller_order_id), _door(token, seller_order_id), report=form, status=422)
    services.report(hand, thread_id, form.reason.data or "")
    flash(_("Thank you. The collective has been told and looks at this talk."), "success")
    return _back(token, seller_order_id)


@bp.get(f"{_ADDRESS}/photos/<int:photo_id>")
@audience(Audience.VISITOR)
def order_photo(token: str, seller_order_id: int, photo_id: int) -> Answer:
    hand = _hand(token)
    return sending.photo_answer(*queries.photo_of(hand, _begun(hand, seller_order_id), photo_id, sending.width()))


def _back(token: str, seller_order_id: int) -> Response:
    return redirect(url_for("talk.order", token=token, seller_order_id=seller_order_id), 303)

"""A message's copy by mail, in its reader's language; queued in the transaction that writes the message."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.core.i18n import speaking
from marketplace.core.markets import MARKETS, WORLD
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail
from marketplace.orders.models import Order, SellerOrder
from marketplace.workshops.models import Workshop

from .models import Message, Side, Thread
from .queries.subjects import NOTHING, subjects
from .words import buyer_name


def tell_other_side(thread: Thread, message: Message, photo_count: int) -> None:
    if message.side is Side.BUYER:
        _to_workshop(thread, message, photo_count)
    else:
        _to_buyer(thread, message, photo_count)


def _to_workshop(thread: Thread, message: Message, photo_count: int) -> None:
    """A workshop without an address reads its messages on its own pages."""
    workshop = db.session.get_one(Workshop, thread.workshop_id)
    if not workshop.email:
        return
    with speaking(workshop.language):
        facts = {
            "name": _buyer(thread),
            "link": links.absolute("seller_talk.show", thread_id=thread.id),
            **_facts(thread, message, photo_count),
        }
    _queue(workshop.email, workshop.language, message, facts)


def _to_buyer(thread: Thread, message: Message, photo_count: int) -> None:
    """About an order to its own address, with its link, which needs no account; about a piece to the account's."""
    order = _order(thread)
    workshop = db.session.get_one(Workshop, thread.workshop_id)
    if order is not None:
        to, language = order.email, order.language
        prefix = MARKETS.get(order.market, WORLD).prefix
        link = links.absolute("talk.order", prefix, token=order.token, seller_order_id=thread.seller_order_id)
    else:
        user = db.session.get_one(User, thread.user_id)
        if not user.is_active:
            return
        to, language = user.email, user.language
        link = links.absolute("talk.show", links.prefix_of(language), thread_id=thread.id)
    with speaking(language):
        facts = {"name": workshop.name, "link": link, **_facts(thread, message, photo_count)}
    _queue(to, language, message, facts)


def tell_admins(thread: Thread) -> None:
    for admin in db.session.scalars(sa.select(User).where(User.is_admin, User.disabled_at.is_(None)).order_by(User.id)):
        with speaking(admin.language):
            facts = {
                "workshop": db.session.get_one(Workshop, thread.workshop_id).name,
                "name": _buyer(thread),
                "by_workshop": thread.reported_side is Side.WORKSHOP,
                "reason": thread.report_reason,
                "link": links.absolute("admin_talk.show", thread_id=thread.id),
            }
        moment = int(thread.reported_at.timestamp()) if thread.reported_at else 0
        key = f"talk_reported:{thread.id}:{moment}:{admin.id}"
        queue_mail("talk_reported", to=admin.email, language=admin.language, key=key, context=facts)


def _queue(to: str, language: str, message: Message, facts: dict[str, Any]) -> None:
    queue_mail("message_new", to=to, language=language, key=f"message_new:{message.id}", context=facts)


def _facts(thread: Thread, message: Message, photo_count: int) -> dict[str, Any]:
    key = (thread.seller_order_id, thread.listing_id)
    subject = subjects([key]).get(key, NOTHING)
    return {
        "title": subject.title,
        "number": subject.number,
        "lines": message.body.splitlines(),
        "photo_count": photo_count,
    }


def _order(thread: Thread) -> Order | None:
    query = sa.select(Order).join(SellerOrder, SellerOrder.order_id == Order.id)
    return db.session.scalar(query.where(SellerOrder.id == thread.seller_order_id))


def _buyer(thread: Thread) -> str:
    order = _order(thread)
    name = db.session.scalar(sa.select(User.full_name).where(User.id == thread.user_id))
    return buyer_name(str(order.address.get("name", "")) if order else "", name)

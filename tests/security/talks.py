"""The talks of the small shop: a question with a photo, and one about an order that was reported."""

from __future__ import annotations

from typing import Any

from marketplace.accounts.models import User
from marketplace.media.models import PhotoShape
from marketplace.messages import access, services
from marketplace.orders.models import Order
from tests.factories.catalog import PhotoFactory
from tests.factories.messages import HOME, answer, ask, words
from tests.factories.orders import parts_of


def facts(workshop_id: int, maker: User, buyer: User, listing_id: int, paid: Order) -> dict[str, Any]:
    """The numbers in the addresses of talks, each of a row that is there."""
    photo = PhotoFactory(workshop_id=workshop_id, shape=PhotoShape.PRIVATE)
    talk, member = ask(buyer, listing_id), access.member(workshop_id, maker.id)
    services.write(member, talk, words("Here is the clasp.", photo.id), address=HOME)
    part = parts_of(paid)[0]
    about_order = services.write_about_order(access.guest(paid.token), part.id, words(), address=HOME)
    answer(member, about_order)
    services.report(access.guest(paid.token), about_order, "They ask for money outside the shop.")
    door = {"token": paid.token, "seller_order_id": part.id}
    orders = ("order", "write", "order_look", "order_report", "order_photo")
    return {
        "thread_id": talk,
        **{f"talk.{name}": door for name in orders},
        **{f"{face}.photo": {"photo_id": photo.id} for face in ("talk", "seller_talk")},
        **{f"admin_talk.{name}": {"thread_id": about_order} for name in ("show", "close", "photo")},
    }

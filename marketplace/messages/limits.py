"""How much may be written, by standing: whoever has bought here is trusted with more (features.md K9)."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from marketplace.accounts import throttle
from marketplace.accounts.errors import TooManyTries
from marketplace.accounts.throttle import Limit
from marketplace.core.db import db
from marketplace.orders.models import Order

from .access import Hand
from .errors import TooManyMessages
from .models import Side

LONGEST = 2000  # characters in one message
PHOTOS = 4  # in one message
_HOUR = timedelta(hours=1)
NEW_PERSON = Limit("talk:new", 10, _HOUR)
KNOWN_PERSON = Limit("talk:known", 40, _HOUR)  # has paid an order
MEMBER = Limit("talk:member", 200, _HOUR)
BUYER_ADDRESS = Limit("talk:address", 60, _HOUR)
MEMBER_ADDRESS = Limit("talk:members", 300, _HOUR)  # a village behind one router
NEW_TALKS = Limit("talk:begin", 15, timedelta(days=1))
PHOTO_PERSON = Limit("talk:photo", 60, _HOUR)
PHOTO_ADDRESS = Limit("talk:photos", 120, _HOUR)


def count_message(hand: Hand, address: str, *, begins: bool = False) -> None:
    """Raises TooManyMessages; then nothing is counted."""
    where = MEMBER_ADDRESS if hand.side is Side.WORKSHOP else BUYER_ADDRESS
    tries = [(_of(hand), _who(hand)), (where, throttle.network(address))]
    if begins and hand.side is Side.BUYER:
        tries.append((NEW_TALKS, _who(hand)))
    _take(tries)


def count_photo(hand: Hand, address: str) -> None:
    """Raises TooManyMessages; then nothing is counted."""
    _take([(PHOTO_PERSON, _who(hand)), (PHOTO_ADDRESS, throttle.network(address))])


def _take(tries: list[tuple[Limit, str]]) -> None:
    try:
        throttle.take(*tries)
    except TooManyTries as error:
        raise TooManyMessages(**error.facts) from error


def _of(hand: Hand) -> Limit:
    if hand.side is Side.WORKSHOP:
        return MEMBER
    return KNOWN_PERSON if hand.token_hash or _has_bought(hand.user_id) else NEW_PERSON


def _has_bought(user_id: int | None) -> bool:
    paid = sa.exists().where(Order.user_id == user_id, Order.paid_at.is_not(None))
    return bool(db.session.scalar(sa.select(paid)))


def _who(hand: Hand) -> str:
    return f"order:{hand.token_hash}" if hand.user_id is None else f"person:{hand.user_id}"

"""Talks, through the real verbs."""

from __future__ import annotations

import itertools
from typing import Any

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.messages import access, services
from marketplace.messages.access import Hand
from marketplace.messages.models import Thread
from marketplace.messages.services import Words

HOME = "203.0.113.7"
_keys = itertools.count(1)


def words(text: str = "Could you make it 20 cm long?", *photo_ids: int, key: str = "") -> Words:
    return Words(text, key or f"key-of-the-form-{next(_keys):04}", photo_ids)


def ask(buyer: User, listing_id: int, text: str = "Could you make it 20 cm long?", **more: Any) -> int:
    """A buyer's question about a piece; the number of the talk."""
    return services.ask(access.buyer(buyer.id), listing_id, words(text, **more), address=HOME)


def answer(hand: Hand, thread_id: int, text: str = "Yes, it is ready in six days.", **more: Any) -> None:
    services.write(hand, thread_id, words(text, **more), address=HOME)


def thread_of(thread_id: int) -> Thread:
    db.session.rollback()
    return db.session.get_one(Thread, thread_id, populate_existing=True)

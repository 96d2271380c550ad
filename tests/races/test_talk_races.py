"""The same form, and two first words, at one instant: one message, one talk, one mail; the limit holds."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.db import db
from marketplace.messages import access, limits, services
from marketplace.messages.errors import TooManyMessages
from marketplace.messages.models import Message, Thread
from marketplace.notifications.models import Mail
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory
from tests.factories.messages import HOME, words

from .test_checkout_races import at_once

pytestmark = pytest.mark.races


def _count(model: type[Thread] | type[Message] | type[Mail]) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_one_form_is_one_message(app: Flask) -> None:
    buyer, piece, same = access.buyer(UserFactory().id), ListingFactory().id, words(key="the-same-form-at-once")
    talks = at_once(app, [lambda: services.ask(buyer, piece, same, address=HOME)] * 6)
    assert len(set(talks)) == 1
    assert (_count(Thread), _count(Message), _count(Mail)) == (1, 1, 1)


def test_first_words_begin_one_talk_and_the_limit_holds(app: Flask) -> None:
    buyer, piece = access.buyer(UserFactory().id), ListingFactory().id

    def ask() -> bool:
        try:
            services.ask(buyer, piece, words(), address=HOME)
        except TooManyMessages:
            return False
        return True

    sent = at_once(app, [ask] * (limits.NEW_PERSON.tries + 4))
    assert sum(sent) == limits.NEW_PERSON.tries
    assert (_count(Thread), _count(Message)) == (1, limits.NEW_PERSON.tries)

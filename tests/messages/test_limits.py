"""How much may be written in an hour, by standing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.cart.services import Owner
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.messages import limits, queries, services
from marketplace.messages.errors import TooManyMessages
from marketplace.messages.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.messages import HOME, answer, ask, words
from tests.factories.orders import paid_order

from .conftest import People


def written() -> int:
    return int(db.session.scalar(sa.select(sa.func.count(Message.id))) or 0)


def test_somebody_new_writes_ten_an_hour(people: People, stopped_clock: clock.Hands) -> None:
    for _message in range(limits.NEW_PERSON.tries):
        ask(people.buyer, people.piece.id)
    with pytest.raises(TooManyMessages) as refused:
        ask(people.buyer, people.piece.id)
    assert "60" in refused.value.sentence
    stopped_clock.forward(minutes=61)
    ask(people.buyer, people.piece.id)


def test_who_has_bought_writes_more(people: People) -> None:
    paid_order((variants_of(people.piece)[0].id, 1), owner=Owner(user_id=people.buyer.id))
    for _message in range(limits.NEW_PERSON.tries + 5):
        ask(people.buyer, people.piece.id)
    assert written() == limits.NEW_PERSON.tries + 5


def test_the_same_form_twice_counts_once(people: People) -> None:
    for _click in range(limits.NEW_PERSON.tries * 2):
        ask(people.buyer, people.piece.id, key="the-same-form-again")
    ask(people.buyer, people.piece.id)
    assert written() == 2


def test_many_people_behind_one_address_share_its_limit(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BUYER_ADDRESS", limits.Limit("talk:address", 3, limits.BUYER_ADDRESS.window))
    for _person in range(3):
        ask(UserFactory(), people.piece.id)
    with pytest.raises(TooManyMessages):
        ask(UserFactory(), people.piece.id)


def test_nobody_begins_talks_with_the_whole_village(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NEW_TALKS", limits.Limit("talk:begin", 2, limits.NEW_TALKS.window))
    for _piece in range(2):
        ask(people.buyer, ListingFactory().id)
    with pytest.raises(TooManyMessages):
        ask(people.buyer, ListingFactory().id)


def test_a_workshop_answers_many(people: People) -> None:
    talk = ask(people.buyer, people.piece.id)
    for _answer in range(60):
        answer(people.as_member, talk)
    assert written() == 61


def test_photos_are_counted_before_they_are_developed(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PHOTO_PERSON", limits.Limit("talk:photo", 1, limits.PHOTO_PERSON.window))
    limits.count_photo(people.as_buyer, HOME)
    with pytest.raises(TooManyMessages):
        services.receive_photo(people.as_buyer, b"never looked at", address=HOME)


def test_what_is_refused_leaves_no_talk(people: People) -> None:
    for _message in range(limits.NEW_PERSON.tries):
        ask(people.buyer, people.piece.id)
    other = ListingFactory()
    with pytest.raises(TooManyMessages):
        services.ask(people.as_buyer, other.id, words(), address=HOME)
    assert queries.of_key(people.as_buyer, (None, other.id)) is None

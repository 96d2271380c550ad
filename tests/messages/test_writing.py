"""Writing: one talk of the two about a thing, one message of one form, and nobody else's hand in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.cart.services import Owner
from marketplace.catalog.models import ListingState
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.messages import access, queries, services
from marketplace.messages.errors import EmptyMessage, NotTaken, OwnPiece
from marketplace.messages.models import Message, Side, Thread
from marketplace.orders.services import join_account
from tests.factories.accounts import UserFactory
from tests.factories.catalog import variants_of
from tests.factories.messages import HOME, answer, ask, thread_of, words
from tests.factories.orders import paid_order, parts_of, piece, place_order
from tests.factories.workshops import MemberFactory, WorkshopFactory

from .conftest import People


def _messages(thread_id: int) -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message).where(Message.thread_id == thread_id).order_by(Message.id)))


def test_a_double_click_is_one_message(people: People) -> None:
    for _click in range(2):
        talk = ask(people.buyer, people.piece.id, key="the-same-form-twice")
    assert len(_messages(talk)) == 1


def test_what_one_buyer_asks_about_a_piece_is_one_talk(people: People) -> None:
    first, second = ask(people.buyer, people.piece.id), ask(people.buyer, people.piece.id, "And in gold?")
    other = ask(UserFactory(), people.piece.id)
    assert first == second != other
    assert [message.body for message in _messages(first)] == ["Could you make it 20 cm long?", "And in gold?"]


def test_an_order_has_one_talk_whoever_begins_it(people: People) -> None:
    order = paid_order((variants_of(people.piece)[0].id, 1))
    part = parts_of(order)[0]
    by_guest = services.write_about_order(access.guest(order.token), part.id, words("Hello"), address=HOME)
    by_workshop = services.write_about_order(people.as_member, part.id, words("Halo"), address=HOME)
    assert by_guest == by_workshop
    assert [(m.side, m.user_id) for m in _messages(by_guest)] == [
        (Side.BUYER, None),
        (Side.WORKSHOP, people.kadek.id),
    ]


def test_a_guests_talk_comes_along_when_the_order_joins_an_account(people: People) -> None:
    order = paid_order((variants_of(people.piece)[0].id, 1))
    part = parts_of(order)[0]
    talk = services.write_about_order(access.guest(order.token), part.id, words(), address=HOME)
    assert queries.talk(people.as_buyer, talk) is None
    join_account(people.buyer.id, order.email)
    found = queries.talk(people.as_buyer, talk)
    assert found is not None
    assert [row.id for row in queries.talks_of(people.as_buyer).rows] == [talk]


def test_an_order_that_nobody_paid_has_no_talk(people: People) -> None:
    order = place_order((variants_of(people.piece)[0].id, 1))
    part = parts_of(order)[0]
    for hand in (access.guest(order.token), people.as_member):
        with pytest.raises(NotFound):
            services.write_about_order(hand, part.id, words(), address=HOME)


FOREIGN: dict[str, Callable[[], Any]] = {
    "another buyer": lambda: access.buyer(UserFactory().id),
    "another workshop": lambda: access.member(WorkshopFactory().id, UserFactory().id),
    "a wrong link": lambda: access.guest("not-the-token-of-any-order"),
    "an empty link": lambda: access.guest(""),
}


@pytest.mark.parametrize("who", FOREIGN)
def test_nobody_else_reads_or_writes(people: People, who: str) -> None:
    talk, stranger = ask(people.buyer, people.piece.id), FOREIGN[who]()
    assert queries.talk(stranger, talk) is None
    assert queries.unread_count(stranger) == 0
    for act in (
        lambda: services.write(stranger, talk, words(), address=HOME),
        lambda: services.look(stranger, talk),
        lambda: services.report(stranger, talk, "Let me in"),
        lambda: queries.photo_of(stranger, talk, 1, 640),
    ):
        with pytest.raises(NotFound):
            act()
    assert len(_messages(talk)) == 1


def test_another_workshop_of_the_same_order_reads_nothing(people: People) -> None:
    other = WorkshopFactory()
    maker = UserFactory()
    MemberFactory(workshop_id=other.id, user_id=maker.id)
    order = paid_order((variants_of(people.piece)[0].id, 1), (piece(workshop=other), 1))
    part = next(part for part in parts_of(order) if part.workshop_id == people.workshop.id)
    talk = services.write_about_order(access.guest(order.token), part.id, words(), address=HOME)
    assert queries.talk(access.member(other.id, maker.id), talk) is None
    with pytest.raises(NotFound):
        services.write_about_order(access.member(other.id, maker.id), part.id, words(), address=HOME)


def test_nothing_at_all_is_no_message(people: People) -> None:
    with pytest.raises(EmptyMessage):
        ask(people.buyer, people.piece.id, "")
    assert db.session.scalars(sa.select(Thread)).all() == []


def test_nobody_asks_about_what_is_not_on_sale(people: People) -> None:
    people.piece.state = ListingState.PAUSED
    db.session.commit()
    with pytest.raises(NotFound):
        ask(people.buyer, people.piece.id)


def test_a_talk_goes_on_when_the_piece_is_not_on_sale_any_more(people: People) -> None:
    talk = ask(people.buyer, people.piece.id)
    people.piece.state = ListingState.ARCHIVED
    db.session.commit()
    assert ask(people.buyer, people.piece.id, "Was it sold?") == talk
    answer(people.as_member, talk)
    assert len(_messages(talk)) == 3


def test_a_workshop_does_not_ask_itself(people: People) -> None:
    with pytest.raises(OwnPiece):
        ask(people.kadek, people.piece.id)


@pytest.mark.parametrize("flag", ["suspended_at", "closed_at"])
def test_a_workshop_in_bad_standing_talks_about_running_orders_only(people: People, flag: str) -> None:
    order = paid_order((variants_of(people.piece)[0].id, 1), owner=Owner(user_id=people.buyer.id))
    part = parts_of(order)[0]
    asked = ask(people.buyer, people.piece.id)
    bought = services.write_about_order(people.as_buyer, part.id, words(), address=HOME)
    people.workshop = db.session.merge(people.workshop)
    setattr(people.workshop, flag, clock.now())
    db.session.commit()
    answer(people.as_member, bought)
    for hand in (people.as_member, people.as_buyer):
        with pytest.raises(NotTaken):
            answer(hand, asked)
    talk = queries.talk(people.as_buyer, asked)
    assert talk is not None, "what was said stays readable"
    assert len(talk.sayings) == 1


def test_waiting_begins_with_the_oldest_question_and_ends_with_the_answer(
    people: People, stopped_clock: clock.Hands
) -> None:
    began = stopped_clock.moment
    talk = ask(people.buyer, people.piece.id)
    stopped_clock.forward(minutes=20)
    ask(people.buyer, people.piece.id, "Are you there?")
    assert thread_of(talk).waiting_since == began
    stopped_clock.forward(minutes=10)
    answer(people.as_member, talk)
    answer(people.as_member, talk, "And it is blackened in the recesses.")
    assert thread_of(talk).waiting_since is None
    assert [message.answered_minutes for message in _messages(talk)] == [None, None, 30, None]


def test_reading_is_counted_for_each_side_apart(people: People, stopped_clock: clock.Hands) -> None:
    talk = ask(people.buyer, people.piece.id)
    assert queries.unread_of(people.workshop.id) == 1
    assert queries.unread_count(people.as_buyer) == 0
    stopped_clock.forward(minutes=1)
    services.look(people.as_member, talk)
    assert queries.unread_of(people.workshop.id) == 0
    page = queries.talk(people.as_buyer, talk)
    assert page is not None
    assert page.sayings[0].is_read
    stopped_clock.forward(minutes=1)
    answer(people.as_member, talk)
    assert queries.unread_count(people.as_buyer) == 1
    page = queries.talk(people.as_member, talk)
    assert page is not None
    assert not page.sayings[1].is_read


def test_looking_again_writes_nothing(people: People, statements: Any) -> None:
    talk = ask(people.buyer, people.piece.id)
    services.look(people.as_member, talk)
    with statements() as counted:
        services.look(people.as_member, talk)
    assert [text for text in counted.texts if not text.upper().startswith("SELECT")] == []


def test_the_longest_waiting_stand_first_and_the_unread_before_them(people: People, stopped_clock: clock.Hands) -> None:
    talks = []
    for _buyer in range(3):
        talks.append(ask(UserFactory(), people.piece.id))
        stopped_clock.forward(hours=1)
    services.look(people.as_member, talks[0])
    answer(people.as_member, talks[2])
    assert [row.id for row in queries.waiting(people.as_member)] == [talks[1], talks[0]]
    assert [row.id for row in queries.answered(people.as_member).rows] == [talks[2]]


def test_a_long_list_goes_on_where_it_ended(people: People, stopped_clock: clock.Hands) -> None:
    talks = []
    for _buyer in range(27):
        talk = ask(UserFactory(), people.piece.id)
        answer(people.as_member, talk)
        stopped_clock.forward(minutes=7)
        talks.append(talk)
    first = queries.answered(people.as_member)
    second = queries.answered(people.as_member, first.after)
    assert [row.id for row in (*first.rows, *second.rows)] == talks[::-1]


def test_a_page_costs_the_same_however_much_was_said(people: People, statements: Any) -> None:
    talk, buyer, member = ask(people.buyer, people.piece.id), people.as_buyer, people.as_member
    counts = []
    for _round in range(2):
        with statements() as counted:
            queries.talk(buyer, talk)
            queries.talks_of(buyer)
            queries.waiting(member)
        counts.append(len(counted))
        for _more in range(4):
            ask(people.buyer, people.piece.id, "Another word")
    assert counts[0] == counts[1]


def test_older_messages_are_one_page_further(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.messages.queries.conversation.SHOWN", 3)
    for number in range(5):
        talk = ask(people.buyer, people.piece.id, f"Line {number}")
    newest = queries.talk(people.as_buyer, talk)
    assert newest is not None
    oldest = queries.talk(people.as_buyer, talk, newest.before)
    assert oldest is not None
    assert [saying.text for saying in (*oldest.sayings, *newest.sayings)] == [f"Line {number}" for number in range(5)]
    assert oldest.before is None

"""How soon a workshop answers, and when its public pages say something else about it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalog.models import DataVersion
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import speaking
from marketplace.messages import services
from marketplace.messages.words import pace
from marketplace.workshops.models import Workshop
from tests.factories.accounts import UserFactory
from tests.factories.messages import answer, ask

from .conftest import People


def _answer_after(people: People, hands: clock.Hands, *minutes: int) -> None:
    for count in minutes:
        talk = ask(UserFactory(), people.piece.id)
        hands.forward(minutes=count)
        answer(people.as_member, talk)
        hands.forward(minutes=1)


def _minutes(people: People) -> int | None:
    db.session.rollback()
    return db.session.scalar(sa.select(Workshop.answer_minutes).where(Workshop.id == people.workshop.id))


def _version(people: People) -> int:
    scope = f"workshop:{people.workshop.id}"
    return db.session.scalar(sa.select(DataVersion.number).where(DataVersion.scope == scope)) or 0


def test_below_five_answers_nothing_is_said(people: People, stopped_clock: clock.Hands) -> None:
    _answer_after(people, stopped_clock, 5, 5, 5, 5)
    assert _minutes(people) is None
    _answer_after(people, stopped_clock, 5)
    assert _minutes(people) == 5


def test_half_of_the_answers_came_quicker(people: People, stopped_clock: clock.Hands) -> None:
    _answer_after(people, stopped_clock, 900, 10, 130, 4000, 20)
    assert _minutes(people) == 130


def test_the_public_pages_change_only_with_their_words(people: People, stopped_clock: clock.Hands) -> None:
    _answer_after(people, stopped_clock, 10, 10, 10, 10, 10)
    before = _version(people)
    _answer_after(people, stopped_clock, 12, 12, 12, 12, 12, 12)
    assert (_minutes(people), _version(people)) == (12, before), "the same words: kept pages stay good"
    _answer_after(people, stopped_clock, *[500] * 12)
    assert _version(people) == before + 1


def test_what_is_older_than_ninety_days_does_not_count(people: People, stopped_clock: clock.Hands) -> None:
    _answer_after(people, stopped_clock, 10, 10, 10, 10, 10)
    stopped_clock.forward(days=89)
    services.measure_again()
    assert _minutes(people) == 10
    stopped_clock.forward(days=1)
    assert services.measure_again() == 1, "the sweep finds it from the rows"
    assert _minutes(people) is None


def test_a_lost_task_is_found_by_the_sweep(
    people: People, stopped_clock: clock.Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.messages.services.writing.enqueue", lambda *_job: None)
    _answer_after(people, stopped_clock, 10, 10, 10, 10, 10)
    assert _minutes(people) is None
    services.measure_again()
    assert _minutes(people) == 10


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_whoever_answers_sooner_is_never_said_to_be_slower(one: int, other: int) -> None:
    order = ["hour", "few hours", "same day", "within a day", "three days", ""]

    def rank(minutes: int) -> int:
        with speaking("en"):
            words = str(pace(minutes))
        return next(place for place, part in enumerate(order) if (part in words if part else words == ""))

    assert (rank(one) <= rank(other)) if one <= other else (rank(one) >= rank(other))

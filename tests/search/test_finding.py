"""Finding pieces by words: the same stories on both engines."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.search import asked, queries, services, synonyms, words
from marketplace.search.models import Query
from tests.conftest import Statements


def put(listing_id: int, title: str, attributes: str = "", body: str = "", sku: str | None = None) -> int:
    services.write([services.document(listing_id, [title], [attributes], [body], sku)])
    return listing_id


def found(text: str) -> Sequence[int]:
    return queries.find(text).ids


@pytest.fixture
def shelf(app: Flask) -> dict[str, int]:
    return {
        "ring": put(1, "Granulated Dome Ring Cincin Kubah Jawan", "Rings Cincin granulation (jawan)", sku="CS-001"),
        "studs": put(2, "Jawan Blossom Studs Giwang Kembang Jawan", "Earrings Anting granulation", "a gift"),
        "bowl": put(3, "Repoussé Bokor, 18 cm", "Bokor Ritual vessels repoussé", "vines and grains"),
        "chime": put(4, "Chime Ball", "Pendants Liontin", "chimes beside a ring of grains"),
    }


def test_every_word_must_be_there(shelf: dict[str, int]) -> None:
    assert found("jawan studs") == [shelf["studs"]]
    assert found("  JAWAN   Dome ") == [shelf["ring"]]


@pytest.mark.parametrize("text", ["repousse bokor", "REPOUSSÉ bokor", "repoussé-bokor", "bokor, repoussé!"])
def test_case_accents_and_hyphens_make_no_difference(shelf: dict[str, int], text: str) -> None:
    assert found(text) == [shelf["bowl"]]


def test_the_last_word_may_still_be_being_typed(shelf: dict[str, int]) -> None:
    assert found("dome gran") == [shelf["ring"]]
    assert queries.find("gran dome").left_out == ("gran",), "only the last word is a beginning"


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("cincin", "ring"),
        ("bungkung", "ring"),
        ("rings", "ring"),
        ("cicin", "ring"),
        ("stud earrings", "studs"),
        ("giwang", "studs"),
        ("granulation", "ring"),
    ],
)
def test_one_language_finds_what_was_written_in_the_other(shelf: dict[str, int], text: str, piece: str) -> None:
    assert shelf[piece] in found(text)


def test_a_title_comes_before_an_attribute_and_an_attribute_before_the_text(app: Flask) -> None:
    put(1, "Bokor", body="with garnet beside it")
    put(2, "Bowl", attributes="garnet")
    put(3, "Garnet Ring")
    put(4, "Garnet Studs")
    assert found("garnet") == [4, 3, 2, 1]


@pytest.mark.parametrize("text", ["CS-001", "cs001", "cs 001", "CS 001"])
def test_a_sku_is_found_as_it_is_written_or_not(shelf: dict[str, int], text: str) -> None:
    assert found(text) == [shelf["ring"]]


def test_a_word_that_nothing_holds_is_left_out_and_named(shelf: dict[str, int]) -> None:
    result = queries.find("platinum dome ring")
    assert result.ids == [shelf["ring"]]
    assert result.left_out == ("platinum",)
    assert not result.is_near


def test_a_thing_that_is_not_here_falls_back_to_its_words(shelf: dict[str, int]) -> None:
    result = queries.find("toe ring")
    assert shelf["ring"] in result.ids
    assert result.left_out == ("toe",)


def test_words_that_never_meet_show_what_is_near(shelf: dict[str, int]) -> None:
    result = queries.find("blossom dome")
    assert sorted(result.ids) == [shelf["ring"], shelf["studs"]]
    assert result.is_near
    assert result.left_out == ()


def test_nothing_is_found_of_nothing(shelf: dict[str, int]) -> None:
    for text in ("", "   ", "!?", "-", "*", '"', "zzzz", "zzzz yyyy"):
        assert found(text) == []


@pytest.mark.parametrize(
    "text", ["a' OR 1=1 --", 'ring" OR "bowl', "title:ring", "NEAR(ring)", "ring & !bowl", "(((", "ring:*", "\x00ring"]
)
def test_no_sign_of_a_query_language_means_anything(shelf: dict[str, int], text: str) -> None:
    assert shelf["bowl"] not in found(text) or "bowl" in text


def test_a_document_that_was_replaced_or_removed_is_found_by_its_new_words_only(app: Flask) -> None:
    put(7, "Old Name")
    put(7, "New Name")
    assert (found("old"), found("new")) == ([], [7])
    services.remove([7])
    assert found("name") == []


def test_more_than_a_thousand_hits_are_capped(app: Flask, statements: type[Statements]) -> None:
    services.write([services.document(n, ["Silver ring"], [], [], None) for n in range(1, 1101)])
    with statements() as asked_statements:
        result = queries.find("silver")
    assert len(asked_statements) == 1
    assert result.is_capped
    assert result.count == 1000
    assert result.ids[:2] == [1100, 1099], "the newest first"


def test_a_question_of_any_length_stays_small(shelf: dict[str, int], statements: type[Statements]) -> None:
    with statements() as asked_statements:
        queries.find("ring blossom " * 5000)
    assert len(asked_statements) <= 4
    assert len(asked.read("a b c d e f g h i j k l")) == asked.MOST_WORDS


def test_the_longest_known_spelling_is_read_as_one_thing() -> None:
    terms = asked.read("wedding ring jaw")
    assert [term.text for term in terms] == ["wedding ring", "jaw"]
    assert ("cincin", "kawin") in terms[0].spellings
    assert (terms[0].prefix, terms[1].prefix) == ("", "jaw")


def test_an_ambiguous_word_is_read_both_ways() -> None:
    both = set(synonyms.of(("kuningan",)))
    assert ("brass",) in both


def test_folding() -> None:
    assert words.words("Anting-anting “Bunga” Köln's №7 Ø16") == ["anting", "anting", "bunga", "kolns", "no7", "16"]


def test_a_query_is_logged_without_a_name(app: Flask) -> None:
    services.log_query("id", "x" * 500, 3)
    columns = set(Query.__table__.columns.keys())
    assert columns == {"id", "at", "market", "text", "hit_count", "country", "visitor"}


def test_the_log_of_queries_is_no_archive(app: Flask, stopped_clock: clock.Hands) -> None:
    services.log_query("world", "old", 1)
    stopped_clock.forward(days=181)
    services.log_query("world", "new", 1)
    assert services.forget_old_queries() == 1
    assert [row.text for row in db.session.scalars(sa.select(Query))] == ["new"]

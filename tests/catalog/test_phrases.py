"""The phrase book looks words up; it never writes a sentence and never guesses."""

from __future__ import annotations

import pytest

from marketplace.catalog.phrases import known_words
from marketplace.search import synonyms


def found(text: str, to: str = "en") -> list[tuple[str, str]]:
    return [(phrase.said, phrase.word) for phrase in known_words(text, to)]


@pytest.mark.parametrize(
    ("text", "to", "words"),
    [
        ("Cincin Jawan", "en", [("cincin", "ring"), ("jawan", "granulation")]),
        ("Cincin Kawin Jawan", "en", [("cincin kawin", "wedding ring"), ("jawan", "granulation")]),
        ("GELANG  ANYAM, perak!", "en", [("gelang anyam", "woven bracelet"), ("perak", "silver")]),
        ("Granulated ring", "id", [("granulated", "jawan"), ("ring", "cincin")]),
        ("Ring", "en", []),
        ("Karya Ni Luh Sari", "en", []),
        ("", "en", []),
        ("\x00 ؟ 😀", "en", []),
    ],
)
def test_known_words_are_offered_and_others_are_left_to_people(
    text: str, to: str, words: list[tuple[str, str]]
) -> None:
    assert found(text, to) == words


def test_every_word_of_the_table_finds_its_own_row() -> None:
    for entry in synonyms.entries():
        if entry.term_id.casefold() != entry.term_en.casefold():
            assert entry.term_en in [word for _said, word in found(entry.term_id)], entry


def test_a_word_with_two_meanings_gives_both() -> None:
    twice = [entry for entry in synonyms.entries() if entry.term_id == "kuningan" or ("kuningan",) in entry.spellings]
    assert len(found("kuningan")) == len({entry.term_en for entry in twice if entry.term_en != "kuningan"})

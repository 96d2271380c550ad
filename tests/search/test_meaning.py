"""Searches that mean the same are one group, in both languages."""

from __future__ import annotations

import pytest

from marketplace.search.meaning import key


@pytest.mark.parametrize(
    "same",
    [
        ("gelang tridatu", "Tridatu bracelet", "tridatu bracelets", "bracelet  TRIDATU", "gelang tri datu"),
        ("cincin kawin", "wedding ring", "wedding rings", "Wedding-Ring", "cincin nikah"),
        ("anting", "earring", "earrings"),
        ("toe ring gold", "gold toe ring", "toe rings gold"),
        ("moonstone ring", "rings moonstone", "Moonstones Ring"),
        ("bokor café", "bokor cafe"),
    ],
)
def test_one_key_for_what_means_the_same(same: tuple[str, ...]) -> None:
    assert len({key(text) for text in same}) == 1, {text: key(text) for text in same}


def test_other_things_have_other_keys() -> None:
    different = ("gelang tridatu", "gelang", "tridatu", "gelang naga satru", "ring", "toe ring", "18k", "kris")
    assert len({key(text) for text in different}) == len(different)


def test_what_holds_no_word_has_none() -> None:
    assert key("") == key("?!") == ""

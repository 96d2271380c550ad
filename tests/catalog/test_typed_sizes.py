"""Sizes as they are typed at the bench."""

from __future__ import annotations

import pytest

from marketplace.catalog.typed_sizes import normalized, suggestions


@pytest.mark.parametrize(
    ("text", "kind", "size"),
    [
        ("7", "ring", "US 7"),
        ("us 7,5", "ring", "US 7.5"),
        ("17,3 mm", "ring", "US 7"),
        ("Ø 17.3", "ring", "US 7"),
        ("17", "ring", "US 6.5"),
        ("62", "bangle", "62 mm"),
        ("60 mm", "bangle", "60 mm"),
        ("19", "length", "19 cm"),
        ("16,5 cm", "length", "16.5 cm"),
        ("S (15-16 cm)", "length", "S (15-16 cm)"),
        ("8", "bore", "bore 8 mm"),
        ("56", "head", "56 cm head"),
        ("M", "", "M"),
        ("  ", "ring", ""),
    ],
)
def test_one_spelling(text: str, kind: str, size: str) -> None:
    assert normalized(text, kind) == size
    assert normalized(size, kind) == size, "what is kept stays as it is"


@pytest.mark.parametrize(("text", "kind"), [("besar", "ring"), ("99", "ring"), ("2", "ring"), ("M", "bangle")])
def test_no_size_of_that_kind(text: str, kind: str) -> None:
    with pytest.raises(ValueError, match=text):
        normalized(text, kind)


def test_every_suggestion_is_a_size_of_its_kind(app: object) -> None:
    for kind in ("ring", "bangle"):
        for size, _meaning in suggestions(kind):
            assert normalized(size, kind) == size

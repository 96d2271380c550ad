"""CSV for a spreadsheet: nothing in it runs, every number stays a number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from marketplace.core.spreadsheets import line


@pytest.mark.parametrize("text", ["=1+1", "+62 812", "-5", "@sum", "\tx", "|cmd", '=HYPERLINK("http://x")'])
def test_a_text_that_would_run_is_held(text: str) -> None:
    assert line([text]).lstrip('"').startswith("'")


def test_numbers_and_common_text_stand_as_they_are() -> None:
    assert line(["Luh Selaka", 745000, Decimal("12.50"), None, -5]) == "Luh Selaka,745000,12.50,,-5\r\n"
    assert line(['said "so"', "a,b"]) == '"said ""so""","a,b"\r\n'

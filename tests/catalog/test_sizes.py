"""The ring table and how a size reads in each language."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask

from marketplace.catalog import sizes
from marketplace.core.i18n import speaking


def test_the_table_goes_from_3_to_14_by_halves_and_agrees_with_its_formulas() -> None:
    table = sizes.ring_table()
    assert [size.us for size in table] == [Decimal(n) / 2 for n in range(6, 29)]
    for size in table:
        assert abs(size.diameter - (Decimal("11.63") + Decimal("0.8128") * size.us)) < Decimal("0.011")
        assert abs(size.circumference - size.diameter * Decimal("3.14159265")) < Decimal("0.06")


def test_a_size_reads_us_in_english_and_millimeters_first_in_indonesian(app: Flask) -> None:
    with app.test_request_context("/"), speaking("en"):
        assert sizes.long_label("US 7") == "US 7"
        assert sizes.short_label("US 7.5") == "7.5"
        assert sizes.legend("ring") == "Ring size (US)"
    with app.test_request_context("/id/"), speaking("id"):
        assert sizes.long_label("US 7").startswith("Ø 17,3 mm / ")
        assert sizes.short_label("US 7") == "17,3 mm"


def test_other_sizes_stay_as_the_maker_wrote_them(app: Flask) -> None:
    with app.test_request_context("/"), speaking("en"):
        assert sizes.long_label("S (15-16 cm)") == "S (15-16 cm)"
    with app.test_request_context("/id/"), speaking("id"):
        assert sizes.short_label("M (16.5-17.5 cm)") == "M (16,5-17,5 cm)"


def test_millimeters_are_kept_of_rings_and_bangles_only() -> None:
    assert sizes.millimeters("US 7", "ring") == Decimal("17.32")
    assert sizes.millimeters("65 mm", "bangle") == Decimal("65")
    assert sizes.millimeters("19 cm", "length") is None
    assert sizes.millimeters("M", "") is None


def test_the_fold_shows_the_sizes_of_the_piece_or_the_whole_table() -> None:
    assert [size.code for size in sizes.conversion(["US 9", "US 5"])] == ["US 5", "US 9"]
    assert len(sizes.conversion(["M", "L"])) == 23

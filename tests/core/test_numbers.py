"""Numbers as people here write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from marketplace.core import i18n
from marketplace.core.forms import NumberField, PublicForm, RupiahField, clean, one_line, parse_decimal
from marketplace.core.money import Money


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6,8", "6.8"),
        ("6.8", "6.8"),
        ("745.000", "745000"),
        ("745,000", "745000"),
        ("1.250.000", "1250000"),
        ("1.250.000,5", "1250000.5"),
        ("1,234.5", "1234.5"),
        (" 12 ", "12"),
        ("0,5", "0.5"),
    ],
)
def test_separators_of_both_worlds_are_read(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "two", "1e5", "NaN", "inf", "1-2", "--1", "١٢", "1" * 30, "0x10"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_decimal(text)


class PriceForm(PublicForm):
    price = RupiahField(least=1000, most=10**9)
    weight = NumberField(least=Decimal("0.1"), most=50_000)


def _form(app: Flask, **data: str) -> Any:
    with app.test_request_context("/", method="POST", data=data):
        form = PriceForm()
        form.validate()
        return form


@pytest.mark.parametrize(
    ("typed", "rupiah"),
    [
        ("745.000", 745_000),
        ("Rp 745.000", 745_000),
        ("rp745000", 745_000),
        ("1,2 jt", 1_200_000),
        ("1.5jt", 1_500_000),
        ("2 juta", 2_000_000),
        ("450 rb", 450_000),
        ("450ribu", 450_000),
    ],
)
def test_a_price_is_understood_as_it_is_said(shop: Flask, typed: str, rupiah: int) -> None:
    assert _form(shop, price=typed).price.number == rupiah


@pytest.mark.parametrize("typed", ["gratis", "12,5", "-745.000", "999", "2 milyar", "99999999999"])
def test_a_price_that_cannot_be_is_named(shop: Flask, typed: str) -> None:
    form = _form(shop, price=typed)
    assert form.price.errors
    assert form.price.data == typed


def test_text_loses_what_no_text_holds() -> None:
    assert clean("a\x00b\ud800c\r\n") == "abc"
    assert one_line("  Ni \n Luh\t Ayu ") == "Ni Luh Ayu"


def test_money_reads_as_in_its_own_country(shop: Flask) -> None:
    with shop.test_request_context("/"):
        assert i18n.money(Money(2_490_000, "IDR")) == "Rp\u00a02.490.000"
        assert i18n.money(Money(163_710, "USD")) == "$1,637.10"
        assert i18n.money(Money(6_900, "AUD")) == "A$69.00"
        assert i18n.grams(Decimal("6.8")) == "6.8\u00a0g"
        with i18n.speaking("id"):
            assert i18n.grams(Decimal("6.8")) == "6,8\u00a0gram"

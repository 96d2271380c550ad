"""Our own way to money and numbers says exactly what Babel would say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core import i18n
from marketplace.core.money import Money

AMOUNTS = st.integers(-(10**12), 10**12)


@given(AMOUNTS, st.sampled_from(["USD", "AUD", "EUR", "JPY"]))
def test_money_reads_as_babel_writes_it(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    assert i18n.money(money) == format_currency(money.decimal, currency, locale="en_US")
    with i18n.speaking("id"):
        assert i18n.money(money) == f"{currency}\u00a0" + format_decimal(money.decimal, "#,##0.00", locale="id_ID")


@given(AMOUNTS)
def test_rupiah_and_counts_read_as_babel_writes_them(amount: int) -> None:
    with i18n.speaking("id"):
        text = format_decimal(amount, "#,##0", locale="id_ID")
        assert (i18n.money(Money(amount, "IDR")), i18n.number(amount)) == (f"Rp\u00a0{text}", text)
    assert i18n.number(amount) == format_decimal(amount, locale="en_US")


@pytest.mark.parametrize(("lang", "text"), [("en", "6.8\u00a0g"), ("id", "6,8\u00a0gram")])
def test_weights_keep_their_tenth(lang: str, text: str) -> None:
    with i18n.speaking(lang):
        assert i18n.grams(Decimal("6.80")) == text


def test_the_language_ends_with_its_block_even_when_it_fails() -> None:
    with pytest.raises(ValueError, match="inside"), i18n.speaking("id"):
        assert i18n.language() == "id"
        raise ValueError("inside")
    assert i18n.language() == "en"

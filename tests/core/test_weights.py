"""Weights as a scale shows them and as people write them; what stands in a box is read back as it is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.core.i18n import speaking
from marketplace.core.typed import Mistyped, grams_within, rupiah_within
from marketplace.seller.forms.listing import grams_text, rupiah

LEAST, MOST = Decimal("0.1"), Decimal(99999)


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("12,5 g", "12.5"),
        ("12.5g", "12.5"),
        ("12,5 gram", "12.5"),
        ("12,5 gr.", "12.5"),
        ("12,505 g", "12.505"),
        ("0.805", "0.805"),
        ("1250", "1250"),
        ("1.250,5 gram", "1250.5"),
        ("1,250.5", "1250.5"),
        (" 7 G ", "7"),
    ],
)
def test_a_weight_is_understood(text: str, grams: str) -> None:
    assert grams_within(text, LEAST, MOST) == Decimal(grams)


@pytest.mark.parametrize("text", ["1.250", "12.345 g", "berat", "g", "12 kg", "-3", "0", "100000", "1e3", "٣"])
def test_what_may_mean_two_things_or_none_is_asked_again(text: str) -> None:
    with pytest.raises(Mistyped):
        grams_within(text, LEAST, MOST)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,2 jt", 1_200_000),
        ("1,2jt", 1_200_000),
        ("1.25 juta", 1_250_000),
        ("745.000", 745_000),
        ("745000", 745_000),
        ("Rp 745rb", 745_000),
        ("rp745.000,-", 745_000),
        ("Rp. 745.000", 745_000),
        ("745 ribu", 745_000),
        ("1.250.000", 1_250_000),
        ("1,250,000", 1_250_000),
    ],
)
def test_a_price_is_understood(text: str, amount: int) -> None:
    assert rupiah_within(text, Decimal(1000), Decimal(10**10)) == amount


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tenths=st.integers(1, 999_990), lang=st.sampled_from(["id", "en"]))
def test_a_weight_that_is_shown_is_read_back(app: object, tenths: int, lang: str) -> None:
    weight = Decimal(tenths) / 10
    with speaking(lang):
        assert grams_within(grams_text(weight), LEAST, MOST) == weight


@settings(max_examples=200, deadline=None)
@given(amount=st.integers(1000, 10**10))
def test_a_price_that_is_shown_is_read_back(amount: int) -> None:
    assert rupiah_within(rupiah(amount), Decimal(1000), Decimal(10**10)) == amount

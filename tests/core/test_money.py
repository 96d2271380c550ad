"""Nothing is lost or made when money is split, shared or summed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.money import CurrencyMismatch, Money, allocate, total

amounts = st.integers(-(10**13), 10**13)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


@given(amounts, weights)
def test_a_split_always_adds_up(whole: int, parts: list[int]) -> None:
    assert sum(allocate(whole, parts)) == whole


@given(amounts, weights)
def test_no_part_is_off_by_a_whole_unit(whole: int, parts: list[int]) -> None:
    for part, weight in zip(allocate(whole, parts), parts, strict=True):
        assert abs(Decimal(part) - Decimal(whole) * weight / sum(parts)) < 1


@given(st.integers(0, 10**12), weights)
def test_a_refund_mirrors_its_charge(whole: int, parts: list[int]) -> None:
    assert allocate(-whole, parts) == [-part for part in allocate(whole, parts)]


def test_ties_go_to_the_first() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(1, [1, 1]) == [1, 0]


@pytest.mark.parametrize("bad", [[], [0, 0], [1, -1]])
def test_weights_that_say_nothing_are_refused(bad: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(10, bad)


def test_commission_rounds_half_up_once() -> None:
    assert Money(745_000, "IDR").share(800) == Money(59_600, "IDR")
    assert Money(125, "USD").share(800) == Money(10, "USD")
    assert Money(1_006, "IDR").share(800) == Money(80, "IDR")
    assert Money(1_007, "IDR").share(800) == Money(81, "IDR")
    assert Money(6_250, "IDR").share(4) == Money(3, "IDR")  # 2.5


def test_two_currencies_never_meet_in_one_sum() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "USD") + Money(1, "IDR")
    with pytest.raises(CurrencyMismatch):
        assert Money(1, "USD") < Money(2, "IDR")


def test_a_fraction_of_a_unit_is_refused() -> None:
    with pytest.raises(TypeError):
        Money(Decimal("1.5"), "USD")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(1.0, "USD")  # type: ignore[arg-type]
    assert Money(Decimal(3), "USD").amount == 3  # type: ignore[arg-type]


@given(st.lists(st.integers(-(10**9), 10**9), max_size=20))
def test_a_total_is_the_sum(parts: list[int]) -> None:
    assert total([Money(part, "USD") for part in parts], "USD") == Money(sum(parts), "USD")

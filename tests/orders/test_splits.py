"""Shares add up to what was paid, to the last unit, in every currency (features.md I7, pains 13 and 20–22)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalog.pricing import Quoted, Rates, present
from marketplace.core.markets import STEPS
from marketplace.core.money import EXPONENTS
from marketplace.orders import commission
from marketplace.orders.commission import Rate, Row

RATES = st.builds(
    Rate,
    st.sampled_from([0, 1, 500, 800, 801, 5000]),
    st.sampled_from([None, 0, 25_000]),
    st.sampled_from([None, 25_000, 1_000_000]),
)
GOODS = st.lists(st.tuples(st.integers(1, 500_000_000), RATES), max_size=20)


@given(GOODS)
def test_commission_and_share_are_the_goods(goods: list[tuple[int, Rate]]) -> None:
    kept = commission.commissions_idr(goods)
    assert all(0 <= share <= amount for share, (amount, _rate) in zip(kept, goods, strict=True))
    for rate in {rate for _amount, rate in goods}:
        of_rate = [(share, amount) for share, (amount, other) in zip(kept, goods, strict=True) if other == rate]
        assert sum(share for share, _amount in of_rate) == rate.of(sum(amount for _share, amount in of_rate))


@given(GOODS)
def test_commission_does_not_depend_on_the_order_of_lines(goods: list[tuple[int, Rate]]) -> None:
    assert sum(commission.commissions_idr(goods)) == sum(commission.commissions_idr(goods[::-1]))


@given(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=20), st.integers(0, 5000))
def test_one_rate_is_rounded_once(prices: list[int], rate: int) -> None:
    exact = Decimal(sum(prices)) * rate / 10_000
    kept = sum(commission.commissions_idr([(price, Rate(rate)) for price in prices]))
    assert abs(Decimal(kept) - exact) <= Decimal("0.5")


@given(
    st.integers(1, 2_000_000_000),
    st.sampled_from(sorted(set(STEPS) - {"IDR"})),
    st.decimals("0.5", "30000", places=4, allow_nan=False, allow_infinity=False),
    st.integers(1, 20),
)
def test_a_converted_price_is_never_below_the_rate(idr: int, currency: str, rate: Decimal, count: int) -> None:
    quoted = Rates({currency: Quoted(1, currency, rate, datetime(2026, 11, 24, tzinfo=UTC))})
    unit = present(idr, currency, quoted)
    assert unit.amount % STEPS[currency] == 0
    exact = Decimal(idr) * 10 ** EXPONENTS[currency] / rate
    assert exact <= unit.amount < exact + STEPS[currency]
    assert (unit * count).amount == unit.amount * count


def test_the_most_specific_rate_counts_and_the_nearest_category() -> None:
    day = date(2026, 1, 1)
    rates = commission.Rates(
        (
            Row(None, None, 800, day),
            Row(None, 1, 700, day),
            Row(None, 2, 650, day),
            Row(5, None, 600, day),
            Row(5, 2, 500, day),
        ),
        {3: 2, 2: 1, 1: None},
    )
    assert rates.basis_points(9, None) == 800
    assert rates.basis_points(9, 1) == 700
    assert rates.basis_points(9, 3) == 650
    assert rates.basis_points(5, 1) == 600
    assert rates.basis_points(5, 3) == 500
    assert commission.Rates((), {}).basis_points(1, 1) == commission.DEFAULT_BP

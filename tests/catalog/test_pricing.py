"""One price function: up to the step, never below the rate, never out of order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalog import pricing
from marketplace.core import clock
from marketplace.core.markets import STEPS
from marketplace.core.money import EXPONENTS, Money
from tests.conftest import Statements
from tests.factories.catalog import FxRateFactory, quote_rates

FOREIGN = [currency for currency in STEPS if currency != "IDR"]
prices = st.integers(min_value=1, max_value=10**12)
rupiah_rates = st.decimals(min_value="0.5", max_value="99999", places=4)


def rates_of(currency: str, rate: Decimal) -> pricing.Rates:
    return pricing.Rates({currency: pricing.Quoted(1, currency, rate, datetime(2026, 11, 24, tzinfo=UTC))})


@given(prices, rupiah_rates, st.sampled_from(FOREIGN))
def test_a_price_is_rounded_up_to_the_step_and_by_less_than_one(idr: int, rate: Decimal, currency: str) -> None:
    shown = pricing.present(idr, currency, rates_of(currency, rate))
    exact = Decimal(idr).scaleb(EXPONENTS[currency]) / rate
    assert shown.currency == currency
    assert shown.amount % STEPS[currency] == 0
    assert shown.amount >= exact - Decimal("1e-9")
    assert shown.amount - exact < STEPS[currency] + Decimal("1e-9")


@given(prices, prices, rupiah_rates, st.sampled_from(FOREIGN))
def test_a_dearer_piece_never_looks_cheaper(one: int, other: int, rate: Decimal, currency: str) -> None:
    rates = rates_of(currency, rate)
    low, high = sorted((one, other))
    assert pricing.present(low, currency, rates) <= pricing.present(high, currency, rates)


@given(prices)
def test_rupiah_stay_as_the_artisan_wrote_them(idr: int) -> None:
    assert pricing.present(idr, "IDR", pricing.Rates({})) == Money(idr, "IDR")


def test_the_ring_of_the_worked_example_costs_45_dollars() -> None:
    assert pricing.present(745_000, "USD", rates_of("USD", Decimal("16650"))) == Money(4500, "USD")


def test_the_newest_rate_counts_and_the_old_ones_stay(app: Flask, statements: type[Statements]) -> None:
    quote_rates()
    FxRateFactory(currency="USD", rate=Decimal("17000"), quoted_at=clock.now() + timedelta(hours=1))
    FxRateFactory(currency="USD", rate=Decimal("1"), quoted_at=clock.now() - timedelta(days=9))
    with statements() as asked:
        rates = pricing.rates()
    assert len(asked) == 1
    assert rates.rate("USD").rate == Decimal("17000")
    assert rates.rate("AUD").rate == Decimal("10900")


def test_a_currency_without_a_rate_shows_no_invented_price(app: Flask) -> None:
    with pytest.raises(pricing.NoRate):
        pricing.present(745_000, "USD", pricing.rates())

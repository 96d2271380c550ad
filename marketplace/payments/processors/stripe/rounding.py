"""Amounts of Stripe's balance, which a conversion or a fee may leave with odd sen."""

from __future__ import annotations

from decimal import Decimal

from marketplace.core.money import EXPONENTS, half_up

from .calls import STRIPE_EXPONENTS, units


def rounded(amount: int, currency: str) -> int:
    """Our minor units for Stripe's number, half up.

    Raises:
        ValueError: a currency that we do not keep, or no number.
    """
    if type(amount) is not int or currency not in EXPONENTS:
        raise ValueError(f"a balance that cannot be ours: {amount!r} {currency!r}")
    return half_up(Decimal(amount) / units(currency))


def is_finer(currency: str) -> bool:
    """Whether Stripe counts this currency in smaller units than we keep, so that each line may be off by one."""
    return STRIPE_EXPONENTS.get(currency, EXPONENTS[currency]) > EXPONENTS[currency]

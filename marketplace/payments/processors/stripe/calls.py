"""Calling Stripe: what a failure means, and how it counts money."""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from marketplace.core.money import EXPONENTS, Money, half_up

from .. import ProcessorDown, Refused

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

# Digits after the point as Stripe counts them, where that is not what we keep: rupiah have sen there [S5].
STRIPE_EXPONENTS = {"IDR": 2}


def to_stripe(money: Money) -> int:
    """The amount in Stripe's smallest unit: Rp 150.000 is 15000000."""
    return money.amount * units(money.currency)


def from_stripe(amount: int, currency: str) -> Money:
    """Our money for Stripe's number.

    Raises:
        ProcessorDown: it is a currency that we do not keep, or no whole number of our units.
    """
    code = currency.upper()
    if type(amount) is not int or code not in EXPONENTS or amount % units(code):
        raise ProcessorDown(f"an amount that cannot be ours: {amount!r} {currency!r}")
    return Money(amount // units(code), code)


def settled_of(fee: int, net: int, currency: str) -> dict[str, Any]:
    """Fee and net of a balance transaction in our units. Odd sen, of a fee or of a conversion, are rounded half up: the
    sum of both, and the fee; the net is the rest.

    Raises:
        ProcessorDown: a currency that we do not keep.
    """
    code = currency.upper()
    if type(fee) is not int or type(net) is not int or code not in EXPONENTS:
        raise ProcessorDown(f"a balance that cannot be ours: {fee!r} {net!r} {currency!r}")
    whole = half_up(Decimal(fee + net) / units(code))
    ours = half_up(Decimal(fee) / units(code))
    return {"fee_amount": ours, "net_amount": whole - ours, "settle_currency": code}


def units(currency: str) -> int:
    """How many of Stripe's smallest units make one of ours."""
    ours = EXPONENTS[currency]
    return int(Decimal(10) ** (STRIPE_EXPONENTS.get(currency, ours) - ours))


def calling(call: Callable[[], Answer]) -> Answer:
    """Tell a definite no from an answer that is missing or unusable."""
    import stripe

    try:
        return call()
    except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as error:
        raise Refused(str(error)) from error
    except stripe.StripeError as error:
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            log.critical("Stripe does not accept our key: %s", error)
        raise ProcessorDown(f"{type(error).__name__}: {error}") from error
    except Exception as error:
        raise ProcessorDown(f"rubbish from Stripe: {error!r}") from error


def read(reading: Callable[[], Answer]) -> Answer:
    """An answer without what it must have is no answer."""
    try:
        return reading()
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise ProcessorDown(f"an answer without what it must have: {error!r}") from error

"""Money: whole minor units with a currency, never a float. Sources: payments.md 4 and 9, domain.md 6.1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# Digits after the point that we keep. Nobody pays sen: rupiah are whole (a processor may count otherwise).
EXPONENTS = {
    "IDR": 0,
    "JPY": 0,
    "USD": 2,
    "AUD": 2,
    "EUR": 2,
    "SGD": 2,
    "GBP": 2,
    "CAD": 2,
    "CHF": 2,
    "HKD": 2,
    "MYR": 2,
    "NZD": 2,
    "THB": 2,  # in which a processor may settle
}


class CurrencyMismatch(Exception):
    """Two currencies met in one sum: a mistake of ours, never of the buyer."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`amount` minor units of `currency`: Money(12500, "USD") is $125.00, Money(745000, "IDR") is Rp 745.000."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise ValueError(f"unknown currency {self.currency!r}")
        if type(self.amount) is not int:
            object.__setattr__(self, "amount", _whole(self.amount))

    def __composite_values__(self) -> tuple[int, str]:
        return self.amount, self.currency

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.amount * count, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount

    @property
    def decimal(self) -> Decimal:
        """The amount in whole units, for display and for formats that want a decimal."""
        return Decimal(self.amount).scaleb(-EXPONENTS[self.currency])

    def share(self, basis_points: int) -> Money:
        """This part of the amount, rounded half up, once (payments.md 9)."""
        return Money(half_up(Decimal(self.amount) * basis_points / 10_000), self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Split by weight with the largest remainder: the parts always add up to the whole."""
        return [Money(part, self.currency) for part in allocate(self.amount, weights)]


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, nothing of `currency` when there are none."""
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result


def half_up(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def allocate(whole: int, weights: Sequence[int]) -> list[int]:
    """Split `whole` in proportion to `weights` (none negative, one positive) by the largest remainder.

    Ties go to the lowest index; a negative whole is mirrored. The sum is exact in every case.

    Raises:
        ValueError: a weight is negative or all are zero.
    """
    if any(weight < 0 for weight in weights) or not sum(weights):
        raise ValueError("weights must not be negative, and one must be positive")
    if whole < 0:
        return [-part for part in allocate(-whole, weights)]
    weight_sum = sum(weights)
    parts = [whole * weight // weight_sum for weight in weights]
    remainders = [whole * weight % weight_sum for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: whole - sum(parts)]:
        parts[index] += 1
    return parts


def _whole(amount: object) -> int:
    """Databases give sums as Decimal: take them when they are whole, refuse everything else."""
    if isinstance(amount, Decimal) and amount == amount.to_integral_value():
        return int(amount)
    raise TypeError(f"money counts whole minor units, not {amount!r}")

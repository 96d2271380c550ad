"""What a piece costs its maker and what price that suggests (domain.md 6.6): whole rupiah and Decimals, no database.

    metal = weight × fineness × rate per gram of the pure metal × (1 + loss)
    cost  = metal + labour + stones + finishing
    price = cost / (1 − margin), rounded up to the next Rp 5,000

Rounding happens twice. The metal is rounded to the whole rupiah, a half to the even one, so that the sums of a sheet
add up as they are shown; the price is rounded up, so that the margin is never less than was asked for. Base metals have
no fineness: their rate is for a gram as it is bought.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

STEP = 5_000  # prices are whole multiples of it
BASIS = 10_000  # basis points in the whole
LOSS_BP = 800  # 8%, filings and melting, until a workshop says otherwise
MARGIN_BP = 3_000  # 30% of the price: tools, rent, unsold stock, the fee
MOST_LOSS_BP, MOST_MARGIN_BP = 5_000, 9_000  # as the table holds them


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a maker says of one piece besides its weight and metal. Whole rupiah; margin and loss in basis points."""

    labour_idr: int = 0
    stones_idr: int = 0
    finishing_idr: int = 0
    loss_bp: int = LOSS_BP
    margin_bp: int = MARGIN_BP

    def with_labour(self, labour_idr: int | None) -> Sheet:
        """The same for a size whose making charge is its own; None is the piece's."""
        return self if labour_idr is None else replace(self, labour_idr=labour_idr)


@dataclass(frozen=True, slots=True)
class Metal:
    """What is in one sold unit: grams of it, parts per thousand that are pure (None: a base metal), rupiah a gram."""

    weight_grams: Decimal
    fineness: int | None
    idr_per_gram: int


@dataclass(frozen=True, slots=True)
class Costs:
    """The sheet added up; whole rupiah."""

    metal_idr: int  # with the loss
    labour_idr: int
    stones_idr: int
    finishing_idr: int
    suggestion_idr: int

    @property
    def cost_idr(self) -> int:
        return self.metal_idr + self.labour_idr + self.stones_idr + self.finishing_idr


def metal_idr(metal: Metal, loss_bp: int) -> int:
    """What the metal of one unit costs with what is lost on the way; a half rupiah goes to the even one."""
    purity = 1_000 if metal.fineness is None else metal.fineness
    exact = metal.weight_grams * purity * metal.idr_per_gram * (BASIS + loss_bp) / (1_000 * BASIS)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def price_idr(cost_idr: int, margin_bp: int) -> int:
    """The lowest multiple of STEP of which at least the margin is left above the cost."""
    kept = BASIS - margin_bp
    return -(-cost_idr * BASIS // (kept * STEP)) * STEP


def suggested(metal: Metal, sheet: Sheet) -> Costs:
    """All sums of one piece, or of one of its sizes."""
    of_metal = metal_idr(metal, sheet.loss_bp)
    cost = of_metal + sheet.labour_idr + sheet.stones_idr + sheet.finishing_idr
    return Costs(of_metal, sheet.labour_idr, sheet.stones_idr, sheet.finishing_idr, price_idr(cost, sheet.margin_bp))


def moved_bp(old: int, new: int) -> int:
    """By how much a rate moved, in basis points of the old one, rounded toward zero: 45,000 to 47,700 is 600."""
    change = abs(new - old) * BASIS // old
    return change if new >= old else -change


def factor(basis_points: int) -> Decimal:
    """10,800 basis points as one writes them in a sum: 1.08."""
    return Decimal(basis_points) / BASIS

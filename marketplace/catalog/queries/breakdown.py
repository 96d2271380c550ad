"""Where the price of a piece goes, if its maker lets buyers see it (features.md B9); whole rupiah."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from marketplace.catalog.attributes import FINENESSES
from marketplace.catalog.costing import Metal, suggested
from marketplace.catalog.models import Costing, ListingVersion, MetalRate

from .costing import sheet_from


class Priced(Protocol):
    """A variant as it is offered."""

    @property
    def price_idr(self) -> int: ...
    @property
    def weight_grams(self) -> Decimal | None: ...
    @property
    def labour_idr(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The parts of `price_idr`; they add up to it. The metal is at the rate of `quoted_at`, with its loss."""

    price_idr: int
    weight_grams: Decimal
    quoted_at: datetime
    metal_idr: int
    labour_idr: int
    stones_idr: int
    finishing_idr: int

    @property
    def rest_idr(self) -> int:
        """What is above the cost: tools, rent, the shop's fee, what is earned."""
        return self.price_idr - self.metal_idr - self.labour_idr - self.stones_idr - self.finishing_idr


def breakdown(
    sheet: Costing | None, rate: MetalRate | None, version: ListingVersion, variants: Iterable[Priced]
) -> Breakdown | None:
    """Of the cheapest size. None when there is nothing to show: no sheet, no rate, no weight, or a price under cost."""
    cheapest = min(variants, key=lambda one: one.price_idr)
    weight = cheapest.weight_grams or version.weight_grams
    if sheet is None or rate is None or not weight:
        return None
    fineness = version.fineness if version.material in FINENESSES else None
    if version.material in FINENESSES and not fineness:
        return None
    costs = suggested(Metal(weight, fineness, rate.idr_per_gram), sheet_from(sheet).with_labour(cheapest.labour_idr))
    found = Breakdown(
        price_idr=cheapest.price_idr,
        weight_grams=weight,
        quoted_at=rate.quoted_at,
        metal_idr=costs.metal_idr,
        labour_idr=costs.labour_idr,
        stones_idr=costs.stones_idr,
        finishing_idr=costs.finishing_idr,
    )
    return found if found.rest_idr >= 0 else None

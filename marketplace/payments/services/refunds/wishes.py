"""What somebody wants to give back, in the buyer's currency, and what that would mean."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.core.money import Money


@dataclass(frozen=True, slots=True)
class LineWish:
    """So many pieces of a line; `restock` puts those that were taken from stock back on sale, once the money is out."""

    line_id: int
    quantity: int
    restock: bool = False


@dataclass(frozen=True, slots=True)
class RefundWish:
    """Either pieces and/or postage, or a free amount. `request_key` belongs to the form: said twice, it is done once.

    A free amount comes from the goods that are left, in proportion to what is left of each line; only what exceeds
    them comes from the postage.
    """

    seller_order_id: int
    request_key: str
    lines: tuple[LineWish, ...] = ()
    shipping: Money | None = None
    amount: Money | None = None
    reason_code: str = "other"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """What a wish would do. `payable_idr` is what the workshop gets less, `commission_idr` what the collective gives
    back; `left` is what can still be given back afterwards.
    """

    total: Money
    goods: Money
    shipping: Money
    payable_idr: int
    commission_idr: int
    left: Money

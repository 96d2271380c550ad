"""The arithmetic of a refund (payments.md 9): plain numbers in, plain numbers out.

Each piece of a refund in rupiah is cumulative: what is due for all that went back so far, less what earlier refunds
(those that did not fail) returned already. So no rounding is ever lost, and the refund that takes the last of a line
closes it exactly. Commission follows the maker's rupiah of its rate group; postage returns none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.core.money import allocate


@dataclass(frozen=True, slots=True)
class LineState:
    """A line before the refund. `paid` and `refunded` are in the buyer's currency, the rest in rupiah.

    `rate` groups the lines whose commission was rounded together.
    """

    id: int
    rate: int
    quantity_left: int
    paid: int
    refunded: int
    goods_idr: int
    goods_returned_idr: int
    commission_idr: int
    commission_returned_idr: int

    @property
    def left(self) -> int:
        return self.paid - self.refunded


@dataclass(frozen=True, slots=True)
class PartState:
    """A seller order before the refund."""

    lines: tuple[LineState, ...]
    shipping: int
    shipping_refunded: int
    shipping_idr: int
    shipping_returned_idr: int

    @property
    def goods_left(self) -> int:
        return sum(line.left for line in self.lines)

    @property
    def shipping_left(self) -> int:
        return self.shipping - self.shipping_refunded

    @property
    def left(self) -> int:
        return self.goods_left + self.shipping_left


@dataclass(frozen=True, slots=True)
class LineShare:
    """What a refund takes from one line; `quantity` is 0 where only money goes back."""

    line_id: int
    quantity: int
    amount: int
    goods_idr: int
    commission_idr: int


@dataclass(frozen=True, slots=True)
class Share:
    """What a refund takes from a seller order. For an order in rupiah, amount == payable_idr + commission_idr."""

    lines: tuple[LineShare, ...]
    shipping: int
    shipping_idr: int

    @property
    def goods(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def amount(self) -> int:
        return self.goods + self.shipping

    @property
    def commission_idr(self) -> int:
        return sum(line.commission_idr for line in self.lines)

    @property
    def payable_idr(self) -> int:
        return sum(line.goods_idr for line in self.lines) - self.commission_idr + self.shipping_idr


def of_pieces(part: PartState, quantities: Mapping[int, int], shipping: int = 0) -> Share:
    """So many pieces by line id, and this much of the postage; the caller has checked that they are left.

    Where an earlier free amount came from a line, its remaining pieces are worth the less, in equal parts.
    """
    amounts = {
        line.id: line.left * quantities[line.id] // line.quantity_left for line in part.lines if line.id in quantities
    }
    return _share(part, quantities, amounts, shipping)


def of_amount(part: PartState, amount: int) -> Share:
    """A free amount, at most what is left: from the goods by the largest remainder, the rest from the postage."""
    goods = min(amount, part.goods_left)
    amounts: dict[int, int] = {}
    if goods:
        shares = allocate(goods, [line.left for line in part.lines])
        amounts = {line.id: share for line, share in zip(part.lines, shares, strict=True) if share}
    return _share(part, {}, amounts, amount - goods)


def of_all(part: PartState) -> Share:
    """Everything that is left: all pieces, all money."""
    quantities = {line.id: line.quantity_left for line in part.lines if line.quantity_left or line.left}
    amounts = {line.id: line.left for line in part.lines if line.id in quantities}
    return _share(part, quantities, amounts, part.shipping_left)


def _share(part: PartState, quantities: Mapping[int, int], amounts: Mapping[int, int], shipping: int) -> Share:
    goods_idr = {line.id: _goods_idr(line, amounts[line.id]) for line in part.lines if line.id in amounts}
    commission_idr: dict[int, int] = {}
    for rate in {line.rate for line in part.lines}:
        group = [line for line in part.lines if line.rate == rate]
        commission_idr.update(_commission_idr(group, goods_idr))
    lines = tuple(
        LineShare(
            line_id=line.id,
            quantity=quantities.get(line.id, 0),
            amount=amounts[line.id],
            goods_idr=goods_idr[line.id],
            commission_idr=commission_idr.get(line.id, 0),
        )
        for line in part.lines
        if line.id in amounts
    )
    return Share(lines, shipping, _shipping_idr(part, shipping))


def _cumulative(whole: int, done: int, of: int, returned: int) -> int:
    """What is due now: the share of all that is done, less what was returned before, never below zero."""
    return max(0, (whole * done // of if of else whole) - returned)


def _goods_idr(line: LineState, amount: int) -> int:
    return _cumulative(line.goods_idr, line.refunded + amount, line.paid, line.goods_returned_idr)


def _shipping_idr(part: PartState, shipping: int) -> int:
    if not shipping:
        return 0
    return _cumulative(part.shipping_idr, part.shipping_refunded + shipping, part.shipping, part.shipping_returned_idr)


def _commission_idr(group: Sequence[LineState], goods_idr: Mapping[int, int]) -> dict[int, int]:
    """The commission of one rate that this refund returns, by line.

    Kept within two bounds, so that neither the collective's nor the workshop's part of any refund is below zero, and
    both are used up at the end, even after refunds in between have failed.
    """
    whole, goods = sum(line.commission_idr for line in group), sum(line.goods_idr for line in group)
    returned = sum(line.commission_returned_idr for line in group)
    goods_returned = sum(line.goods_returned_idr for line in group)
    steps = {line.id: goods_idr[line.id] for line in group if line.id in goods_idr}
    step = sum(steps.values())
    if not step or not goods:
        return {}
    due = _cumulative(whole, goods_returned + step, goods, returned)
    makers_left = (goods - whole) - (goods_returned - returned)
    due = min(max(due, step - makers_left), step, whole - returned)
    return dict(zip(steps, allocate(due, list(steps.values())), strict=True))

"""The arithmetic of refunds over any order: sums are exact, nothing is ever negative, and all of it closes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.core.money import allocate
from marketplace.orders.commission import Rate, commissions_idr
from marketplace.payments.shares import LineState, PartState, Share, of_all, of_amount, of_pieces

EXAMPLES = 300


@dataclass(frozen=True)
class Basket:
    """A seller order as the checkout would write it."""

    part: PartState
    commission_idr: int
    payable_idr: int
    is_rupiah: bool


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    is_rupiah = draw(st.booleans())
    count = draw(st.integers(1, 4))
    rates = draw(st.lists(_rates(), min_size=1, max_size=2))
    units = [draw(st.integers(1, 5_000_000)) for _ in range(count)]
    quantities = [draw(st.integers(1, 4)) for _ in range(count)]
    goods = [unit * quantity for unit, quantity in zip(units, quantities, strict=True)]
    of_line = [draw(st.sampled_from(rates)) for _ in range(count)]
    kept = commissions_idr(list(zip(goods, of_line, strict=True)))
    prices = units if is_rupiah else [draw(st.integers(1, 30_000)) for _ in range(count)]
    shipping_idr = draw(st.integers(0, 400_000))
    shipping = shipping_idr if is_rupiah else (draw(st.integers(1, 5_000)) if shipping_idr else 0)
    lines = tuple(
        LineState(
            id=number,
            rate=of_line[number].basis_points,
            quantity_left=quantities[number],
            paid=prices[number] * quantities[number],
            refunded=0,
            goods_idr=goods[number],
            goods_returned_idr=0,
            commission_idr=kept[number],
            commission_returned_idr=0,
        )
        for number in range(count)
    )
    part = PartState(lines, shipping, 0, shipping_idr, 0)
    return Basket(part, sum(kept), sum(goods) - sum(kept) + shipping_idr, is_rupiah)


def _rates() -> st.SearchStrategy[Rate]:
    floors = st.none() | st.integers(0, 50_000)
    return st.builds(Rate, st.integers(0, 5_000), floors, st.none() | st.integers(50_000, 90_000))


def after(part: PartState, share: Share, sign: int = 1) -> PartState:
    """The part once this refund counts (or, with -1, no longer counts because it failed)."""
    of = {line.line_id: line for line in share.lines}
    lines = tuple(
        dataclasses.replace(
            line,
            quantity_left=line.quantity_left - sign * of[line.id].quantity,
            refunded=line.refunded + sign * of[line.id].amount,
            goods_returned_idr=line.goods_returned_idr + sign * of[line.id].goods_idr,
            commission_returned_idr=line.commission_returned_idr + sign * of[line.id].commission_idr,
        )
        if line.id in of
        else line
        for line in part.lines
    )
    return dataclasses.replace(
        part,
        lines=lines,
        shipping_refunded=part.shipping_refunded + sign * share.shipping,
        shipping_returned_idr=part.shipping_returned_idr + sign * share.shipping_idr,
    )


def some(data: st.DataObject, part: PartState) -> Share:
    """A refund that somebody might ask for: pieces, postage, both, or an amount."""
    if data.draw(st.booleans(), label="amount?"):
        return of_amount(part, data.draw(st.integers(1, part.left), label="amount"))
    quantities = {
        line.id: data.draw(st.integers(1, line.quantity_left), label="pieces")
        for line in part.lines
        if line.quantity_left and data.draw(st.booleans(), label="line?")
    }
    return of_pieces(part, quantities, data.draw(st.integers(0, part.shipping_left), label="postage"))


def assert_sound(basket: Basket, share: Share) -> None:
    assert share.amount == sum(line.amount for line in share.lines) + share.shipping
    assert min(share.amount, share.shipping, share.shipping_idr, share.commission_idr, share.payable_idr) >= 0
    for line in share.lines:
        assert line.amount >= 0
        assert 0 <= line.commission_idr <= line.goods_idr
    if basket.is_rupiah:
        assert share.amount == share.payable_idr + share.commission_idr


@settings(max_examples=EXAMPLES, deadline=None)
@given(baskets(), st.data())
def test_any_refunds_some_of_which_fail_close_exactly(basket: Basket, data: st.DataObject) -> None:
    part, standing = basket.part, list[Share]()
    for _ in range(data.draw(st.integers(0, 8), label="refunds")):
        if not part.left:
            break
        if standing and data.draw(st.integers(0, 3), label="fails?") == 0:
            failed = standing.pop(data.draw(st.integers(0, len(standing) - 1), label="which"))
            part = after(part, failed, -1)
            continue
        share = some(data, part)
        assert_sound(basket, share)
        assert share.amount <= part.left
        part = after(part, share)
        standing.append(share)
        assert sum(each.commission_idr for each in standing) <= basket.commission_idr
        assert sum(each.payable_idr for each in standing) <= basket.payable_idr
    if part.left:
        rest = of_all(part)
        assert_sound(basket, rest)
        standing.append(rest)
        part = after(part, rest)
    assert part.left == 0
    assert sum(share.amount for share in standing) == basket.part.left
    assert sum(share.commission_idr for share in standing) == basket.commission_idr
    assert sum(share.payable_idr for share in standing) == basket.payable_idr


@settings(max_examples=EXAMPLES, deadline=None)
@given(baskets(), st.data())
def test_a_free_amount_takes_goods_first_by_the_largest_remainder(basket: Basket, data: st.DataObject) -> None:
    part = basket.part
    amount = data.draw(st.integers(1, part.left))
    share = of_amount(part, amount)
    goods = min(amount, part.goods_left)
    expected = allocate(goods, [line.left for line in part.lines])
    assert {line.line_id: line.amount for line in share.lines} == {
        number: amount for number, amount in enumerate(expected) if amount
    }
    assert share.shipping == amount - goods
    assert all(line.quantity == 0 for line in share.lines)


@settings(max_examples=EXAMPLES, deadline=None)
@given(baskets())
def test_piece_by_piece_is_the_same_as_all_at_once(basket: Basket) -> None:
    part, pieces = basket.part, list[Share]()
    for line in basket.part.lines:
        for _ in range(line.quantity_left):
            share = of_pieces(part, {line.id: 1})
            assert share.amount == line.paid // line.quantity_left
            pieces.append(share)
            part = after(part, share)
    if part.shipping_left:
        pieces.append(of_pieces(part, {}, part.shipping_left))
    whole = of_all(basket.part)
    assert sum(share.amount for share in pieces) == whole.amount
    assert sum(share.commission_idr for share in pieces) == whole.commission_idr
    assert sum(share.payable_idr for share in pieces) == whole.payable_idr


def line(**facts: int) -> LineState:
    values = {
        "id": 1,
        "rate": 800,
        "quantity_left": 1,
        "paid": 100_000,
        "refunded": 0,
        "goods_idr": 100_000,
        "goods_returned_idr": 0,
        "commission_idr": 8_000,
        "commission_returned_idr": 0,
    }
    return LineState(**{**values, **facts})


def test_returned_postage_returns_no_commission() -> None:
    share = of_pieces(PartState((line(),), 20_000, 0, 20_000, 0), {}, 5_000)
    assert (share.amount, share.shipping_idr, share.commission_idr, share.payable_idr) == (5_000, 5_000, 0, 5_000)


def test_commission_is_rounded_once_per_rate_not_per_line() -> None:
    """Three lines of Rp 33 at 5%: 99 rupiah of goods, 5 of commission; the lines of a rate give back together."""
    lines = tuple(
        line(id=number, paid=33, goods_idr=33, commission_idr=share) for number, share in enumerate((2, 2, 1))
    )
    part, returned = PartState(lines, 0, 0, 0, 0), list[int]()
    for number in range(3):
        share = of_pieces(part, {number: 1})
        returned.append(share.commission_idr)
        part = after(part, share)
    assert returned == [1, 2, 2]


def test_two_rates_are_two_groups() -> None:
    lines = (line(id=1, rate=800), line(id=2, rate=1_500, commission_idr=15_000))
    part = PartState(lines, 0, 0, 0, 0)
    assert of_pieces(part, {2: 1}).commission_idr == 15_000
    assert of_amount(part, 100_000).commission_idr == 4_000 + 7_500


def test_pieces_are_worth_less_after_a_free_amount() -> None:
    part = PartState((line(quantity_left=3, paid=9_000, goods_idr=149_985, commission_idr=11_999),), 0, 0, 0, 0)
    part = after(part, of_amount(part, 1_000))
    first = of_pieces(part, {1: 1})
    assert first.amount == 2_666
    part = after(part, first)
    assert of_pieces(part, {1: 2}).amount == 5_334

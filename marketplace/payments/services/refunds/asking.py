"""Asking for a refund: what it would be, and the one transaction that makes it one."""

from __future__ import annotations

import re
from decimal import Decimal

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core.db import db, transaction
from marketplace.core.errors import NotFound
from marketplace.core.i18n import money
from marketplace.core.ids import hash_token
from marketplace.core.money import EXPONENTS, Money, half_up
from marketplace.orders.models import SellerOrderStatus

from ...errors import (
    AboveWhatIsLeft,
    NegativeAmount,
    NothingToRefund,
    PiecesOrAmount,
    UnknownReason,
    WrongCurrency,
    WrongQuantity,
)
from ...models import Refund, RefundOrigin
from ...queries.refunding import Subject, subject
from ...reasons import REASONS
from ...shares import Share, of_amount, of_pieces
from .reading import held_subject, refuse_disputed
from .wishes import LineWish, RefundPreview, RefundWish
from .writing import Ask, write


def preview(wish: RefundWish, workshop_id: int | None = None) -> RefundPreview:
    """What this wish would do; nothing changes.

    Raises:
        NotFound: the seller order, or one of its lines, is not there or is another workshop's.
        NotPaid, NothingToRefund, NegativeAmount, PiecesOrAmount, WrongCurrency, WrongQuantity, AboveWhatIsLeft,
        DisputeOpen: as their sentences say.
    """
    found = subject(wish.seller_order_id, workshop_id)
    share = share_of(found, wish)
    currency = found.part.currency
    return RefundPreview(
        total=Money(share.amount, currency),
        goods=Money(share.goods, currency),
        shipping=Money(share.shipping, currency),
        payable_idr=share.payable_idr,
        commission_idr=share.commission_idr,
        left=found.left - Money(share.amount, currency),
    )


def request_refund(wish: RefundWish, *, origin: RefundOrigin, by: int, workshop_id: int | None = None) -> int:
    """Write the refund with its counters, its booking, its audit row; the money travels after the commit.

    The same `request_key` again gives the same refund. A workshop's own refund is loaded through `workshop_id`.

    Raises:
        As `preview`, and UnknownReason.
    """
    if wish.reason_code not in REASONS:
        raise UnknownReason
    with transaction():
        found = held_subject(wish.seller_order_id, workshop_id)
        key = _key(wish.request_key)
        before = _asked_before(key, wish.seller_order_id)
        if before is not None:
            return before
        share = share_of(found, wish)
        ask = Ask(key, origin, by, wish.reason_code, wish.reason)
        restock = frozenset(line.line_id for line in wish.lines if line.restock)
        if found.part.status is SellerOrderStatus.CANCELED:
            restock = frozenset()  # its pieces went back when it was canceled
        refund = write(found, share, ask, restock=restock)
        note(refund, "refund.ask", by)
        return refund.id


def _key(request_key: str) -> str:
    """A form's key as it is kept. One that nobody's form has is made harmless: keys with a colon are the shop's own."""
    if re.fullmatch(r"[\w-]{8,60}", request_key, re.ASCII):
        return request_key
    return hash_token(request_key)[:60]


def _asked_before(key: str, seller_order_id: int) -> int | None:
    """The refund of an earlier click. A key that belongs to another parcel is no earlier click of this form."""
    row = db.session.execute(sa.select(Refund.id, Refund.seller_order_id).where(Refund.request_key == key)).first()
    if row is not None and row.seller_order_id != seller_order_id:
        raise NotFound("Refund", key)
    return None if row is None else int(row.id)


def note(refund: Refund, action: str, by: int | None, reason: str = "", **after: object) -> None:
    """The audit row of a refund."""
    facts = {"amount": refund.amount, "currency": refund.currency, "seller_order_id": refund.seller_order_id}
    record(action, "refund", refund.id, by, after={**facts, **after}, reason=reason or refund.reason)


def rupiah_to_refund(seller_order_id: int, amount_idr: int, workshop_id: int | None = None) -> Money:
    """What a workshop's rupiah are in the buyer's currency, at the order's own rate, half up.

    All rupiah that are left (the maker's prices and the postage) are all that is left of what the buyer paid.

    Raises:
        NotFound, NotPaid: as `preview`.
        NegativeAmount, NothingToRefund, AboveWhatIsLeft: the amount is no amount of this parcel.
    """
    found = subject(seller_order_id, workshop_id)
    _positive(amount_idr)
    if amount_idr > found.left_idr:
        raise AboveWhatIsLeft(left=money(Money(found.left_idr, "IDR")))
    if amount_idr == found.left_idr:
        return found.left
    currency = found.part.currency
    minor = Decimal(amount_idr) / found.order.fx_rate * 10 ** EXPONENTS[currency]
    amount = min(max(half_up(minor), 1), found.left.amount)
    return Money(amount, currency)


def share_of(found: Subject, wish: RefundWish) -> Share:
    """The share that a wish asks for, after every check (see `preview`)."""
    refuse_disputed(found.part.id)
    if wish.amount is not None and (wish.lines or wish.shipping is not None):
        raise PiecesOrAmount
    if wish.amount is not None:
        amount = _amount(wish.amount, found)
        _positive(amount)
        _at_most(amount, found.left)
        return of_amount(found.state, amount)
    shipping = 0 if wish.shipping is None else _amount(wish.shipping, found)
    if shipping < 0:
        raise NegativeAmount
    _at_most(shipping, Money(found.state.shipping_left, found.part.currency))
    share = of_pieces(found.state, _quantities(found, wish.lines), shipping)
    _positive(share.amount)
    _at_most(share.amount, found.left)
    return share


def _amount(amount: Money, found: Subject) -> int:
    if amount.currency != found.part.currency:
        raise WrongCurrency(currency=found.part.currency)
    return amount.amount


def _positive(amount: int) -> None:
    if amount < 0:
        raise NegativeAmount
    if amount == 0:
        raise NothingToRefund


def _at_most(amount: int, left: Money) -> None:
    if amount > left.amount:
        raise AboveWhatIsLeft(left=money(left))


def _quantities(found: Subject, wishes: tuple[LineWish, ...]) -> dict[int, int]:
    left = {line.id: line.quantity_left for line in found.state.lines}
    quantities: dict[int, int] = {}
    for wish in wishes:
        if wish.line_id not in left:
            raise NotFound("Line", wish.line_id)
        asked = quantities.get(wish.line_id, 0) + wish.quantity
        if wish.quantity < 1 or asked > left[wish.line_id]:
            raise WrongQuantity(left=left[wish.line_id])
        quantities[wish.line_id] = asked
    return quantities

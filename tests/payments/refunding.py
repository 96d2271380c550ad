"""Refunds as people ask for them, and what rows and books say afterwards, always read anew."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.ids import new_key
from marketplace.core.money import Money
from marketplace.ledger.models import LedgerEntry, LedgerTxn
from marketplace.orders.models import Line, SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import PaymentAttempt, Refund, RefundLine, RefundOrigin, RefundStatus
from marketplace.payments.services import LineWish, RefundWish
from marketplace.payouts.check import check
from tests.factories.accounts import UserFactory


def wish(part: SellerOrder, *pieces: tuple[int, int], restock: bool = False, **facts: Any) -> RefundWish:
    """(line id, quantity) pairs and/or `shipping`, or an `amount`; numbers are the order's minor units."""
    for name in ("shipping", "amount"):
        if isinstance(facts.get(name), int):
            facts[name] = Money(facts[name], part.currency)
    lines = tuple(LineWish(line_id, quantity, restock) for line_id, quantity in pieces)
    values: dict[str, Any] = {"request_key": new_key(), "lines": lines, "reason_code": "damaged"}
    return RefundWish(part.id, **{**values, **facts})


def ask(asked: RefundWish, origin: RefundOrigin = RefundOrigin.ADMIN, **who: Any) -> int:
    """Ask for it as somebody of the shop does."""
    return payments.request_refund(asked, origin=origin, by=who.pop("by", None) or UserFactory().id, **who)


def refund_of(refund_id: int) -> Refund:
    return fresh(Refund, refund_id)


def refunds() -> list[Refund]:
    db.session.rollback()
    query = sa.select(Refund).order_by(Refund.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def attempt_of(order_id: int) -> PaymentAttempt:
    db.session.rollback()
    query = sa.select(PaymentAttempt).filter_by(order_id=order_id, is_applied=True).order_by(PaymentAttempt.id.desc())
    return db.session.scalars(query.limit(1).execution_options(populate_existing=True)).one()


def lines_of(part: SellerOrder) -> list[Line]:
    db.session.rollback()
    query = sa.select(Line).filter_by(seller_order_id=part.id).order_by(Line.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def part_again(part: SellerOrder) -> SellerOrder:
    return fresh(SellerOrder, part.id)


def fresh(model: Any, ident: int) -> Any:
    db.session.rollback()
    return db.session.get_one(model, ident, populate_existing=True)


def booked(key: str) -> dict[str, int]:
    """'account currency' → amount of one transaction; {} when it is not booked."""
    db.session.rollback()
    query = sa.select(LedgerEntry).join(LedgerTxn, LedgerTxn.id == LedgerEntry.txn_id).where(LedgerTxn.key == key)
    return {f"{entry.account} {entry.currency}": entry.amount for entry in db.session.scalars(query)}


def assert_counted(part: SellerOrder) -> None:
    """The counters are what the refunds that did not fail add up to, and the books' own check finds nothing."""
    part = part_again(part)
    standing = [
        refund for refund in refunds() if refund.seller_order_id == part.id and refund.status is not RefundStatus.FAILED
    ]
    sums = (
        sum(refund.amount for refund in standing),
        sum(refund.shipping_amount for refund in standing),
        sum(refund.commission_idr for refund in standing),
        sum(refund.payable_idr for refund in standing),
    )
    assert sums == (
        part.refunded_amount,
        part.shipping_refunded_amount,
        part.commission_returned_idr,
        part.payable_returned_idr,
    )
    for line in lines_of(part):
        query = sa.select(RefundLine).filter_by(line_id=line.id)
        rows = db.session.scalars(query.where(RefundLine.refund_id.in_([refund.id for refund in standing]))).all()
        assert (line.refunded_quantity, line.refunded_amount) == (
            sum(row.quantity for row in rows),
            sum(row.amount for row in rows),
        )
    attempt_ids = {refund.attempt_id for refund in standing}
    for attempt_id in attempt_ids:
        of_attempt = [
            refund
            for refund in refunds()
            if refund.attempt_id == attempt_id and refund.status is not RefundStatus.FAILED
        ]
        assert fresh(PaymentAttempt, attempt_id).refunded_amount == sum(refund.amount for refund in of_attempt)
    assert check() == []

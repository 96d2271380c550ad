"""Writing into the books: one balanced transaction per key, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, insert_ignore, transaction
from marketplace.core.money import Money

from .models import Kind, LedgerEntry, LedgerTxn

Side = tuple[str, Money]


class Unbalanced(Exception):
    """The sides of a transaction do not sum to zero in each currency: a mistake of ours, nothing is written."""


def debit(account: str, amount: Money) -> Side:
    return account, amount


def credit(account: str, amount: Money) -> Side:
    return account, -amount


def key_of(kind: Kind, subject: int | str) -> str:
    return f"{kind}:{subject}"


def post(
    kind: Kind,
    subject: int | str,
    sides: Iterable[Side],
    *,
    livemode: bool,
    memo: str = "",
    order_id: int | None = None,
    seller_order_id: int | None = None,
    workshop_id: int | None = None,
    at: datetime | None = None,
) -> bool:
    """Write a transaction in the caller's transaction; False when its key (`kind:subject`) is booked already.

    `sides` come from `debit` and `credit`; several of one account and currency are joined, empty ones left out. When
    nothing is left, nothing is written and the answer is True.

    Raises:
        Unbalanced: debits and credits of a currency differ.
    """
    joined = _joined(sides)
    key = key_of(kind, subject)
    if not joined:
        return True
    with transaction():
        is_new = insert_ignore(
            LedgerTxn,
            key=key,
            kind=kind,
            memo=memo[:300],
            livemode=livemode,
            order_id=order_id,
            seller_order_id=seller_order_id,
            workshop_id=workshop_id,
            at=at or clock.now(),
        )
        if not is_new:
            return False
        txn_id = db.session.scalars(sa.select(LedgerTxn.id).where(LedgerTxn.key == key)).one()
        rows = [
            {"txn_id": txn_id, "account": account, "currency": currency, "amount": amount}
            for (account, currency), amount in joined.items()
        ]
        db.session.execute(sa.insert(LedgerEntry), rows)
    return True


def _joined(sides: Iterable[Side]) -> dict[tuple[str, str], int]:
    joined: dict[tuple[str, str], int] = {}
    sums: dict[str, int] = {}
    for account, money in sides:
        place = (account, money.currency)
        joined[place] = joined.get(place, 0) + money.amount
        sums[money.currency] = sums.get(money.currency, 0) + money.amount
    if any(sums.values()):
        raise Unbalanced(f"{sums} in {joined}")
    return {place: amount for place, amount in joined.items() if amount}


def reverse(kind: Kind, subject: int | str, of: str, *, memo: str = "", at: datetime | None = None) -> bool:
    """Book the opposite of the transaction with key `of`; False when it is booked already or `of` never was."""
    with transaction():
        txn = db.session.scalar(sa.select(LedgerTxn).where(LedgerTxn.key == of))
        if txn is None:
            return False
        entries = db.session.scalars(sa.select(LedgerEntry).where(LedgerEntry.txn_id == txn.id)).all()
        return post(
            kind,
            subject,
            [(entry.account, Money(-entry.amount, entry.currency)) for entry in entries],
            livemode=txn.livemode,
            memo=memo or f"opposite of {of}",
            order_id=txn.order_id,
            seller_order_id=txn.seller_order_id,
            workshop_id=txn.workshop_id,
            at=at,
        )

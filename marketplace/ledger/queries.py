"""Reading the books: balances, the entries behind an order, the account of a workshop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.core.pagination import Page, cut, decode_key, encode_key

from .accounts import SELLER_PREFIX, seller
from .models import Kind, LedgerEntry, LedgerTxn

RUNNING = 50  # rows of a running account on one page


@dataclass(frozen=True, slots=True)
class Balance:
    """A positive amount is a debit, a negative one a credit."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Txn:
    id: int
    key: str
    kind: Kind
    memo: str
    at: datetime
    seller_order_id: int | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a workshop's running account. `amount` and `balance` are owed to the workshop when positive."""

    txn_id: int
    kind: Kind
    key: str
    memo: str
    at: datetime
    order_id: int | None
    seller_order_id: int | None
    amount: Money
    balance: Money


def balances(*, livemode: bool | None = None) -> list[Balance]:
    """Each account and currency with its sum, the workshops one by one; those that are at zero are left out."""
    amount = sa.func.sum(LedgerEntry.amount)
    query = sa.select(LedgerEntry.account, LedgerEntry.currency, amount).group_by(
        LedgerEntry.account, LedgerEntry.currency
    )
    if livemode is not None:
        query = query.join(LedgerTxn, LedgerTxn.id == LedgerEntry.txn_id).where(LedgerTxn.livemode == livemode)
    rows = db.session.execute(query.order_by(LedgerEntry.account, LedgerEntry.currency).having(amount != 0))
    return [Balance(account, Money(int(total), currency)) for account, currency, total in rows]


def balance(account: str, currency: str) -> Money:
    """A debit is positive."""
    query = sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount), 0)).where(
        LedgerEntry.account == account, LedgerEntry.currency == currency
    )
    return Money(int(db.session.scalar(query) or 0), currency)


def owed_to(workshop_id: int, currency: str = "IDR") -> Money:
    """What the collective owes the workshop; negative when the workshop owes."""
    return -balance(seller(workshop_id), currency)


def txns_of_order(order_id: int, limit: int = 200) -> list[Txn]:
    """Everything that was booked for an order, in the order of booking; two statements."""
    query = sa.select(LedgerTxn).where(LedgerTxn.order_id == order_id).order_by(LedgerTxn.id).limit(limit)
    return with_entries(db.session.scalars(query).all())


def with_entries(txns: Sequence[LedgerTxn]) -> list[Txn]:
    """These transactions with their entries, debits first; one statement."""
    query = sa.select(LedgerEntry).where(LedgerEntry.txn_id.in_([txn.id for txn in txns])).order_by(LedgerEntry.id)
    sides: dict[int, list[Entry]] = {}
    for entry in db.session.scalars(query):
        sides.setdefault(entry.txn_id, []).append(Entry(entry.account, Money(entry.amount, entry.currency)))
    return [
        Txn(
            txn.id,
            txn.key,
            txn.kind,
            txn.memo,
            txn.at,
            txn.seller_order_id,
            tuple(sorted(sides.get(txn.id, ()), key=lambda side: side.amount.amount < 0)),
        )
        for txn in txns
    ]


def running_account(workshop_id: int, after: str | None = None, limit: int = RUNNING) -> Page[Movement]:
    """What was booked for a workshop, newest first, each line with the balance after it; two statements."""
    key = decode_key(after, 1)
    mine = (LedgerEntry.account == seller(workshop_id), LedgerEntry.currency == "IDR")
    query = sa.select(LedgerTxn, LedgerEntry.amount).join(LedgerEntry, LedgerEntry.txn_id == LedgerTxn.id).where(*mine)
    before = sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount), 0)).where(*mine)
    if key:
        query, before = query.where(LedgerTxn.id < key[0]), before.where(LedgerEntry.txn_id < key[0])
    rows = db.session.execute(query.order_by(LedgerTxn.id.desc()).limit(limit + 1)).all()
    owed = -int(db.session.scalar(before) or 0)
    found = []
    for txn, amount in rows:
        found.append(_movement(txn, -amount, owed))
        owed += amount
    return cut(found, limit, lambda row: encode_key(row.txn_id))


def movements_between(workshop_id: int, since: datetime, until: datetime) -> tuple[Money, list[Movement]]:
    """(owed at `since`, what was booked from `since` until before `until`, oldest first); two statements."""
    mine = (LedgerEntry.account == seller(workshop_id), LedgerEntry.currency == "IDR")
    joined = sa.select(LedgerTxn, LedgerEntry.amount).join(LedgerEntry, LedgerEntry.txn_id == LedgerTxn.id).where(*mine)
    opening_query = (
        sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount), 0))
        .join(LedgerTxn, LedgerTxn.id == LedgerEntry.txn_id)
        .where(*mine, LedgerTxn.at < since)
    )
    opening = owed = -int(db.session.scalar(opening_query) or 0)
    found = []
    rows = db.session.execute(
        joined.where(LedgerTxn.at >= since, LedgerTxn.at < until).order_by(LedgerTxn.at, LedgerTxn.id)
    )
    for txn, amount in rows:
        owed -= amount
        found.append(_movement(txn, -amount, owed))
    return Money(opening, "IDR"), found


def _movement(txn: LedgerTxn, amount: int, owed: int) -> Movement:
    return Movement(
        txn.id,
        txn.kind,
        txn.key,
        txn.memo,
        txn.at,
        txn.order_id,
        txn.seller_order_id,
        Money(amount, "IDR"),
        Money(owed, "IDR"),
    )


def seller_balances() -> dict[int, Money]:
    """What each workshop is owed in rupiah (negative: it owes); one statement."""
    query = (
        sa.select(LedgerEntry.account, sa.func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account.startswith(SELLER_PREFIX), LedgerEntry.currency == "IDR")
        .group_by(LedgerEntry.account)
    )
    return {
        int(account.removeprefix(SELLER_PREFIX)): Money(-int(total), "IDR")
        for account, total in db.session.execute(query)
    }


def entry_count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry)) or 0


def all_rows(since: datetime | None = None, until: datetime | None = None) -> Iterator[tuple[LedgerTxn, LedgerEntry]]:
    """Every entry with its transaction, in the order of booking, streamed: for the accountant's CSV."""
    query = sa.select(LedgerTxn, LedgerEntry).join(LedgerEntry, LedgerEntry.txn_id == LedgerTxn.id)
    if since is not None:
        query = query.where(LedgerTxn.at >= since)
    if until is not None:
        query = query.where(LedgerTxn.at < until)
    rows = db.session.execute(query.order_by(LedgerTxn.id, LedgerEntry.id).execution_options(yield_per=1000))
    yield from ((txn, entry) for txn, entry in rows)

"""The books as the collective reads them: behind one order, as balances by account, and entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money, half_up
from marketplace.core.pagination import Page, cut, decode_key, encode_key
from marketplace.ledger import accounts
from marketplace.ledger import queries as ledger
from marketplace.ledger.models import Kind, LedgerEntry, LedgerTxn
from marketplace.ledger.queries import Txn
from marketplace.orders.models import Order
from marketplace.workshops.models import Workshop

SELLERS = "sellers"  # all accounts of workshops together
TXNS = 30  # on one page
CURRENCIES = ("IDR", "USD", "AUD", "EUR", "SGD")  # columns stand in this order, then any other


@dataclass(frozen=True, slots=True)
class OrderBooks:
    """What is booked for an order. `held`, `owed`, `kept` and `lost` are positive where they exist.

    `fees` are by currency; `left` is what remains for the collective in rupiah, fees at the order's own rate: an
    estimate unless every fee is in rupiah.
    """

    txns: Sequence[Txn]
    workshops: Mapping[int, str]
    currencies: tuple[str, ...]
    is_balanced: bool
    held: Money
    owed: Money
    kept: Money
    lost: Sequence[Money]
    fees: Sequence[Money]
    left: Money

    @property
    def is_estimated(self) -> bool:
        return any(cost.currency != "IDR" for cost in (*self.fees, *self.lost))


def order_books(order_id: int) -> OrderBooks:
    """A fixed number of statements."""
    order = db.session.get_one(Order, order_id)
    txns = ledger.txns_of_order(order_id)
    sums = _sums(txns)
    owed = Money(-sum(sum_ for (name, _cur), sum_ in sums.items() if name.startswith(accounts.SELLER_PREFIX)), "IDR")
    kept = Money(-sums.get((accounts.COMMISSION, "IDR"), 0), "IDR")
    fees, lost = _of(sums, accounts.PROCESSOR_FEES), _of(sums, accounts.LOSSES)
    costs = sum(_in_rupiah(cost, order.fx_rate) for cost in (*fees, *lost))
    return OrderBooks(
        txns=txns,
        workshops=workshop_names(txns),
        currencies=_ordered({currency for _name, currency in sums}),
        is_balanced=all(not any(_by_currency(txn).values()) for txn in txns),
        held=Money(-sums.get((accounts.BUYER_FUNDS, order.currency), 0), order.currency),
        owed=owed,
        kept=kept,
        lost=lost,
        fees=fees,
        left=Money(kept.amount - costs, "IDR"),
    )


def _sums(txns: Sequence[Txn]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for txn in txns:
        for side in txn.entries:
            place = (side.account, side.amount.currency)
            sums[place] = sums.get(place, 0) + side.amount.amount
    return sums


def _by_currency(txn: Txn) -> dict[str, int]:
    sums: dict[str, int] = {}
    for side in txn.entries:
        sums[side.amount.currency] = sums.get(side.amount.currency, 0) + side.amount.amount
    return sums


def _of(sums: Mapping[tuple[str, str], int], account: str) -> list[Money]:
    return [Money(amount, currency) for (name, currency), amount in sums.items() if name == account and amount]


def _in_rupiah(amount: Money, rate: Decimal) -> int:
    """At the rate of the order; a processor that settles in a third currency has no rate here and counts nothing."""
    return amount.amount if amount.currency == "IDR" else half_up(amount.decimal * rate)


def _ordered(currencies: set[str]) -> tuple[str, ...]:
    return tuple(sorted(currencies, key=lambda code: (CURRENCIES.index(code) if code in CURRENCIES else 99, code)))


def workshop_names(txns: Sequence[Txn]) -> dict[int, str]:
    """The names behind the accounts of workshops; one statement."""
    idents = {_seller_of(side.account) for txn in txns for side in txn.entries} - {None}
    return _names(idents)


def _seller_of(account: str) -> int | None:
    return int(account.removeprefix(accounts.SELLER_PREFIX)) if account.startswith(accounts.SELLER_PREFIX) else None


def _names(idents: set[int | None]) -> dict[int, str]:
    query = sa.select(Workshop.id, Workshop.name).where(Workshop.id.in_(idents))
    return {row.id: row.name for row in db.session.execute(query)}


@dataclass(frozen=True, slots=True)
class Row:
    """An account with its balance in each currency that it has; a credit is negative."""

    account: str
    amounts: Mapping[str, Money]


@dataclass(frozen=True, slots=True)
class Balances:
    """`rows` in the order of money's way; all workshops are one row of them and stand one by one in `sellers`."""

    currencies: tuple[str, ...]
    rows: Sequence[Row]
    sellers: Sequence[tuple[int, str, Money]]
    sums: Mapping[str, Money]
    entry_count: int

    @property
    def is_zero(self) -> bool:
        return not any(self.sums.values())


ORDER = (
    accounts.BUYER_FUNDS,
    accounts.UNAPPLIED,
    accounts.REFUNDS_DUE,
    accounts.UNASSIGNED,
    SELLERS,
    accounts.COMMISSION,
    accounts.FX,
    accounts.PROCESSOR_FEES,
    accounts.DISPUTE_HOLD,
    accounts.LOSSES,
    accounts.CLEARING_PREFIX,
    accounts.BANK,
)


def balances(*, livemode: bool | None = None) -> Balances:
    """Every account that is not at zero; three statements."""
    by_account: dict[str, dict[str, int]] = {}
    sellers: dict[int, int] = {}
    for row in ledger.balances(livemode=livemode):
        ident = _seller_of(row.account)
        account = SELLERS if ident is not None else row.account
        amounts = by_account.setdefault(account, {})
        amounts[row.amount.currency] = amounts.get(row.amount.currency, 0) + row.amount.amount
        if ident is not None and row.amount.currency == "IDR":
            sellers[ident] = row.amount.amount
    currencies = _ordered({currency for amounts in by_account.values() for currency in amounts}) or ("IDR",)
    names = _names(set(sellers))
    return Balances(
        currencies,
        [
            Row(account, {currency: Money(amount, currency) for currency, amount in by_account[account].items()})
            for account in sorted(by_account, key=lambda name: (_place(name), name))
        ],
        sorted(
            ((ident, names[ident], Money(amount, "IDR")) for ident, amount in sellers.items()),
            key=lambda seller: seller[1],
        ),
        {
            currency: Money(sum(amounts.get(currency, 0) for amounts in by_account.values()), currency)
            for currency in currencies
        },
        ledger.entry_count(),
    )


def _place(account: str) -> int:
    name = accounts.CLEARING_PREFIX if account.startswith(accounts.CLEARING_PREFIX) else account
    return ORDER.index(name) if name in ORDER else len(ORDER)


@dataclass(frozen=True, slots=True)
class Booked:
    """A transaction with the number of its order, if it has one."""

    txn: Txn
    order_id: int | None
    public_no: str


def entries(account: str = "", month: date | None = None, after: str | None = None) -> Page[Booked]:
    """The newest first: of all, of an account (SELLERS: of all workshops), of the month that begins on `month`."""
    query = sa.select(LedgerTxn, Order.public_no).outerjoin(Order, Order.id == LedgerTxn.order_id)
    if account:
        query = query.where(sa.exists().where(LedgerEntry.txn_id == LedgerTxn.id, _touches(account)))
    if month is not None:
        since, until = span(month)
        query = query.where(LedgerTxn.at >= since, LedgerTxn.at < until)
    key = decode_key(after, 1)
    if key:
        query = query.where(LedgerTxn.id < key[0])
    rows = db.session.execute(query.order_by(LedgerTxn.id.desc()).limit(TXNS + 1)).all()
    with_sides = ledger.with_entries([txn for txn, _number in rows])
    found = [Booked(side, txn.order_id, number or "") for side, (txn, number) in zip(with_sides, rows, strict=True)]
    return cut(found, TXNS, lambda row: encode_key(row.txn.id))


def _touches(account: str) -> sa.ColumnElement[bool]:
    if account == SELLERS:
        return LedgerEntry.account.startswith(accounts.SELLER_PREFIX)
    return LedgerEntry.account == account


def span(month: date) -> tuple[datetime, datetime]:
    """The first moment of Bali's month and that of the next one."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return _midnight(month.replace(day=1)), _midnight(following)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.BALI).astimezone(UTC)


def months() -> list[date]:
    """The first days of the months from the first entry to today, the newest first; one statement."""
    first = db.session.scalar(sa.select(sa.func.min(LedgerTxn.at, type_=LedgerTxn.at.type)))
    if first is None:
        return []
    found, month = [], clock.local(first).date().replace(day=1)
    while month <= clock.today():
        found.append(month)
        month = clock.local(span(month)[1]).date()
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the accountant's file."""

    at: datetime
    key: str
    kind: Kind
    is_live: bool
    account: str
    amount: Money
    order_id: int | None
    workshop_id: int | None
    memo: str


def lines(month: date | None = None) -> Iterator[Line]:
    """Every entry in the order of booking, streamed."""
    since, until = span(month) if month else (None, None)
    for txn, entry in ledger.all_rows(since, until):
        yield Line(
            txn.at,
            txn.key,
            txn.kind,
            txn.livemode,
            entry.account,
            Money(entry.amount, entry.currency),
            txn.order_id,
            txn.workshop_id,
            txn.memo,
        )

"""The demo processor's own list of what moved, made of its pages, refunds, disputes and payments to our bank."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, transaction
from marketplace.core.ids import new_key

from ...models import DemoMovement, DemoSession
from .. import BalanceKind, BalanceLine, PageStatus, RefundSaid
from . import disputes, refunds

PAYOUT = "payout"


def balance_lines(since: datetime, until: datetime, source: str = "") -> Iterable[BalanceLine]:
    """Oldest first. With a source all that moved for it, whenever that was."""
    lines = [*_charges(since, until, source), *_movements(since, until, source)]
    end_read()
    found = [line for line in lines if (line.source == source if source else since <= line.at < until)]
    return sorted(found, key=lambda line: (line.at, line.id))


def balances() -> dict[str, int]:
    """By currency, what all lines leave."""
    query = sa.select(DemoSession.currency, sa.func.sum(DemoSession.amount - DemoSession.fee_amount))
    paid = query.where(DemoSession.status == PageStatus.PAID).group_by(DemoSession.currency)
    sums = {currency: int(net) for currency, net in db.session.execute(paid)}
    for row in db.session.scalars(sa.select(DemoMovement).execution_options(yield_per=500)):
        sums[row.currency] = sums.get(row.currency, 0) + sum(line.net for line in _lines(row))
    end_read()
    return {currency: net for currency, net in sums.items() if net}


def pay_our_bank(amount: int, currency: str) -> str:
    """The processor sends `amount` of what it keeps to the collective's bank account; the payment's name."""
    name = f"po_{new_key()}"
    with transaction():
        db.session.add(
            DemoMovement(
                external_id=name,
                key=name,
                kind=PAYOUT,
                amount=amount,
                currency=currency,
                status="paid",
                facts={},
                created_at=clock.now(),
            )
        )
    return name


def _charges(since: datetime, until: datetime, source: str) -> Iterator[BalanceLine]:
    at = sa.func.coalesce(DemoSession.paid_at, DemoSession.created_at)
    query = sa.select(DemoSession).where(DemoSession.status == PageStatus.PAID)
    query = query.where(DemoSession.charge_id == source) if source else query.where(at >= since, at < until)
    for row in db.session.scalars(query):
        yield BalanceLine(
            id=f"bt_{row.charge_id}",
            kind=BalanceKind.CHARGE,
            source=row.charge_id or "",
            amount=row.amount,
            fee=row.fee_amount,
            net=row.amount - row.fee_amount,
            currency=row.currency,
            at=row.paid_at or row.created_at,
        )


def _movements(since: datetime, until: datetime, source: str) -> Iterator[BalanceLine]:
    """A dispute moves money again long after it was opened: those are all looked at."""
    query = sa.select(DemoMovement)
    if source:
        query = query.where(DemoMovement.external_id == source)
    else:
        made = sa.and_(DemoMovement.created_at >= since, DemoMovement.created_at < until)
        query = query.where(sa.or_(made, DemoMovement.kind == disputes.KIND))
    for row in db.session.scalars(query):
        yield from _lines(row)


def _lines(row: DemoMovement) -> Iterator[BalanceLine]:
    if row.kind == disputes.KIND:
        for move in row.facts["moves"]:
            kind = BalanceKind.DISPUTE if move["amount"] < 0 else BalanceKind.DISPUTE_WON
            at = datetime.fromisoformat(move["at"])
            yield _line(row, kind, move["id"], int(move["amount"]), int(move["fee"]), at)
    elif row.kind == refunds.KIND:
        yield _line(row, BalanceKind.REFUND, f"bt_{row.external_id}", -row.amount, 0, row.created_at)
        if row.status == RefundSaid.FAILED:
            yield _line(row, BalanceKind.REFUND_FAILED, f"bt_{row.external_id}_back", row.amount, 0, row.created_at)
    elif row.kind == PAYOUT:
        yield _line(row, BalanceKind.SETTLEMENT, f"bt_{row.external_id}", -row.amount, 0, row.created_at)


def _line(row: DemoMovement, kind: BalanceKind, name: str, amount: int, fee: int, at: datetime) -> BalanceLine:
    return BalanceLine(name, kind, row.external_id, amount, fee, amount - fee, row.currency, at)

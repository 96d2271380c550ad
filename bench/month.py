"""A month of the collective as the services would have left it: 10,000 paid orders, written in bulk, books and all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import Base, db

WORKSHOPS = 60
RATE = Decimal(16650)
POSTAGE_IDR, POSTAGE_USD = 180_000, 1_100
FEE_BP, COMMISSION_BP = 290, 800
FRIDAYS = (6, 13, 20, 27)
CHUNK = 5_000
Rows = list[dict[str, Any]]


@dataclass
class Month:
    """Rows by table, and what is booked, to be numbered in the order of time."""

    orders: int
    rows: dict[str, Rows] = field(default_factory=dict)
    booked: list[tuple[datetime, dict[str, Any], list[tuple[str, str, int]]]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(1124))

    def add(self, table: str, **values: Any) -> int:
        rows = self.rows.setdefault(table, [])
        rows.append({"id": len(rows) + 1, **values})
        return len(rows)

    def book(self, kind: str, subject: int, at: datetime, sides: list[tuple[str, str, int]], **whose: Any) -> None:
        txn = {"key": f"{kind}:{subject}", "kind": kind, "memo": "", "livemode": True, "at": at}
        names = ("order_id", "seller_order_id", "workshop_id")
        self.booked.append((at, {**txn, **{name: whose.get(name) for name in names}}, sides))


def write(orders: int) -> dict[str, int]:
    """Fill an empty, migrated database; how many rows each table got."""
    month = Month(orders)
    _people(month)
    for number in range(1, orders + 1):
        _order(month, number)
    _number_the_books(month)
    tables = {table.name: table for table in Base.metadata.sorted_tables}
    with db.engine.connect().execution_options(immediate=True) as connection:
        for table in Base.metadata.sorted_tables:
            rows = month.rows.get(table.name, [])
            for start in range(0, len(rows), CHUNK):
                connection.execute(sa.insert(tables[table.name]), rows[start : start + CHUNK])
        if connection.dialect.name == "postgresql":
            for name in month.rows:
                connection.exec_driver_sql(f"select setval('{name}_id_seq', (select max(id) from {name}))")
        connection.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("analyze")
    return {name: len(rows) for name, rows in month.rows.items()}


def _day(day: int, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=clock.BALI)


def _people(month: Month) -> None:
    since = _day(1, month=1)
    for number in range(1, 4):
        month.add("users", email=f"admin{number}@example.com", is_admin=True, created_at=since)
    for number in range(1, WORKSHOPS + 1):
        names = {"slug": f"workshop-{number}", "name": f"Workshop {number}", "initials": "WS"}
        month.add("workshops", **names, approved_at=since, created_at=since)
        sealed = {"number_sealed": "-", "holder_sealed": "-", "last_digits": "0000", "bank_code": "002"}
        month.add("bank_accounts", workshop_id=number, **sealed, changed_at=since, usable_at=since)
        month.add("listings", workshop_id=number, sku=f"B-{number}", created_at=since, updated_at=since)
        month.add("variants", listing_id=number, price_amount=745_000, stock=1_000)


def _order(month: Month, number: int) -> None:
    """Nine of ten in dollars; three of ten go to two workshops."""
    paid_at = _day(20, month=10) + timedelta(minutes=43_200 * number // month.orders)
    currency = "IDR" if month.chance.random() < 0.1 else "USD"
    first = int(WORKSHOPS * month.chance.random() ** 2) + 1  # the busiest sells a tenth of everything
    workshops = {first, month.chance.randint(1, WORKSHOPS)} if month.chance.random() < 0.3 else {first}
    row = month.rows.setdefault("orders", [])
    total = sum(_part(month, number, workshop_id, currency, paid_at) for workshop_id in sorted(workshops))
    row.append(
        {
            "id": number,
            "public_no": f"PC-{number:06}",
            "checkout_key": f"bench-{number}",
            "token": f"{number}",
            "token_hash": f"{number:064}",
            "email": "maya.chen@example.com",
            "language": "en",
            "market": "world",
            "status": "paid",
            "total_amount": total,
            "currency": currency,
            "fx_rate": RATE if currency == "USD" else Decimal(1),
            "address": {},
            "country": "AU",
            "hold_until": paid_at,
            "placed_at": paid_at,
            "paid_at": paid_at,
        }
    )
    _attempt(month, number, total, currency, paid_at)
    moments = {"queued_at": paid_at, "next_try_at": paid_at, "sent_at": paid_at}
    mail = {"template": "order_paid", "to": "maya.chen@example.com", "language": "en", "status": "sent"}
    month.add("mails", key=f"order_paid:{number}", **mail, **moments)


def _attempt(month: Month, number: int, total: int, currency: str, paid_at: datetime) -> None:
    fee = (total * FEE_BP + 5_000) // 10_000
    month.add(
        "payment_attempts",
        key=f"attempt-{number}",
        order_id=number,
        processor="stripe",
        livemode=True,
        status="paid",
        amount=total,
        currency=currency,
        external_id=f"cs_{number}",
        charge_id=f"ch_{number}",
        fee_amount=fee,
        net_amount=total - fee,
        settle_currency=currency,
        fee_booked_at=paid_at,
        refunded_amount=sum(r["amount"] for r in month.rows.get("refunds", [])[-2:] if r["attempt_id"] == number),
        expires_at=paid_at,
        created_at=paid_at,
        paid_at=paid_at,
    )
    sides = [
        ("clearing:stripe", currency, total - fee),
        ("processor_fees", currency, fee),
        ("buyer_funds", currency, -total),
    ]
    month.book("charge", number, paid_at, sides, order_id=number)


def _part(month: Month, order_id: int, workshop_id: int, currency: str, paid_at: datetime) -> int:
    """One parcel: one in twenty is canceled and goes back whole, one in twenty gives its postage back later."""
    lines = [(month.chance.randrange(90, 4_000) * 1_000, month.chance.choice([1, 1, 1, 2])) for _ in range(2)]
    lines = lines[: month.chance.choice([1, 1, 2])]
    units = [idr if currency == "IDR" else -(-idr // (int(RATE) * 1)) * 100 for idr, _count in lines]
    kept = [(idr * count * COMMISSION_BP + 5_000) // 10_000 for idr, count in lines]
    goods, commission = sum(idr * count for idr, count in lines), sum(kept)
    items = sum(unit * count for unit, (_idr, count) in zip(units, lines, strict=True))
    postage = POSTAGE_IDR if currency == "IDR" else POSTAGE_USD
    fate = month.chance.random()
    earned_at = paid_at + timedelta(days=12)
    is_canceled, is_earned = fate < 0.05, fate >= 0.05 and earned_at < _day(30)
    back_at = paid_at + timedelta(days=1 if is_canceled else 15)
    gives_postage = 0.05 <= fate < 0.1 and back_at < _day(30)
    refunded = items + postage if is_canceled else postage if gives_postage else 0
    payable = goods - commission + POSTAGE_IDR
    payable_back = payable if is_canceled else POSTAGE_IDR if gives_postage else 0
    part_id = month.add(
        "seller_orders",
        order_id=order_id,
        workshop_id=workshop_id,
        status="canceled" if is_canceled else "earned" if is_earned else "shipped",
        currency=currency,
        items_amount=items,
        shipping_amount=postage,
        total_amount=items + postage,
        commission_idr=commission,
        shipping_idr=POSTAGE_IDR,
        payable_idr=payable,
        refunded_amount=refunded,
        shipping_refunded_amount=postage if refunded else 0,
        commission_returned_idr=commission if is_canceled else 0,
        payable_returned_idr=payable_back,
        service="post",
        arrives_from=paid_at.date(),
        arrives_to=paid_at.date(),
        ship_by_on=paid_at.date(),
    )
    whose = {"order_id": order_id, "seller_order_id": part_id, "workshop_id": workshop_id}
    first_line = len(month.rows.get("lines", [])) + 1
    for (idr, count), unit, share in zip(lines, units, kept, strict=True):
        month.add(
            "lines",
            seller_order_id=part_id,
            variant_id=workshop_id,
            listing_id=workshop_id,
            quantity=count,
            takes_stock=True,
            title_en="Granulated Dome Ring",
            title_id="Cincin Kubah Jawan",
            material="silver",
            currency=currency,
            unit_amount=unit,
            unit_idr=idr,
            commission_bp=COMMISSION_BP,
            commission_idr=share,
            refunded_quantity=count if is_canceled else 0,
            refunded_amount=unit * count if is_canceled else 0,
        )
    if is_earned:
        sides = [
            ("buyer_funds", currency, items + postage),
            (f"seller:{workshop_id}", "IDR", -payable),
            ("commission", "IDR", -commission),
        ]
        month.book(
            "earn", part_id, earned_at, [*sides, *_fx(currency, -items - postage, payable + commission)], **whose
        )
    if refunded:
        back = (refunded, payable_back, commission if is_canceled else 0)
        _refund(month, currency, back, back_at, whose, is_earned=is_earned and back_at > earned_at)
        if is_canceled:
            for place, ((idr, count), unit, share) in enumerate(zip(lines, units, kept, strict=True)):
                month.add(
                    "refund_lines",
                    refund_id=len(month.rows["refunds"]),
                    line_id=first_line + place,
                    quantity=count,
                    amount=unit * count,
                    goods_idr=idr * count,
                    commission_idr=share,
                )
    return items + postage


def _fx(currency: str, foreign: int, rupiah: int) -> list[tuple[str, str, int]]:
    return [] if currency == "IDR" else [("fx", currency, foreign), ("fx", "IDR", rupiah)]


def _refund(
    month: Month,
    currency: str,
    back: tuple[int, int, int],
    at: datetime,
    whose: dict[str, Any],
    *,
    is_earned: bool,
) -> None:
    amount, payable, commission = back
    postage = POSTAGE_IDR if currency == "IDR" else POSTAGE_USD
    refund_id = len(month.rows.get("refunds", [])) + 1
    month.add(
        "refunds",
        request_key=f"refund-{refund_id}",
        key=f"refund-{refund_id}",
        attempt_id=whose["order_id"],
        seller_order_id=whose["seller_order_id"],
        origin="canceled" if amount > postage else "workshop",
        channel="processor",
        processor="stripe",
        livemode=True,
        status="succeeded",
        currency=currency,
        amount=amount,
        goods_amount=amount - postage,
        shipping_amount=postage,
        payable_idr=payable,
        commission_idr=commission,
        shipping_idr=POSTAGE_IDR,
        external_id=f"re_{refund_id}",
        requested_at=at,
        succeeded_at=at,
    )
    taken = [("buyer_funds", currency, amount)]
    if is_earned:
        taken = [(f"seller:{whose['workshop_id']}", "IDR", payable), ("commission", "IDR", commission)]
        taken += _fx(currency, amount, -payable - commission)
    month.book("refund", refund_id, at, [*taken, ("refunds_due", currency, -amount)], **whose)
    sent = [("refunds_due", currency, amount), ("clearing:stripe", currency, -amount)]
    month.book("refund-sent", refund_id, at + timedelta(seconds=2), sent, **whose)


def _number_the_books(month: Month) -> None:
    """In the order of time; on Fridays each workshop is paid what is open."""
    fridays = [_day(day) for day in FRIDAYS]
    unpaid: dict[int, list[tuple[int, int | None, int]]] = {}
    for at, txn, sides in [*sorted(month.booked, key=lambda booked: booked[0])]:
        while fridays and at >= fridays[0]:
            _pay(month, fridays.pop(0), unpaid)
        txn_id = _enter(month, txn, sides)
        for account, _currency, amount in sides:
            if account.startswith("seller:") and amount:
                lines = unpaid.setdefault(int(account.removeprefix("seller:")), [])
                lines.append((txn_id, txn["seller_order_id"], -amount))


def _enter(month: Month, txn: dict[str, Any], sides: list[tuple[str, str, int]]) -> int:
    txn_id = month.add("ledger_txns", **txn)
    for account, currency, amount in sides:
        if amount:
            month.add("ledger_entries", txn_id=txn_id, account=account, currency=currency, amount=amount)
    return txn_id


def _pay(month: Month, at: datetime, unpaid: dict[int, list[tuple[int, int | None, int]]]) -> None:
    run_id = month.add(
        "payout_runs", provider="manual", livemode=True, prepared_by=1, approved_by=2, sent_by=1, prepared_at=at
    )
    for workshop_id, lines in _ready(unpaid):
        amount = sum(line[2] for line in lines)
        payout_id = month.add(
            "payouts",
            key=f"payout-{run_id}-{workshop_id}",
            run_id=run_id,
            workshop_id=workshop_id,
            provider="manual",
            livemode=True,
            status="paid",
            amount=amount,
            bank_account_id=workshop_id,
            created_at=at,
            sent_at=at,
            paid_at=at,
        )
        for txn_id, part_id, line_amount in lines:
            month.add("payout_lines", payout_id=payout_id, txn_id=txn_id, seller_order_id=part_id, amount=line_amount)
        txn = {"key": f"payout:{payout_id}", "kind": "payout", "memo": "", "livemode": True, "at": at}
        whose = {"order_id": None, "seller_order_id": None, "workshop_id": workshop_id}
        _enter(month, {**txn, **whose}, [(f"seller:{workshop_id}", "IDR", amount), ("bank", "IDR", -amount)])
        lines.clear()


def _ready(
    unpaid: dict[int, list[tuple[int, int | None, int]]],
) -> Iterator[tuple[int, list[tuple[int, int | None, int]]]]:
    for workshop_id, lines in sorted(unpaid.items()):
        if sum(line[2] for line in lines) > 0:
            yield workshop_id, lines

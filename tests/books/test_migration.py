"""Migration 0003 on a shop that has sold already: its books begin complete, and every rule holds (payments.md 8)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Config
from marketplace import create_app
from marketplace.core import clock, migrations
from marketplace.core.db import db
from marketplace.ledger import queries as ledger
from marketplace.ledger.models import LedgerTxn
from marketplace.orders import services as orders
from marketplace.orders.models import Line, SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import PaymentAttempt
from marketplace.payouts.check import check
from tests.core.test_migrations import empty_url  # noqa: F401 (a fixture)

THEN = datetime(2026, 11, 1, 18, 30, tzinfo=UTC)  # already the second of November in Celuk


class OldShop:
    """Rows of the shop before it had books; columns that do not matter are filled by their type."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        self.tables = sa.MetaData()
        self.tables.reflect(self.engine)
        self.numbers = 0

    def add(self, table: str, **values: Any) -> int:
        self.numbers += 1
        columns = self.tables.tables[table].c
        row = {column.name: self._filler(column) for column in columns if not column.nullable}
        row.pop("id", None)
        given = {name: self._as_stored(value) for name, value in values.items()}
        with self.engine.begin() as connection:
            key = connection.execute(sa.insert(self.tables.tables[table]).values({**row, **given})).inserted_primary_key
        assert key is not None
        return int(key[0])

    def _filler(self, column: sa.Column[Any]) -> Any:
        if isinstance(column.type, sa.DateTime):
            return self._as_stored(THEN)
        if isinstance(column.type, sa.Date):
            return date(2026, 11, 1)
        if isinstance(column.type, sa.JSON):
            return {}
        if isinstance(column.type, sa.Boolean):
            return False
        if isinstance(column.type, sa.Integer | sa.Numeric):
            return 0
        length = getattr(column.type, "length", None) or 20
        return f"{self.numbers}-{column.name}"[:length] if column.unique else f"{self.numbers}"[:length]

    def _as_stored(self, value: Any) -> Any:
        is_naive = self.engine.dialect.name == "sqlite"
        return value.replace(tzinfo=None) if is_naive and isinstance(value, datetime) else value

    def workshop(self) -> int:
        self.shop = self.add("workshops", name="Luh Selaka", slug=f"luh-{self.numbers}")
        category = self.add("categories", slug=f"rings-{self.numbers}")
        listing = self.add("listings", workshop_id=self.shop, slug="ring", sku=f"T-{self.numbers}", state="live")
        variant = self.add("variants", listing_id=listing, price_amount=745_000, price_currency="IDR", stock=3)
        assert category
        self.piece = {"listing_id": listing, "variant_id": variant}
        return self.shop

    def order(self, currency: str, status: str = "paid", part_status: str = "paid", **part: Any) -> tuple[int, int]:
        """Three lines of three prices: two rates, of which one rounds its sum, not its lines."""
        units = {"USD": [4500, 900, 1300], "IDR": [745_000, 149_003, 210_003]}[currency]
        goods, postage = [745_000, 149_003, 210_003], {"USD": 2600, "IDR": 180_000}[currency]
        kept = (894_003 * 800 + 5000) // 10_000 + (210_003 * 650 + 5000) // 10_000
        total = sum(units) + postage
        rate = {"USD": 16650, "IDR": 1}[currency]
        order_id = self.add(
            "orders",
            status=status,
            total_amount=total,
            currency=currency,
            fx_rate=rate,
            paid_at=THEN,
            public_no=f"PC-{self.numbers}",
        )
        part_id = self.add(
            "seller_orders",
            order_id=order_id,
            workshop_id=self.shop,
            status=part_status,
            currency=currency,
            items_amount=sum(units),
            shipping_amount=postage,
            total_amount=total,
            commission_idr=kept,
            shipping_idr=180_000,
            payable_idr=sum(goods) - kept + 180_000,
            service="post",
            **part,
        )
        for unit, idr, rate_bp in zip(units, goods, (800, 800, 650), strict=True):
            facts = {
                "unit_amount": unit,
                "unit_idr": idr,
                "commission_bp": rate_bp,
                "quantity": 1,
                "currency": currency,
            }
            self.add("lines", seller_order_id=part_id, material="silver", **facts, **self.piece)
        self.add("mails", key=f"order_paid:{order_id}", template="order_paid", status="sent")
        return order_id, total

    def attempt(self, order_id: int, amount: int, currency: str, **facts: Any) -> int:
        facts = {"status": "paid", "paid_at": THEN, "processor": "stripe", **facts}
        return self.add("payment_attempts", order_id=order_id, amount=amount, currency=currency, **facts)


@pytest.fixture
def old_shop(empty_url: str) -> Iterator[OldShop]:  # noqa: F811
    migrations.upgrade(empty_url, "0002")
    shop = OldShop(empty_url)
    yield shop
    shop.engine.dispose()


@pytest.fixture
def upgraded(old_shop: OldShop, empty_url: str, instance_dir: Path) -> Iterator[Any]:  # noqa: F811
    """Call it when the old shop is furnished: the shop of today on its database."""
    contexts = []

    def upgrade() -> Flask:
        old_shop.engine.dispose()
        migrations.upgrade(empty_url)
        config = Config(
            app_env="testing",
            secret_key="a-secret-of-the-tests-that-is-long-enough",
            site_url="http://127.0.0.1:5000",
            instance_dir=instance_dir,
            database_url=empty_url,
            media_url=f"file://{instance_dir}/media",
            mail_url=f"file://{instance_dir}/mail",
        )
        app = create_app(dataclasses.replace(config))
        contexts.append(app.app_context())
        contexts[-1].push()
        return app

    yield upgrade
    for context in contexts:
        db.session.remove()
        db.engine.dispose()
        context.pop()


def sums() -> dict[str, int]:
    return {f"{line.account} {line.amount.currency}": line.amount.amount for line in ledger.balances()}


def test_what_was_paid_before_the_books_began_is_in_them(old_shop: OldShop, upgraded: Any) -> None:
    old_shop.workshop()
    dollars, usd = old_shop.order("USD")
    old_shop.attempt(dollars, usd, "USD", fee_amount=300, net_amount=usd - 300, settle_currency="USD")
    old_shop.attempt(dollars, usd, "USD", status="expired")
    rupiah, idr = old_shop.order("IDR")
    old_shop.attempt(rupiah, idr, "IDR", processor="midtrans")  # its fee is not known yet
    twice = {"problem": "second payment: the order was paid already; a refund is owed"}
    second = old_shop.attempt(rupiah, idr, "IDR", fee_amount=0, net_amount=idr, settle_currency="IDR", **twice)
    exchanged, _usd = old_shop.order("USD")
    old_shop.attempt(exchanged, usd, "USD", fee_amount=9_000, net_amount=1_500_000, settle_currency="IDR")
    upgraded()
    assert check() == []
    assert sums() == {
        "buyer_funds IDR": -idr,
        "buyer_funds USD": -2 * usd,
        "clearing:midtrans IDR": idr,
        "clearing:stripe IDR": idr + 1_500_000,
        "clearing:stripe USD": usd - 300,
        "fx IDR": -1_509_000,
        "fx USD": usd,
        "processor_fees IDR": 9_000,
        "processor_fees USD": 300,
        "unapplied IDR": -idr,
    }
    assert not db.session.get_one(PaymentAttempt, second).is_applied
    assert {txn.at for txn in db.session.scalars(sa.select(LedgerTxn))} == {THEN}


def test_a_shop_that_sold_nothing_has_empty_books(old_shop: OldShop, upgraded: Any) -> None:
    old_shop.workshop()
    order_id, total = old_shop.order("IDR", status="awaiting_payment", part_status="pending")
    old_shop.attempt(order_id, total, "IDR", status="open", paid_at=None)
    upgraded()
    assert check() == []
    assert sums() == {}


def test_commissions_are_shared_among_lines_and_old_parcels_are_earned(old_shop: OldShop, upgraded: Any) -> None:
    old_shop.workshop()
    order_id, total = old_shop.order("IDR", part_status="delivered", shipped_at=THEN, delivered_at=THEN)
    old_shop.attempt(order_id, total, "IDR", fee_amount=0, net_amount=total, settle_currency="IDR")
    upgraded()
    shares = db.session.scalars(sa.select(Line.commission_idr).order_by(Line.id)).all()
    assert shares == [59_600, 11_920, 13_650]
    part = db.session.scalars(sa.select(SellerOrder)).one()
    assert part.payable_on == date(2026, 11, 5)  # three days after the second, as it was in Celuk
    with clock.stopped(THEN + timedelta(days=10)):
        assert payments.earn_due() == 1
    assert check() == []
    assert ledger.owed_to(part.workshop_id).amount == part.payable_idr


def test_booking_goes_on_after_the_last_number_of_the_migration(old_shop: OldShop, upgraded: Any) -> None:
    """The sequence of PostgreSQL must know what the migration inserted."""
    old_shop.workshop()
    order_id, total = old_shop.order("IDR", part_status="shipped", shipped_at=THEN)
    old_shop.attempt(order_id, total, "IDR", fee_amount=0, net_amount=total, settle_currency="IDR")
    upgraded()
    part = db.session.scalars(sa.select(SellerOrder)).one()
    with clock.stopped(THEN + timedelta(days=10)):
        orders.mark_delivered(part.id)
    with clock.stopped(THEN + timedelta(days=20)):
        payments.earn_due()
    assert check() == []
    assert [txn.key for txn in db.session.scalars(sa.select(LedgerTxn).order_by(LedgerTxn.id))][1:] == [
        f"earn:{part.id}"
    ]

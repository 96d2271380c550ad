"""A small shop for walks: the real services on rows that are written quickly, beside the demo processor.

Baskets are what the checkout would have written: prices converted by the rate, commission once per rate with its floor
and cap. On SQLite the database lies in memory and is copied from a furnished one for each walk.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import Flask

from marketplace.catalog import stock
from marketplace.catalog.models import Variant
from marketplace.catalog.pricing import Quoted, Rates, present
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.ids import hash_token, new_token
from marketplace.core.sealing import seal
from marketplace.orders.commission import Rate, commissions_idr
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.processors import PageStatus, demo
from marketplace.workshops.models import BankAccount
from tests.factories.accounts import AdminFactory, UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import open_shop
from tests.factories.workshops import WorkshopFactory

HOLD = timedelta(minutes=35)
RATES = {"USD": Decimal("16650.1234"), "AUD": Decimal("10913.7700"), "IDR": Decimal(1)}
POSTAGE_IDR = (0, 18_000, 180_000)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Wish:
    """One line of a basket: whose piece, its maker's price, how many, and what the collective keeps."""

    workshop: int  # place in Furniture.workshops
    price_idr: int
    quantity: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Furniture:
    """What every walk finds in the shop."""

    workshops: tuple[int, ...]
    variants: tuple[int, ...]  # of each workshop's only piece
    admins: tuple[int, ...]  # three: prepare, approve, send
    seller: int


def furnish(workshop_count: int = 2) -> Furniture:
    """Workshops with a bank account that can be used now, a piece of each with plenty of stock, three admins."""
    open_shop()
    workshops = [WorkshopFactory() for _ in range(workshop_count)]
    variants = [variants_of(ListingFactory(workshop=workshop, stock=100_000))[0].id for workshop in workshops]
    long_ago = clock.now() - timedelta(days=30)
    for workshop in workshops:
        account = BankAccount(
            workshop_id=workshop.id,
            bank_code="002",
            number_sealed=seal("034101000743309"),
            holder_sealed=seal("NI LUH SARI"),
            last_digits="3309",
            changed_at=long_ago,
            usable_at=long_ago,
        )
        db.session.add(account)
    db.session.commit()
    admins = tuple(AdminFactory().id for _ in range(3))
    return Furniture(tuple(shop.id for shop in workshops), tuple(variants), admins, UserFactory().id)


class Template:
    """A migrated database file, read into the memory of the app; later the furnished one, copied back for each walk."""

    def __init__(self, migrated_url: str) -> None:
        self.kept = sqlite3.connect(migrated_url.removeprefix("sqlite:///"))
        self.restore()

    def keep(self) -> None:
        self.kept = sqlite3.connect(":memory:")
        db.session.remove()
        self._live().backup(self.kept)

    def restore(self) -> None:
        db.session.remove()
        self.kept.backup(self._live())

    def _live(self) -> Any:
        with db.engine.connect() as connection:
            return connection.connection.driver_connection


def quiet(app: Flask) -> None:
    """Nothing runs after a commit by itself: the walk decides when a message or a refund is sent."""
    app.extensions["run_job"] = lambda *_args: None


def order(furniture: Furniture, currency: str, wishes: Sequence[Wish], postage_idr: int) -> int:
    """An unpaid order with an attempt to pay it."""
    with transaction():
        order_id = _write(furniture, currency, wishes, postage_idr)
        payments.new_attempt(order_id)
    return order_id


def _write(furniture: Furniture, currency: str, wishes: Sequence[Wish], postage_idr: int) -> int:
    quoted = Rates({name: Quoted(1, name, rate, clock.now()) for name, rate in RATES.items() if name != "IDR"})
    by_workshop: dict[int, list[Wish]] = {}
    for wish in wishes:
        by_workshop.setdefault(wish.workshop, []).append(wish)
    stock.take({furniture.variants[place]: sum(w.quantity for w in mine) for place, mine in by_workshop.items()})
    row = _order(currency)
    parts = [
        _part(furniture.workshops[place], currency, mine, postage_idr, quoted) for place, mine in by_workshop.items()
    ]
    row.total_amount = sum(part.total_amount for part, _lines in parts)
    db.session.add(row)
    db.session.flush()
    for (part, lines), place in zip(parts, by_workshop, strict=True):
        part.order_id = row.id
        db.session.add(part)
        db.session.flush()
        variant = db.session.get_one(Variant, furniture.variants[place])
        for line in lines:
            line.seller_order_id, line.variant_id, line.listing_id = part.id, variant.id, variant.listing_id
        db.session.add_all(lines)
    db.session.flush()
    return row.id


def _order(currency: str) -> Order:
    number, now, token = next(_numbers), clock.now(), new_token()
    return Order(
        public_no=f"PC-{number:06}",
        checkout_key=f"walk-{number}",
        token=token,
        token_hash=hash_token(token),
        email="maya.chen@example.com",
        language="en",
        market={"USD": "world", "AUD": "au", "IDR": "id"}[currency],
        currency=currency,
        fx_rate=RATES[currency],
        fx_quoted_at=now,
        address={
            "name": "Maya Chen",
            "country": "AU",
            "city": "Melbourne",
            "street": "18 Lygon St",
            "postcode": "3053",
        },
        country="AU",
        hold_until=now + HOLD,
        placed_at=now,
    )


def _part(
    workshop_id: int, currency: str, wishes: Sequence[Wish], postage_idr: int, quoted: Rates
) -> tuple[SellerOrder, list[Line]]:
    kept = commissions_idr([(wish.price_idr * wish.quantity, wish.rate) for wish in wishes])
    units = [present(wish.price_idr, currency, quoted).amount for wish in wishes]
    items = sum(unit * wish.quantity for unit, wish in zip(units, wishes, strict=True))
    postage = present(postage_idr, currency, quoted).amount
    goods = sum(wish.price_idr * wish.quantity for wish in wishes)
    today = clock.today()
    part = SellerOrder(
        workshop_id=workshop_id,
        currency=currency,
        items_amount=items,
        shipping_amount=postage,
        total_amount=items + postage,
        commission_idr=sum(kept),
        shipping_idr=postage_idr,
        payable_idr=goods - sum(kept) + postage_idr,
        service="post",
        arrives_from=today + timedelta(days=10),
        arrives_to=today + timedelta(days=15),
        ship_by_on=today + timedelta(days=3),
    )
    lines = [
        Line(
            quantity=wish.quantity,
            takes_stock=True,
            title_en="Granulated Dome Ring",
            title_id="Cincin Kubah Jawan",
            material="silver",
            fineness=925,
            currency=currency,
            unit_amount=unit,
            unit_idr=wish.price_idr,
            commission_bp=wish.rate.basis_points,
            commission_idr=share,
        )
        for wish, unit, share in zip(wishes, units, kept, strict=True)
    ]
    return part, lines


def pay(order_id: int) -> bool:
    """Approve the order's newest page and settle it; False when its page is closed."""
    query = sa.select(PaymentAttempt.id, PaymentAttempt.key).where(PaymentAttempt.order_id == order_id)
    attempt_id, key = db.session.execute(query.order_by(PaymentAttempt.id.desc()).limit(1)).one()
    payments.start(attempt_id)
    page = db.session.scalars(sa.select(PaymentAttempt.external_id).where(PaymentAttempt.id == attempt_id)).one()
    if page is None or not demo.move(page, PageStatus.PAID):
        return False
    payments.settle(key)
    return True


def pay_on_top(order_id: int) -> bool:
    """A second payment of an order that was paid already: its page had been open in another window."""
    with transaction():
        db.session.execute(sa.update(Order).where(Order.id == order_id).values(hold_until=clock.now() + HOLD))
        payments.new_attempt(order_id)
    return pay(order_id)

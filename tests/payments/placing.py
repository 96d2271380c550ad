"""Orders as the checkout leaves them, in small: stock taken, rows written, an attempt to pay, in one transaction."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from marketplace.catalog import stock
from marketplace.catalog.models import Listing, Variant
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.ids import hash_token, new_key, new_token, public_number
from marketplace.core.money import Money
from marketplace.notifications.models import Mail
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.setup import offers
from tests.factories.catalog import VariantFactory

HOLD = timedelta(minutes=35)


class Placed:
    """An order with its attempt, always read anew."""

    def __init__(self, order_id: int, attempt_id: int) -> None:
        self.order_id, self.attempt_id = order_id, attempt_id
        self.token: str = self.order.token

    @property
    def order(self) -> Order:
        return _fresh(Order, self.order_id)

    @property
    def attempt(self) -> PaymentAttempt:
        return _fresh(PaymentAttempt, self.attempt_id)

    @property
    def attempts(self) -> list[PaymentAttempt]:
        db.session.rollback()
        query = sa.select(PaymentAttempt).filter_by(order_id=self.order_id).order_by(PaymentAttempt.id)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    @property
    def parts(self) -> list[SellerOrder]:
        db.session.rollback()
        query = sa.select(SellerOrder).filter_by(order_id=self.order_id).order_by(SellerOrder.id)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    @property
    def page(self) -> str:
        """The processor's name for the newest attempt's page."""
        name = self.attempts[-1].external_id
        assert name is not None
        return name

    def start(self) -> str | None:
        return payments.start(self.attempt_id)


def _fresh(model: Any, ident: int) -> Any:
    db.session.rollback()
    return db.session.get_one(model, ident, populate_existing=True)


def stock_of(variant_id: int) -> int:
    return int(_fresh(Variant, variant_id).stock)


def token_in(page: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "no form on this page"
    return found[1]


def mail_keys(prefix: str = "") -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(sa.select(Mail.key).where(Mail.key.startswith(prefix))))


def place(
    *variants: Variant,
    currency: str = "",
    quantity: int = 1,
    language: str = "en",
    market: str = "world",
    offer: str | None = None,
) -> Placed:
    """An order for these variants (a new one with 6 pieces when none is named), each 45.00 USD or Rp 745.000.

    Without a currency: in dollars where the shop takes them.
    """
    currency = currency or ("USD" if offers(Money(7_100, "USD")) else "IDR")
    chosen = [variant.id for variant in variants] or [VariantFactory(stock=6).id]
    unit = 745_000 if currency == "IDR" else 4_500
    with transaction():
        stock.take(dict.fromkeys(chosen, quantity))
        order_id = _write(chosen, currency, unit, quantity, language, market)
        attempt_id = payments.new_attempt(order_id, offer)
    return Placed(order_id, attempt_id)


def _write(variant_ids: list[int], currency: str, unit: int, quantity: int, language: str, market: str) -> int:
    by_workshop: dict[int, list[Variant]] = {}
    for variant in db.session.scalars(sa.select(Variant).where(Variant.id.in_(variant_ids))):
        listing = db.session.get_one(Listing, variant.listing_id)
        by_workshop.setdefault(listing.workshop_id, []).append(variant)
    shipping = 180_000 if currency == "IDR" else 2_600
    order = _order(currency, language, market)
    order.total_amount = unit * quantity * len(variant_ids) + shipping * len(by_workshop)
    db.session.add(order)
    db.session.flush()
    for workshop_id, bought in by_workshop.items():
        part = _part(order, workshop_id, unit * quantity * len(bought), shipping, quantity * len(bought))
        db.session.add(part)
        db.session.flush()
        db.session.add_all([_line(part, variant, unit, quantity) for variant in bought])
    db.session.flush()
    return order.id


def _order(currency: str, language: str, market: str) -> Order:
    token, now = new_token(), clock.now()
    return Order(
        public_no=public_number(),
        checkout_key=new_key(),
        token=token,
        token_hash=hash_token(token),
        email="maya.chen@example.com",
        language=language,
        market=market,
        currency=currency,
        fx_rate=Decimal("1") if currency == "IDR" else Decimal("16650"),
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


def _part(order: Order, workshop_id: int, items: int, shipping: int, pieces: int) -> SellerOrder:
    return SellerOrder(
        order_id=order.id,
        workshop_id=workshop_id,
        currency=order.currency,
        items_amount=items,
        shipping_amount=shipping,
        total_amount=items + shipping,
        commission_idr=59_600 * pieces,
        shipping_idr=180_000,
        payable_idr=(745_000 - 59_600) * pieces + 180_000,
        service="post",
        arrives_from=clock.today() + timedelta(days=10),
        arrives_to=clock.today() + timedelta(days=15),
        ship_by_on=clock.today() + timedelta(days=3),
    )


def _line(part: SellerOrder, variant: Variant, unit: int, quantity: int) -> Line:
    return Line(
        seller_order_id=part.id,
        variant_id=variant.id,
        listing_id=variant.listing_id,
        quantity=quantity,
        takes_stock=True,
        title_en="Granulated Dome Ring",
        title_id="Cincin Kubah Jawan",
        size=variant.size,
        material="silver",
        fineness=925,
        currency=part.currency,
        unit_amount=unit,
        unit_idr=745_000,
        commission_bp=800,
        commission_idr=59_600 * quantity,
    )


def in_parallel(acts: list[Callable[[], int]]) -> list[int]:
    """Run these at the same instant."""
    start, results = threading.Barrier(len(acts)), [0] * len(acts)

    def run(place: int, act: Callable[[], int]) -> None:
        start.wait()
        results[place] = act()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results

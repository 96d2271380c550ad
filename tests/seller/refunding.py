"""A workshop's order at home, and the two steps by which its money goes back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.orders.models import Line, SellerOrder
from marketplace.payments.models import Refund
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import JAKARTA, paid_order, parts_of
from tests.seller.conftest import Maker, fields_of

HOME = {"address": JAKARTA, "language": "id", "market": "id"}


def bought(maker: Maker, quantity: int = 1, *, price: int = 1_000_000, **facts: Any) -> SellerOrder:
    """A paid order of one piece at home: the buyer pays rupiah, so that every figure can be read off."""
    listing = ListingFactory(workshop=maker.workshop, price=price, stock=9)
    return parts_of(paid_order((variants_of(listing)[0].id, quantity), **{**HOME, **facts}))[0]


def page_of(part: SellerOrder) -> str:
    return f"/seller/orders/{part.id}/refund"


def lines_of(part: SellerOrder) -> list[Line]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Line).where(Line.seller_order_id == part.id).order_by(Line.id)))


def fresh(part: SellerOrder) -> SellerOrder:
    db.session.rollback()
    return db.session.get_one(SellerOrder, part.id, populate_existing=True)


def refunds() -> list[Refund]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Refund).order_by(Refund.id).execution_options(populate_existing=True)))


def rupiah(amount: int) -> str:
    return f"Rp\u00a0{amount:,}".replace(",", ".")


def ask(maker: Maker, part: SellerOrder, **typed: Any) -> Any:
    """The first step: fill in the form and look at the sum."""
    return maker.send(page_of(part), {"reason": "goodwill", **typed}, page_of(part))


def confirm(maker: Maker, part: SellerOrder, shown: Any, **changed: Any) -> Any:
    """The second step: the button of the page that shows the sum."""
    return maker.browser.post(page_of(part), data={**fields_of(shown.text), "step": "confirm", **changed})

"""Two people of one workshop pack at one instant, while money goes back: every piece leaves once, or is paid back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.db import db
from marketplace.core.errors import DomainError
from marketplace.orders import services as orders
from marketplace.orders.models import Line, SellerOrder, SellerOrderStatus, Shipment, ShipmentLine
from marketplace.orders.services import Posting
from marketplace.payments import services as payments
from marketplace.payments.models import RefundOrigin
from tests.factories.accounts import UserFactory
from tests.factories.orders import open_shop, paid_order, parts_of, piece
from tests.payments.refunding import assert_counted, lines_of, part_again, wish
from tests.races.test_checkout_races import at_once

pytestmark = pytest.mark.races


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def accepted(quantity: int) -> SellerOrder:
    (part,) = parts_of(paid_order((piece(stock=20), quantity)))
    orders.accept(part.id, workshop_id=part.workshop_id)
    return part_again(part)


def said(act: Callable[[], object]) -> Callable[[], str]:
    def tried() -> str:
        try:
            act()
        except DomainError as error:
            return type(error).__name__
        return "done"

    return tried


def shipping(part: SellerOrder, number: str, contents: Mapping[int, int] | None, by: int) -> Callable[[], str]:
    ident, workshop_id = part.id, part.workshop_id
    return said(lambda: orders.ship(ident, Posting("pos", number), contents, workshop_id=workshop_id, by=by))


def sent() -> int:
    db.session.rollback()
    return int(db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(ShipmentLine.quantity), 0))) or 0)


def test_the_same_two_pieces_in_four_parcels(app: Flask) -> None:
    part, by = accepted(3), UserFactory().id
    (line,) = lines_of(part)
    outcome = at_once(app, [shipping(part, f"EE{number:09}ID", {line.id: 2}, by) for number in range(4)])
    assert Counter(outcome) == {"done": 1, "MoreThanLeft": 3}
    assert sent() == 2
    assert part_again(part).status is SellerOrderStatus.ACCEPTED


def test_everything_by_four_people(app: Flask) -> None:
    part, by = accepted(3), UserFactory().id
    outcome = at_once(app, [shipping(part, f"EE{number:09}ID", None, by) for number in range(4)])
    assert Counter(outcome) == {"done": 1, "IllegalTransition": 3}
    assert (sent(), part_again(part).status) == (3, SellerOrderStatus.SHIPPED)


def test_four_clicks_on_one_button(app: Flask) -> None:
    part, by = accepted(8), UserFactory().id
    (line,) = lines_of(part)
    outcome = at_once(app, [shipping(part, "EE123456789ID", {line.id: 2}, by) for _click in range(4)])
    assert Counter(outcome) == {"done": 1, "SameParcel": 3}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Shipment)) == 1


def test_packing_while_pieces_are_refunded_and_the_order_is_refused(app: Flask) -> None:
    part, by = accepted(4), UserFactory().id
    (line,) = lines_of(part)
    ident, shop_id = part.id, part.workshop_id
    asks = [wish(part, (line.id, 1)) for _number in range(2)]
    acts = [
        *(shipping(part, f"EE{number:09}ID", {line.id: 1}, by) for number in range(3)),
        *(said(lambda asked=asked: payments.request_refund(asked, origin=RefundOrigin.ADMIN, by=by)) for asked in asks),
        said(lambda: orders.refuse(ident, "flaw", workshop_id=shop_id, by=by)),
    ]
    at_once(app, acts)
    part = part_again(part)
    refunded = db.session.scalars(sa.select(Line.refunded_quantity).where(Line.id == line.id)).one()
    gone = sent()
    if part.status is SellerOrderStatus.CANCELED:
        assert (gone, refunded) == (0, 4)
    else:
        assert 0 < gone <= 3
        assert (part.status is SellerOrderStatus.SHIPPED) == (gone + refunded >= 4), "a sent piece may be refunded too"
    assert_counted(part)

"""Whatever happens in whatever order, every rupiah is accounted for: 300 random shops, 10,000 in `make test-long`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.ledger import queries as ledger
from marketplace.orders.commission import Rate
from marketplace.orders.models import Line, Order, OrderStatus, SellerOrder, SellerOrderStatus
from marketplace.payments.models import PaymentAttempt
from marketplace.payouts.check import check
from tests.conftest import TEST_DATABASE_URL

from . import quickshop
from .profiles import WALKS, WALKS_ON_A_SERVER
from .quickshop import POSTAGE_IDR, Furniture, Wish
from .walk import Step, Walk

RATES = st.sampled_from(
    [
        Rate(800),
        Rate(800, floor_idr=25_000),
        Rate(650, cap_idr=40_000),
        Rate(1, floor_idr=None, cap_idr=0),
        Rate(1234, 5_000, 300_000),
        Rate(0),
        Rate(5000),
    ]
)
PRICES = st.one_of(st.sampled_from([1, 745_000, 149_003]), st.integers(1, 40_000_000))
WISHES = st.builds(Wish, st.integers(0, 1), PRICES, st.integers(1, 4), RATES)
BASKETS = st.tuples(
    st.sampled_from(["IDR", "USD", "AUD"]), st.lists(WISHES, min_size=1, max_size=5), st.sampled_from(POSTAGE_IDR)
)
ACTS = [name for name, act in vars(Walk).items() if callable(act) and not name.startswith("_") and name != "take"]
OFTEN = ["arrive", "pay_out", "refund_amount", "refund_pieces", "send", "assign", "bear", "bank_decides", "give_back"]
STEP = st.tuples(st.sampled_from(ACTS + OFTEN), st.integers(0, 50), st.integers(0, 10**6))
STEPS = st.lists(STEP, min_size=6, max_size=12)


@settings(
    max_examples=WALKS_ON_A_SERVER if TEST_DATABASE_URL else WALKS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(BASKETS, min_size=1, max_size=2), st.booleans(), STEPS)
def test_every_rupiah_is_accounted_for(
    walking_shop: tuple[Callable[[], Furniture], Hands], baskets: list[Any], is_last_unpaid: bool, steps: list[Step]
) -> None:
    make, hands = walking_shop
    furniture = make()
    for currency, wishes, postage in baskets:
        quickshop.order(furniture, currency, wishes, postage)
    walk = Walk(furniture, hands)
    walk.take([("pay", 0, 0)] * (len(baskets) - is_last_unpaid))
    walk.take(steps)
    for name in walk.done:
        event(name)
    assert check() == []
    assert_shared_to_the_last_rupiah()
    assert_it_can_end(walk)
    assert check() == []
    assert_shared_to_the_last_rupiah()


def assert_it_can_end(walk: Walk) -> None:
    """From anywhere: what is paid is delivered, refunds leave, what no bank asks for is earned and paid out."""
    walk.take([("deliver", 0, 1)] * 6)
    walk.take([("send", 0, 1)] * 4 + [("wait", 0, 4), ("earn", 0, 0), ("send", 0, 1)])
    walk.take([("prepare", 0, 0)] + [("go_on", 0, 1)] * 2 + [("outcome", 0, 1)] * 2)


def assert_shared_to_the_last_rupiah() -> None:
    """What was paid and did not go back is the workshops', the collective's and the postage, in both currencies."""
    db.session.rollback()
    rows = db.session.execute(
        sa.select(SellerOrder, Order.status)
        .join(Order, Order.id == SellerOrder.order_id)
        .where(Order.status.in_((OrderStatus.PAID, OrderStatus.CLOSED)))
        .execution_options(populate_existing=True)
    ).all()
    exchanged = {"IDR": 0}
    for part, _status in rows:
        goods = db.session.scalar(
            sa.select(sa.func.sum(Line.unit_idr * Line.quantity)).where(Line.seller_order_id == part.id)
        )
        kept = part.commission_idr - part.commission_returned_idr
        owed = part.payable_idr - part.payable_returned_idr
        left = part.total_amount - part.refunded_amount
        assert kept >= 0
        assert owed >= 0
        assert left >= 0
        assert part.commission_idr + part.payable_idr == goods + part.shipping_idr
        if part.currency == "IDR":
            assert left == kept + owed
        elif part.status is SellerOrderStatus.EARNED:
            exchanged[part.currency] = exchanged.get(part.currency, 0) - left
            exchanged["IDR"] += kept + owed
        if not left:
            assert (kept, owed) == (0, 0)
    for currency, amount in exchanged.items():
        assert ledger.balance("fx", currency).amount == amount
    for attempt in db.session.scalars(sa.select(PaymentAttempt)):
        assert 0 <= attempt.refunded_amount <= attempt.amount

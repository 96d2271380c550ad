"""Turning a cart into an order: what is frozen, what is refused, and that a no changes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.cart import queries as carts
from marketplace.cart import services as cart_services
from marketplace.cart.services import LineRequest, Owner
from marketplace.catalog.models import Change, Listing, ListingState, Variant
from marketplace.checkout import services as checkout
from marketplace.checkout.errors import (
    CartChanged,
    CartEmpty,
    NoCarrier,
    PieceGone,
    PiecesLeft,
    PieceSold,
    TotalChanged,
)
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.orders.models import CommissionRate, Line, Order, OrderStatus, SellerOrder
from marketplace.payments.models import AttemptStatus, PaymentAttempt
from tests.factories.accounts import UserFactory
from tests.factories.catalog import FxRateFactory, ListingFactory, variants_of
from tests.factories.orders import (
    JAKARTA,
    fill,
    open_shop,
    order_of,
    parts_of,
    piece,
    place_order,
    request_of,
    visitor,
)
from tests.factories.workshops import WorkshopFactory


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def stock_of(variant_id: int) -> int:
    db.session.rollback()
    return int(db.session.scalar(sa.select(Variant.stock).where(Variant.id == variant_id)) or 0)


def nothing_was_written() -> bool:
    db.session.rollback()
    tables = (Order, SellerOrder, Line, PaymentAttempt)
    return not any(db.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables)


def test_one_purchase_becomes_one_order_with_a_part_per_workshop(stopped_clock: object) -> None:
    ring, bowl = piece(price=745_000, stock=6), piece(price=22_485_000, made_to_order=True, lead_time_days=30, stock=0)
    owner = visitor()
    fill(owner, (ring, 2), (bowl, 1))
    order = place_order(owner=owner)

    assert order.status is OrderStatus.AWAITING_PAYMENT
    assert (order.fx_rate, order.country, order.currency) == (Decimal("16650"), "AU", "USD")
    assert (order.hold_until - clock.now()).total_seconds() >= 35 * 60
    first, second = parts_of(order)
    assert order.total_amount == first.total_amount + second.total_amount
    assert order.total_amount == 9000 + 135_100 + first.shipping_amount + second.shipping_amount
    assert (first.items_amount, second.items_amount) == (9000, 135_100)
    assert second.ship_by_on > first.ship_by_on
    assert (stock_of(ring), stock_of(bowl)) == (4, 0)


def test_a_line_keeps_words_prices_and_rates_of_this_moment() -> None:
    listing = ListingFactory(
        price=745_000, sizes=("US 7",), title_en="Dome Ring", title_id="Cincin Kubah", weight_grams=Decimal("6.8")
    )
    variant = variants_of(listing)[0]
    order = place_order((variant.id, 1))
    line = db.session.scalars(sa.select(Line)).one()
    variant = db.session.get(Variant, variant.id)
    assert variant is not None
    variant.price_amount = 999_000
    FxRateFactory(rate=Decimal("10000"))
    db.session.commit()

    assert (line.title_en, line.title_id, line.size, line.weight_grams) == (
        "Dome Ring",
        "Cincin Kubah",
        "US 7",
        Decimal("6.8"),
    )
    assert (line.unit_price, line.unit_idr, line.commission_bp) == (Money(4500, "USD"), 745_000, 800)
    assert order_of(order.id).fx_rate == Decimal("16650")
    assert parts_of(order)[0].commission_idr == 59_600
    assert parts_of(order)[0].payable_idr == 745_000 - 59_600 + 215_000


def test_indonesia_pays_rupiah_whatever_the_market() -> None:
    order = place_order((piece(price=745_000), 1), address=JAKARTA, language="id")
    assert order.total == Money(745_000 + 24_000, "IDR")
    assert (order.fx_rate, order.fx_quoted_at) == (Decimal(1), None)


def test_commission_is_rounded_once_for_all_lines_of_a_rate() -> None:
    shop = WorkshopFactory()
    variants = [piece(price=1_006, workshop=shop) for _ in range(3)]
    order = place_order(*[(variant, 1) for variant in variants])
    assert parts_of(order)[0].commission_idr == 241  # 8% of 3,018; three times 8% of 1,006 would be 240


def test_the_workshop_s_own_rate_wins_and_stays_when_it_changes() -> None:
    shop = WorkshopFactory()
    db.session.add(CommissionRate(workshop_id=shop.id, basis_points=500, valid_from=clock.today()))
    db.session.commit()
    order = place_order((piece(price=1_000_000, workshop=shop), 1))
    db.session.execute(sa.update(CommissionRate).values(basis_points=5000))
    db.session.commit()
    assert parts_of(order)[0].commission_idr == 50_000
    assert db.session.scalars(sa.select(Line.commission_bp)).all() == [500]


def test_the_same_piece_in_two_lines_is_summed() -> None:
    listing = ListingFactory(stock=3, engraving_limit=20)
    variant = variants_of(listing)[0].id
    owner = visitor()
    cart_services.add_line(owner, LineRequest(variant, 1, "Ayu"))
    cart_services.add_line(owner, LineRequest(variant, 2, "Maya"))
    db.session.execute(sa.update(Variant).where(Variant.id == variant).values(stock=2))
    db.session.commit()
    contents = carts.contents(owner)
    assert contents is not None
    assert [line.problem for line in contents.troubled] == ["few", "few"]
    with pytest.raises(PiecesLeft, match="PiecesLeft"):
        checkout.place(request_of(owner))
    assert stock_of(variant) == 2
    assert nothing_was_written()


def test_the_last_ring_goes_to_the_first_buyer() -> None:
    ring = piece(stock=1)
    ann, budi = visitor(), visitor()
    fill(ann, (ring, 1))
    fill(budi, (ring, 1))
    place_order(owner=ann)
    with pytest.raises(PieceSold) as no:
        checkout.place(request_of(budi))
    assert "sold while you were looking" in no.value.sentence
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 1


def test_a_second_piece_that_is_gone_gives_the_first_one_back() -> None:
    """Stock moved between the look and the UPDATE: the row decides, and everything rolls back."""
    ring, chain = piece(stock=5), piece(stock=5)
    owner = visitor()
    fill(owner, (ring, 1), (chain, 1))
    wish = request_of(owner)
    before = checkout._check
    try:
        checkout._check = lambda contents, seen: db.session.execute(  # type: ignore[assignment]
            sa.update(Variant).where(Variant.id == chain).values(stock=0)
        )
        with pytest.raises(PieceSold):
            checkout.place(wish)
    finally:
        checkout._check = before
    assert (stock_of(ring), stock_of(chain)) == (5, 5)
    assert nothing_was_written()


def test_a_price_that_changed_is_shown_not_charged() -> None:
    ring = piece(price=745_000)
    owner = visitor()
    fill(owner, (ring, 1))
    wish = request_of(owner)
    db.session.execute(sa.update(Variant).values(price_amount=900_000))
    db.session.commit()
    with pytest.raises(TotalChanged) as no:
        checkout.place(wish)
    assert "$68.00" in no.value.sentence
    assert "$58.00" in no.value.sentence
    assert nothing_was_written()
    assert stock_of(ring) == 6


def test_a_forged_total_buys_nothing() -> None:
    owner = visitor()
    fill(owner, (piece(), 1))
    for forged in ("USD 1", "USD -1", "IDR 5800", "", "USD 5800.0", "EUR 5800", "USD ٥٨٠٠"):
        with pytest.raises(TotalChanged):
            checkout.place(request_of(owner, seen_total=forged))
    assert nothing_was_written()


def test_a_paused_piece_is_named() -> None:
    ring = piece(title_en="Dome Ring")
    owner = visitor()
    fill(owner, (ring, 1))
    wish = request_of(owner)
    db.session.execute(sa.update(Listing).values(state=ListingState.PAUSED))
    db.session.commit()
    with pytest.raises(PieceGone) as no:
        checkout.place(wish)
    assert "Dome Ring" in no.value.sentence


def test_a_parcel_that_nobody_carries_is_no_order() -> None:
    owner = visitor()
    fill(owner, (piece(packed_grams=31_000), 1))
    with pytest.raises(NoCarrier):
        checkout.place(request_of(owner))
    assert nothing_was_written()


def test_the_same_key_again_finds_the_first_order() -> None:
    ring = piece(stock=6)
    owner = visitor()
    fill(owner, (ring, 1))
    wish = request_of(owner)
    first, again = checkout.place(wish), checkout.place(wish)
    assert (again.order_id, again.token, again.attempt_id) == (first.order_id, first.token, None)
    assert stock_of(ring) == 5


def test_after_an_order_the_cart_is_empty_and_has_a_new_key() -> None:
    owner = visitor()
    fill(owner, (piece(), 1))
    wish = request_of(owner)
    checkout.place(wish)
    assert carts.contents(owner) is None
    fill(owner, (piece(), 1))
    assert request_of(owner).checkout_key != wish.checkout_key


def test_a_key_that_is_not_this_cart_s_orders_nothing() -> None:
    owner = visitor()
    fill(owner, (piece(), 1))
    with pytest.raises(CartChanged):
        checkout.place(request_of(owner, checkout_key="0" * 32))
    assert nothing_was_written()


def test_without_a_cart_there_is_nothing_to_order() -> None:
    owner = visitor()
    fill(owner, (piece(), 1))
    wish = request_of(owner)
    with pytest.raises(CartEmpty):
        checkout.place(
            checkout.PlaceRequest(**{**{f: getattr(wish, f) for f in wish.__slots__}, "owner": Owner(session_id=10**9)})
        )
    assert nothing_was_written()


def test_the_attempt_to_pay_is_written_with_the_order() -> None:
    order = place_order((piece(), 1))
    attempt = db.session.scalars(sa.select(PaymentAttempt)).one()
    assert (attempt.order_id, attempt.status, attempt.total) == (order.id, AttemptStatus.CREATED, order.total)


def test_a_sale_is_folded_into_what_the_shop_shows() -> None:
    place_order((piece(stock=1), 1))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Change)) == 0


def test_notes_and_gifts_travel_with_their_parcel() -> None:
    shop, other = WorkshopFactory(), WorkshopFactory()
    owner = visitor()
    fill(owner, (piece(workshop=shop), 1), (piece(workshop=other), 1))
    cart_services.write_note(owner, shop.id, "Happy birthday, Ayu", is_gift=True)
    order = place_order(owner=owner)
    first, second = parts_of(order)
    assert (first.note, first.is_gift) == ("Happy birthday, Ayu", True)
    assert (second.note, second.is_gift) == ("", False)


def test_a_buyer_who_is_signed_in_owns_the_order() -> None:
    user = UserFactory()
    order = place_order((piece(), 1), owner=Owner(user_id=user.id))
    assert order.user_id == user.id


def test_dhl_costs_what_dhl_costs() -> None:
    shop = WorkshopFactory()
    owner = visitor()
    fill(owner, (piece(workshop=shop), 1))
    order = place_order(owner=owner, services={shop.id: "dhl"})
    assert (parts_of(order)[0].service, parts_of(order)[0].shipping_idr) == ("dhl", 455_000)
    fill(owner, (piece(workshop=shop), 1))
    assert parts_of(place_order(owner=owner, services={shop.id: "balloon"}))[0].service == "ems"

"""A workshop on holiday: its pieces stay in the window, nothing can be ordered, and both end by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.cart import queries as carts
from marketplace.cart import services as cart_services
from marketplace.catalog.models import Listing
from marketplace.checkout import services as checkout
from marketplace.checkout.errors import WorkshopClosed
from marketplace.core import clock
from marketplace.core.clock import BALI, Hands
from marketplace.core.db import db
from marketplace.orders.models import Order, OrderStatus, SellerOrder
from marketplace.shipping import services
from marketplace.shipping.services import HolidayPlan
from marketplace.workshops.models import Workshop
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import fill, parts_of, pay, place_order, request_of, visitor
from tests.factories.workshops import WorkshopFactory


@pytest.fixture
def hands(window: Any) -> Iterator[Hands]:
    """Tuesday, 24 November 2026, nine in the morning in Celuk."""
    with clock.stopped(datetime(2026, 11, 24, 9, 0, tzinfo=BALI)) as stopped:
        yield stopped


@pytest.fixture
def ring(hands: Hands, window: Any) -> Listing:
    workshop = WorkshopFactory(name="Luh Selaka", slug="luh-selaka")
    return ListingFactory(workshop=workshop, category=window("rings-band"), stock=5)


@pytest.fixture
def away(ring: Listing) -> int:
    """Closed from the second to the fourth of December; gives the holiday's number."""
    plan = HolidayPlan(
        date(2026, 12, 2),
        date(2026, 12, 4),
        message_en="Temple festival in Puseh.",
        message_id="Odalan di Pura Puseh.",
    )
    return services.save_holiday(ring.workshop_id, plan, UserFactory().id)


def on(hands: Hands, day: int, hour: int = 9) -> None:
    """That day of December in Celuk, after the timer has run."""
    hands.moment = datetime(2026, 12, day, hour, tzinfo=BALI)
    services.turn_holidays()


def page_of(ring: Listing) -> str:
    return f"/p/{ring.id}-{ring.slug}"


def test_its_pages_say_until_when_and_in_which_words(
    ring: Listing, away: int, hands: Hands, client: FlaskClient
) -> None:
    for path in (page_of(ring), "/w/luh-selaka"):
        assert "Closed until" not in client.get(path).text
        on(hands, 2)
        shown = client.get(path).text
        assert "Closed until 4 December" in shown
        assert "takes orders again from Saturday, 5 December" in shown
        assert "Temple festival in Puseh." in shown
        assert "Odalan di Pura Puseh." in client.get(f"/id{path}").text
        on(hands, 5)
        assert "Closed until" not in client.get(path).text
        hands.moment = datetime(2026, 11, 24, 9, tzinfo=BALI)


def test_the_piece_stays_visible_without_its_button(
    ring: Listing, away: int, hands: Hands, client: FlaskClient
) -> None:
    on(hands, 2)
    shown = client.get(page_of(ring)).text
    assert ring.slug in client.get("/c/rings").text
    assert "Granulated Dome Ring" in shown
    assert "Add to bag" not in shown
    assert "schema.org/OutOfStock" in shown, "search engines read it too"
    on(hands, 5)
    assert "Add to bag" in client.get(page_of(ring)).text
    assert "schema.org/InStock" in client.get(page_of(ring)).text


def test_who_holds_a_copy_is_told_when_it_closes_and_when_it_opens(
    ring: Listing, away: int, hands: Hands, client: FlaskClient, etag_of: Callable[[Any], str]
) -> None:
    hands.moment = datetime(2026, 12, 2, 0, 0, tzinfo=BALI)
    path = "/w/luh-selaka"
    seen = [etag_of(client.get(path))]
    for day in (2, 5):
        on(hands, day)
        answer = client.get(path, headers={"If-None-Match": seen[-1]})
        assert answer.status_code == 200
        seen.append(etag_of(answer))
        assert client.get(path, headers={"If-None-Match": seen[-1]}).status_code == 304
    assert len(set(seen)) == 3


def test_it_cannot_be_put_into_the_bag(ring: Listing, away: int, hands: Hands, client: FlaskClient) -> None:
    on(hands, 3)
    sent = {"listing_id": ring.id, "variant_id": variants_of(ring)[0].id, "quantity": 1}
    answer = client.post("/cart/lines", data=sent)
    assert answer.status_code == 422
    sentence = "Luh Selaka is closed until 4 December and takes no orders meanwhile. Come back on 5 December."
    assert sentence in answer.text
    on(hands, 5)
    assert client.post("/cart/lines", data=sent).status_code == 303


def test_what_is_in_the_bag_waits_and_says_so(ring: Listing, away: int, hands: Hands, client: FlaskClient) -> None:
    client.post("/cart/lines", data={"variant_id": variants_of(ring)[0].id, "quantity": 1})
    on(hands, 3)
    shown = client.get("/cart").text
    assert "Closed until 4 December" in shown
    assert "Its workshop is closed for now" in shown
    assert 'href="/checkout"' not in shown
    assert client.get("/checkout").status_code == 303
    on(hands, 5)
    assert 'href="/checkout"' in client.get("/cart").text


def test_a_bag_made_to_fit_keeps_what_open_workshops_sell(ring: Listing, away: int, hands: Hands) -> None:
    owner, open_ring = visitor(), ListingFactory(category=None)
    fill(owner, (variants_of(ring)[0].id, 1), (variants_of(open_ring)[0].id, 1))
    on(hands, 3)
    cart_services.fit(owner)
    contents = carts.contents(owner)
    assert contents is not None
    assert [line.variant.listing_id for parcel in contents.parcels for line in parcel.lines] == [open_ring.id]
    assert contents.can_check_out


def test_it_closes_between_the_bag_and_the_order(ring: Listing, away: int, hands: Hands) -> None:
    owner = visitor()
    fill(owner, (variants_of(ring)[0].id, 1))
    request = request_of(owner)
    on(hands, 2, hour=0)
    with pytest.raises(WorkshopClosed) as refused:
        checkout.place(request)
    assert refused.value.sentence.startswith("Luh Selaka is closed until 4 December")
    assert "Nothing was charged." in refused.value.sentence
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
    assert variants_of(ring)[0].stock == 5


def test_an_order_placed_before_is_paid_and_keeps_its_day(ring: Listing, hands: Hands) -> None:
    order = place_order((variants_of(ring)[0].id, 1))
    promised = parts_of(order)[0].ship_by_on
    assert promised == date(2026, 11, 26)
    plan = HolidayPlan(date(2026, 11, 24), date(2026, 11, 30))
    services.save_holiday(ring.workshop_id, plan, UserFactory().id)
    assert pay(order).status is OrderStatus.PAID
    db.session.rollback()
    assert db.session.scalar(sa.select(SellerOrder.ship_by_on)) == promised


def test_while_orders_are_taken_only_the_dates_move(ring: Listing, hands: Hands, client: FlaskClient) -> None:
    assert "Leaves Celuk by Thursday, 26 November" in client.get(page_of(ring)).text
    plan = HolidayPlan(date(2026, 11, 25), date(2026, 11, 27), takes_orders=True)
    services.save_holiday(ring.workshop_id, plan, UserFactory().id)
    shown = client.get(page_of(ring)).text
    assert "Leaves Celuk by Monday, 30 November" in shown
    assert "Add to bag" in shown
    order = place_order((variants_of(ring)[0].id, 1))
    assert parts_of(order)[0].ship_by_on == date(2026, 11, 30)


def test_a_piece_made_to_order_is_ready_later(hands: Hands, window: Any, client: FlaskClient) -> None:
    bowl = ListingFactory(category=window("rings-band"), made_to_order=True, stock=0, lead_time_days=5)
    assert "ready by Monday, 30 November" in client.get(page_of(bowl)).text
    plan = HolidayPlan(date(2026, 11, 25), date(2026, 11, 26), takes_orders=True)
    services.save_holiday(bowl.workshop_id, plan, UserFactory().id)
    assert "ready by Wednesday, 2 December" in client.get(page_of(bowl)).text


def test_taking_a_running_holiday_back_opens_at_once(
    ring: Listing, away: int, hands: Hands, client: FlaskClient
) -> None:
    on(hands, 3)
    services.remove_holiday(away, ring.workshop_id, UserFactory().id)
    assert "Closed until" not in client.get(page_of(ring)).text
    assert db.session.get_one(Workshop, ring.workshop_id).closed_days

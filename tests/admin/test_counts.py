"""Long lists cost the same at any length, and their pages follow a key (features.md G10)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.pagination import PAGE
from marketplace.payouts.services import prepare_run
from tests.admin.conftest import post
from tests.factories.accounts import UserFactory
from tests.factories.catalog import CategoryFactory, ListingFactory
from tests.factories.orders import open_shop, paid_order, parts_of, piece
from tests.factories.payouts import earned, workshop
from tests.factories.workshops import WorkshopFactory
from tests.moderation.test_listings import proposed
from tests.workshops.test_applying import handed_in

# Statements of a page, the session and the tabs' counts among them.
LIMITS = {
    "/admin/": 34,
    "/admin/books/": 11,
    "/admin/books/differences": 5,
    "/admin/books/entries": 8,
    "/admin/books/messages": 5,
    "/admin/commission/": 7,
    "/admin/disputes/": 5,
    "/admin/payouts/": 16,
    "/admin/refunds/": 7,
    "/admin/applications/": 6,
    "/admin/listings/": 6,
    "/admin/listings/?show=all&q=ring": 6,
    "/admin/workshops/": 6,
    "/admin/orders/": 6,
    "/admin/orders/?q=maya": 6,
    "/admin/people/": 6,
    "/admin/record/": 6,
    "/admin/rates/": 7,
}


def grow(times: int) -> None:
    """A little of everything."""
    category = CategoryFactory()
    for _ in range(times):
        workshop = WorkshopFactory()
        handed_in()
        proposed(ListingFactory(workshop=workshop, category=category))
        paid_order((piece(workshop=workshop, category=category), 1))


@pytest.mark.parametrize("address", sorted(LIMITS))
def test_a_page_costs_the_same_however_much_there_is(
    client: FlaskClient, admin: User, statements: Any, address: str
) -> None:
    open_shop()
    grow(1)
    counts = []
    for more in (1, 4):
        grow(more)
        with statements() as seen:
            assert client.get(address).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= LIMITS[address], seen.texts


def pages(client: FlaskClient, address: str, pattern: str) -> list[str]:
    """What every page of a list shows, the pages found by their own links."""
    found: list[str] = []
    for _ in range(6):
        text = client.get(address).text
        found += re.findall(pattern, text)
        link = re.search(r'<a[^>]*href="([^"]*after=[^"]*)"', text)
        if link is None:
            return found
        address = link.group(1).replace("&amp;", "&")
    raise AssertionError("the list does not end")


def test_people_and_record_are_walked_by_key(client: FlaskClient, admin: User) -> None:
    users = [UserFactory() for _ in range(2 * PAGE + 3)]
    for user in users:
        record("user.note", "user", user.id, admin.id)
    wanted = [str(user.id) for user in reversed(users)]
    assert pages(client, "/admin/people/", r'href="/admin/people/(\d+)"') == [*wanted, str(admin.id)]
    assert pages(client, "/admin/record/?kind=user", r'href="/admin/people/(\d+)"') == wanted


def test_the_queues_are_walked_by_key_and_never_skip(client: FlaskClient, admin: User, stopped_clock: Any) -> None:
    """Several were handed in at the very same moment: the number decides between them."""
    idents, listings, category = [], [], CategoryFactory()
    workshop = WorkshopFactory()
    for number in range(PAGE + 4):
        if number % 5 == 0:
            stopped_clock.forward(minutes=7)
        idents.append(str(handed_in()[1]))
        listing = ListingFactory(workshop=workshop, category=category)
        proposed(listing)
        listings.append(str(listing.id))
    assert pages(client, "/admin/applications/", r'href="/admin/applications/(\d+)"') == idents
    assert pages(client, "/admin/listings/", r'href="/admin/listings/(\d+)"') == listings


def test_the_page_of_an_order_costs_the_same_with_every_refund(
    client: FlaskClient, admin: User, statements: Any
) -> None:
    open_shop()
    order = paid_order((piece(), 3), (piece(), 1))
    counts = []
    for amount in ("", "3", "4", "5"):
        if amount:
            wish = {"request_key": f"the-key-{amount}", "amount": amount, "reason_code": "late", "step": "send"}
            place = f"/admin/orders/{order.id}/parcels/{parts_of(order)[0].id}/refunds"
            assert post(client, place, wish).status_code == 303
        with statements() as seen:
            assert client.get(f"/admin/orders/{order.id}").status_code == 200
        counts.append(len(seen))
    assert counts[1] == counts[2] == counts[3] <= 34, seen.texts


def test_the_page_of_a_run_costs_the_same_with_many_payouts(client: FlaskClient, admin: User, statements: Any) -> None:
    counts = []
    for many in (1, 5):
        idents = [workshop(f"Bengkel {many}.{number}").id for number in range(many)]
        for ident in idents:
            earned(ident, 100_000)
        run = prepare_run(idents, admin.id, livemode=False)
        with statements() as seen:
            assert client.get(f"/admin/payouts/{run}").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 9, seen.texts

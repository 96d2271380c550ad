"""Orders on the collective's pages: found by anything a buyer can name, canceled while unpaid, delivered."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.catalog.models import Variant
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.orders import services
from marketplace.orders.models import OrderStatus, SellerOrderStatus
from marketplace.orders.services import Posting
from marketplace.payments.models import DemoSession, PaymentAttempt
from tests.admin.conftest import enter, post
from tests.factories.orders import open_shop, order_of, paid_order, parts_of, piece, place_order


@pytest.fixture(autouse=True)
def _open(app: Any) -> None:
    open_shop()


def posted() -> Any:
    order = paid_order((piece(), 1))
    part = parts_of(order)[0]
    services.accept(part.id, workshop_id=part.workshop_id)
    posting = Posting("pos", "EE 120 555 012 ID")
    services.ship(part.id, posting, workshop_id=part.workshop_id, by=None)  # type: ignore[arg-type]
    return order


def test_one_box_finds_by_number_email_name_phone_and_tracking(client: FlaskClient, admin: User) -> None:
    order = posted()
    paid_order((piece(), 1), email="somebody.else@example.com")
    other = order_of(order.id + 1)
    other.address = {**other.address, "name": "Claire Martin", "phone": "+33 6 12 34 56 78"}
    db.session.commit()
    for words in (order.public_no, order.public_no.lower(), "maya.chen@", "maya", "0400 000 000", "ee120555012id"):
        page = client.get("/admin/orders/", query_string={"q": words}).text
        assert order.public_no in page, words
        assert other.public_no not in page, words
    for words in ("claire", "06 12 34 56 78", "+33612345678", "somebody.else@example.com"):
        page = client.get("/admin/orders/", query_string={"q": words}).text
        assert other.public_no in page, words
        assert order.public_no not in page, words
    for words in ("%", "_", "''", "-", "EE", "0"):
        assert "No order found" in client.get("/admin/orders/", query_string={"q": words}).text, words


def test_an_unpaid_order_is_canceled_with_a_reason_and_its_pieces_go_back(client: FlaskClient, admin: User) -> None:
    variant = piece(stock=1)
    order = place_order((variant, 1))
    page = client.get(f"/admin/orders/{order.id}").text
    assert f"Cancel {order.public_no}" in page
    assert "Maya Chen" in page
    assert "18 Lygon Street" in page
    address = f"/admin/orders/{order.id}/cancellation"
    assert post(client, address, data={"why": ""}).status_code == 422
    answer = post(client, address, data={"why": "Asked by phone"}, follow_redirects=True)
    assert "Canceled. Nothing was charged" in answer.text
    assert order_of(order.id).status is OrderStatus.CANCELED
    assert db.session.scalar(sa.select(Variant.stock).where(Variant.id == variant)) == 1
    act = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "order.cancel")).one()
    assert (act.actor_id, act.reason) == (admin.id, "Asked by phone")


def test_a_paid_order_is_not_canceled_here(client: FlaskClient, admin: User) -> None:
    order = paid_order((piece(), 1))
    assert f"Cancel {order.public_no}" not in client.get(f"/admin/orders/{order.id}").text
    post(client, f"/admin/orders/{order.id}/cancellation", data={"why": "by mistake"})
    assert order_of(order.id).status is OrderStatus.PAID


def test_a_parcel_is_marked_as_delivered_with_who_said_so(client: FlaskClient, admin: User) -> None:
    order = posted()
    part = parts_of(order)[0]
    address = f"/admin/orders/{order.id}/parcels/{part.id}/delivery"
    assert post(client, address, data={}).status_code == 422
    post(client, address, data={"why": "The buyer, by phone"})
    assert parts_of(order)[0].status is SellerOrderStatus.DELIVERED
    act = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "seller_order.deliver")).one()
    assert (act.actor_id, act.subject_id, act.reason) == (admin.id, part.id, "The buyer, by phone")


def test_a_parcel_of_another_order_is_not_found(client: FlaskClient, admin: User) -> None:
    order, other = posted(), posted()
    part = parts_of(other)[0]
    answer = post(client, f"/admin/orders/{order.id}/parcels/{part.id}/delivery", data={"why": "why"})
    assert answer.status_code == 404
    assert parts_of(other)[0].status is SellerOrderStatus.SHIPPED


def test_what_needs_a_person_stands_on_the_first_page(client: FlaskClient, admin: User, stopped_clock: Any) -> None:
    refused, late = paid_order((piece(), 1)), paid_order((piece(), 1))
    part = parts_of(refused)[0]
    db.session.execute(sa.update(DemoSession).values(amount=1))  # the bank will not give it back
    db.session.commit()
    services.refuse(part.id, "material", "", workshop_id=part.workshop_id, by=admin.id)
    odd = place_order((piece(), 1))
    attempt = db.session.scalars(sa.select(PaymentAttempt).where(PaymentAttempt.order_id == odd.id)).one()
    attempt.problem = "paid 10.00 instead of 92.00"
    db.session.commit()
    page = client.get("/admin/").text
    assert "Payment does not fit its order" in page
    assert "paid 10.00" in page
    assert "Refund failed" in page
    assert refused.public_no in page
    assert "Late parcel" not in page
    while clock.today() <= parts_of(late)[0].ship_by_on:
        stopped_clock.forward(days=1)
    enter(client, admin)
    page = client.get("/admin/").text
    assert "Late parcel" in page
    assert late.public_no in page
    assert "1 day past the promise" in page

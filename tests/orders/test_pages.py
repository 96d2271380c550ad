"""An order's own page and what stands around it: the link opens it, nothing else does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.cart.services import Owner
from marketplace.catalog.models import Variant
from marketplace.core.db import db
from marketplace.orders import services
from marketplace.orders.models import OrderStatus
from marketplace.orders.models import SellerOrderStatus as Part
from marketplace.orders.services import Posting
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.orders import JAKARTA, fill, open_shop, order_of, paid_order, parts_of, piece, place_order, visitor
from tests.factories.workshops import WorkshopFactory
from tests.helpers import links_in, mails, sign_in


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def token(client: FlaskClient, path: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).get_data(as_text=True))
    assert found
    return {"csrf_token": found[1]}


def test_the_link_opens_a_waiting_order(client: FlaskClient) -> None:
    order = place_order((piece(title_en="Dome Ring"), 1))
    answer = client.get(f"/orders/{order.token}")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer.headers
    assert 'name="robots" content="noindex"' in html
    assert "Dome Ring" in html
    assert f'action="/orders/{order.token}/payment"' in html


def test_a_paid_order_thanks_and_shows_each_parcel(client: FlaskClient) -> None:
    owner, user = visitor(), UserFactory()
    fill(
        owner,
        (piece(workshop=WorkshopFactory(name="Jawan Sari")), 1),
        (piece(workshop=WorkshopFactory(name="Toya Ning")), 1),
    )
    order = paid_order(owner=owner)
    part = parts_of(order)[0]
    services.accept(part.id, workshop_id=part.workshop_id)
    services.ship(part.id, Posting("pos", "EE123456789ID"), workshop_id=part.workshop_id, by=user.id)
    html = client.get(f"/orders/{order.token}").get_data(as_text=True)
    assert "Thank you, Maya Chen. 2 workshops have your order." in html
    assert "EE123456789ID" in html
    assert 'rel="noreferrer"' in html
    assert html.count('class="track"') == 2
    assert "It arrived" in html


@pytest.mark.parametrize("path", ["", "/payment", "/return", "/waiting"])
def test_no_other_key_opens_it(client: FlaskClient, path: str) -> None:
    order = place_order((piece(), 1))
    for wrong in (
        order.public_no,
        str(order.id),
        order.token[:-1],
        order.token.swapcase(),
        order.token_hash,
        order.checkout_key,
    ):
        assert client.get(f"/orders/{wrong}{path}").status_code == 404


def test_being_signed_in_opens_nobody_s_order(client: FlaskClient) -> None:
    sign_in(client, UserFactory(email="other@example.com"))
    order = place_order((piece(), 1), owner=Owner(user_id=UserFactory().id))
    assert order.public_no not in client.get("/account/orders").get_data(as_text=True)
    assert client.get(f"/orders/{order.id}").status_code == 404


def test_every_verb_on_a_foreign_part_is_404(client: FlaskClient) -> None:
    mine, other = paid_order((piece(), 1)), paid_order((piece(), 1))
    data = token(client, "/orders/track")
    foreign = parts_of(other)[0].id
    assert client.post(f"/orders/{mine.token}/{foreign}/arrival", data=data).status_code == 404
    assert client.post(f"/orders/{mine.token}/{foreign}/cancellation", data=data).status_code == 404
    for path in ("1/arrival", "1/cancellation", "cancellation", "account"):
        assert client.post(f"/orders/unknown-token-of-nobody/{path}", data=data).status_code == 404
    assert parts_of(other)[0].status is Part.PAID


def test_it_arrived(client: FlaskClient) -> None:
    user, order = UserFactory(), paid_order((piece(), 1))
    part = parts_of(order)[0]
    services.accept(part.id, workshop_id=part.workshop_id)
    services.ship(part.id, Posting("pos", "EE123456789ID"), workshop_id=part.workshop_id, by=user.id)
    path = f"/orders/{order.token}"
    assert client.post(f"{path}/{part.id}/arrival").status_code == 303
    assert parts_of(order)[0].status is Part.SHIPPED, "without a token nothing happens"
    assert client.post(f"{path}/{part.id}/arrival", data=token(client, path)).status_code == 303
    assert parts_of(order)[0].status is Part.DELIVERED
    assert "It arrived" not in client.get(path).get_data(as_text=True)


def test_an_unpaid_order_can_be_canceled_by_its_buyer(client: FlaskClient) -> None:
    ring = piece(stock=3)
    order = place_order((ring, 1))
    path = f"/orders/{order.token}"
    client.post(f"{path}/cancellation", data=token(client, path))
    assert order_of(order.id).status is OrderStatus.CANCELED
    assert db.session.get(Variant, ring).stock == 3  # type: ignore[union-attr]
    html = client.get(path).get_data(as_text=True)
    assert "This order was canceled." in html
    assert "Nothing was charged." in html


def test_a_paid_parcel_can_be_canceled_until_work_begins(client: FlaskClient) -> None:
    order = paid_order((piece(), 1))
    part, path = parts_of(order)[0], f"/orders/{order.token}"
    assert "Cancel this parcel" in client.get(path).get_data(as_text=True)
    client.post(f"{path}/{part.id}/cancellation", data=token(client, path))
    html = client.get(path).get_data(as_text=True)
    assert parts_of(order)[0].status is Part.CANCELED
    assert "You canceled it before the workshop began." in html
    assert "Cancel this parcel" not in html


def test_a_paid_order_stays_paid(client: FlaskClient) -> None:
    order = paid_order((piece(), 1))
    path = f"/orders/{order.token}"
    client.post(f"{path}/cancellation", data=token(client, path))
    assert order_of(order.id).status is OrderStatus.PAID


def test_a_refused_parcel_says_why_and_that_the_money_comes_back(client: FlaskClient) -> None:
    order = paid_order((piece(), 1))
    part = parts_of(order)[0]
    services.refuse(part.id, "flaw", "A crack in the shank.", workshop_id=part.workshop_id, by=UserFactory().id)
    html = client.get(f"/orders/{order.token}").get_data(as_text=True)
    assert "This parcel is not coming" in html
    assert "A crack in the shank." in html
    assert "Refund of $58.00" in html


def test_tracking_answers_the_same_whether_or_not_they_match(client: FlaskClient, new_client: Any) -> None:
    order = place_order((piece(), 1))
    answers = []
    for number, email in (
        (order.public_no, order.email),
        (order.public_no, "no@example.com"),
        ("PC-0000000", order.email),
    ):
        visitor_ = new_client()
        data = {"number": number, "email": email, **token(visitor_, "/orders/track")}
        answer = visitor_.post("/orders/track", data=data)
        answers.append((answer.status_code, answer.headers["Location"], answer.headers.get("Set-Cookie")))
    assert len(set(answers)) == 1
    assert answers[0][:2] == (303, "/orders/track?sent=1")
    assert [mail.to for mail in mails()] == [order.email]
    assert f"/orders/{order.token}" in links_in(mails()[0].text)
    assert "the link is in your mail" in client.get("/orders/track?sent=1").get_data(as_text=True)


def test_tracking_wants_a_number_and_an_email(client: FlaskClient) -> None:
    answer = client.post("/orders/track", data={"number": "", "email": "maya", **token(client, "/orders/track")})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#number"' in html
    assert 'href="#email"' in html


def test_nobody_has_us_mail_without_end(client: FlaskClient) -> None:
    data = token(client, "/orders/track")
    codes = [
        client.post("/orders/track", data={"number": "PC-1", "email": "victim@example.com", **data}).status_code
        for _time in range(7)
    ]
    assert codes == [303] * 5 + [422] * 2


def test_a_guest_makes_an_account_with_one_field_and_finds_the_order(client: FlaskClient) -> None:
    order = paid_order((piece(title_en="Dome Ring"), 1))
    path = f"/orders/{order.token}"
    answer = client.post(f"{path}/account", data={"password": "short", **token(client, path)})
    assert answer.status_code == 422
    assert 'href="#password"' in answer.get_data(as_text=True)
    answer = client.post(f"{path}/account", data={"password": PASSWORD, **token(client, path)})
    assert answer.status_code == 303
    assert order_of(order.id).user_id is None
    letter = [mail for mail in mails() if "/confirm/" in mail.text][-1]
    assert letter.to == order.email
    link = next(link for link in links_in(letter.text) if "/confirm/" in link)
    page = client.get(link)
    client.post(link, data=token(client, link))
    assert page.status_code == 200
    assert order_of(order.id).user_id is not None
    assert "Dome Ring" in client.get("/account/orders").get_data(as_text=True)


def test_an_account_s_history_narrows_and_goes_on(client: FlaskClient, statements: Any) -> None:
    user = UserFactory()
    sign_in(client, user)
    assert "No orders yet" in client.get("/account/orders").get_data(as_text=True)
    orders = [place_order((piece(), 1), owner=Owner(user_id=user.id)) for _number in range(13)]
    services.mark_paid(orders[0].id, orders[0].placed_at)
    first = client.get("/account/orders").get_data(as_text=True)
    assert orders[0].public_no not in first
    assert orders[12].public_no in first
    older = re.search(r'href="([^"]*after=[^"]*)"', first)
    assert older
    assert orders[0].public_no in client.get(older[1].replace("&amp;", "&")).get_data(as_text=True)
    made = client.get("/account/orders?show=made").get_data(as_text=True)
    assert orders[0].public_no in made
    assert orders[12].public_no not in made
    with statements() as seen:
        client.get("/account/orders")
    assert len(seen) <= 9, seen.texts


def test_a_page_of_the_indonesian_market_shows_no_foreign_money(client: FlaskClient) -> None:
    user = UserFactory()
    order = paid_order((piece(), 1), owner=Owner(user_id=user.id))
    answer = client.get(f"/id/orders/{order.token}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/orders/{order.token}")
    sign_in(client, user)
    assert not re.search(r"\$|USD", client.get("/id/account/orders").get_data(as_text=True))


def test_an_order_in_indonesian(client: FlaskClient) -> None:
    order = paid_order((piece(title_id="Cincin Kubah"), 1), address=JAKARTA)
    html = client.get(f"/id/orders/{order.token}").get_data(as_text=True)
    assert '<html lang="id">' in html
    assert "Cincin Kubah" in html

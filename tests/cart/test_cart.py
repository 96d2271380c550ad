"""The bag through its pages: what it holds, what it comes to, what it says when something is gone."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import LoginSession
from marketplace.cart import queries, services
from marketplace.cart.models import Cart, CartLine
from marketplace.cart.services import LineRequest, Owner
from marketplace.catalog.models import Listing, ListingState, Variant
from marketplace.core.db import db
from marketplace.core.money import Money
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.catalog import FxRateFactory, ListingFactory, variants_of
from tests.factories.orders import fill, open_shop, piece, visitor
from tests.factories.workshops import WorkshopFactory
from tests.helpers import sign_in


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def add(client: FlaskClient, variant_id: int, quantity: int = 1, **more: Any) -> Any:
    return client.post("/cart/lines", data={"variant_id": variant_id, "quantity": quantity, **more})


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&nbsp;", " ").replace("\xa0", " ").split())


def page(client: FlaskClient, path: str = "/cart") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    return text_of(answer.get_data(as_text=True))


def test_an_empty_bag_starts_no_session(client: FlaskClient) -> None:
    answer = client.get("/cart")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LoginSession)) == 0


def test_adding_makes_a_session_and_shows_the_parcel(client: FlaskClient) -> None:
    shop = WorkshopFactory(name="Jawan Sari Perak")
    variant = piece(workshop=shop, title_en="Granulated Dome Ring", price=745_000)
    answer = add(client, variant, 2)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cart")
    shown = page(client)
    assert "Jawan Sari Perak" in shown
    assert "Granulated Dome Ring" in shown
    assert "Parcel 1 of 1" in shown
    assert "2 pieces $90.00" in shown
    assert "With you" in shown
    assert "EMS to United States" in shown


def test_pieces_are_grouped_by_workshop_and_each_parcel_has_its_postage(client: FlaskClient) -> None:
    first, second = WorkshopFactory(), WorkshopFactory()
    for shop in (first, second, first):
        add(client, piece(workshop=shop))
    shown = page(client)
    assert "Parcel 2 of 2" in shown
    assert "Shipping, 2 parcels" in shown


def test_the_destination_changes_postage_and_indonesia_the_currency(client: FlaskClient) -> None:
    add(client, piece(price=745_000))
    client.post("/cart/destination", data={"country": "AU", **token(client)})
    assert "EMS to Australia" in page(client)
    client.post("/cart/destination", data={"country": "ID", **token(client)})
    shown = page(client)
    assert "Rp 769.000" in shown
    assert "$" not in shown


def test_the_destination_can_be_looked_at_without_choosing_it(client: FlaskClient) -> None:
    add(client, piece())
    assert "EMS to Australia" in page(client, "/cart?to=AU")
    assert "United States" in page(client, "/cart?to=Nowhere")


def test_the_indonesian_market_shows_rupiah_only_wherever_it_goes(client: FlaskClient) -> None:
    client.post("/id/cart/lines", data={"variant_id": piece(price=745_000, title_id="Cincin Kubah"), "quantity": 1})
    client.post("/id/cart/destination", data={"country": "AU", **token(client)})
    shown = page(client, "/id/cart")
    assert "Rp 745.000" in shown
    assert "Cincin Kubah" in shown
    assert not re.search(r"\$|USD|AUD", shown)


def test_a_country_that_is_none_is_refused_kindly(client: FlaskClient) -> None:
    add(client, piece())
    assert client.post("/cart/destination", data={"country": "XX", **token(client)}).status_code == 303
    assert "Choose a country from the list." in page(client)


def test_a_changed_price_is_told(client: FlaskClient) -> None:
    variant = piece(price=745_000)
    add(client, variant)
    db.session.execute(sa.update(Variant).values(price_amount=900_000))
    db.session.commit()
    assert "The price was $45.00 when you chose it; it is $55.00 now." in page(client)


def test_what_is_gone_stays_visible_and_can_be_removed(client: FlaskClient) -> None:
    sold, paused = piece(title_en="Sold Ring"), piece(title_en="Paused Ring")
    fine = piece(title_en="Fine Ring", stock=5)
    for variant in (sold, paused, fine):
        add(client, variant, 2)
    db.session.execute(sa.update(Variant).where(Variant.id == sold).values(stock=0))
    db.session.execute(sa.update(Variant).where(Variant.id == fine).values(stock=1))
    listing = sa.select(Variant.listing_id).where(Variant.id == paused).scalar_subquery()
    db.session.execute(sa.update(Listing).where(Listing.id == listing).values(state=ListingState.PAUSED))
    db.session.commit()
    shown = page(client)
    assert "Sold out" in shown
    assert "Not on sale any more" in shown
    assert "Only 1 is left" in shown
    assert "Change or remove the marked pieces first." in shown
    assert client.get("/checkout").headers["Location"] == "/cart"
    for line in db.session.scalars(sa.select(CartLine.id).where(CartLine.variant_id.in_([sold, paused]))).all():
        assert client.post(f"/cart/lines/{line}/removal", data=token(client)).status_code == 303
    assert "Sold Ring" not in page(client)


def token(client: FlaskClient) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/orders/track").get_data(as_text=True))
    assert found
    return {"csrf_token": found[1]}


def test_a_quantity_changes_and_none_removes(client: FlaskClient) -> None:
    add(client, piece(stock=9))
    line = db.session.scalars(sa.select(CartLine.id)).one()
    client.post(f"/cart/lines/{line}", data={"quantity": 3, **token(client)})
    assert "3 pieces" in page(client)
    client.post(f"/cart/lines/{line}", data={"quantity": "many", **token(client)})
    assert "Choose a number" in page(client)
    client.post(f"/cart/lines/{line}", data={"quantity": 0, **token(client)})
    assert "Your bag is empty" in page(client)


def test_another_visitor_s_line_is_not_there(client: FlaskClient, new_client: Any) -> None:
    add(client, piece())
    line = db.session.scalars(sa.select(CartLine.id)).one()
    other = new_client()
    add(other, piece())
    assert other.post(f"/cart/lines/{line}/removal", data=token(other)).status_code == 303
    assert other.post(f"/cart/lines/{line}", data={"quantity": 5, **token(other)}).status_code == 303
    nobody = new_client()
    assert nobody.post(f"/cart/lines/{line}/removal", data=token(nobody)).status_code == 404
    assert client.post(f"/cart/lines/{line}/removal").status_code == 303
    assert db.session.scalars(sa.select(CartLine.quantity).where(CartLine.id == line)).one() == 1


def test_errors_draw_the_piece_again_with_what_was_typed(client: FlaskClient) -> None:
    listing = ListingFactory(sizes=("US 6", "US 7"), stock=2, engraving_limit=10)
    small, _large = variants_of(listing)
    answer = client.post("/cart/lines", data={"listing_id": listing.id, "quantity": 2, "engraving": "Suksma"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "There is a problem" in html
    assert "Suksma" in html
    answer = add(client, small.id, 3)
    assert answer.status_code == 422
    assert "Only 2 left of this piece" in answer.get_data(as_text=True)
    answer = add(client, small.id, 1, engraving="far too long for this ring")
    assert answer.status_code == 422
    assert "room for 10 characters" in answer.get_data(as_text=True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CartLine)) == 0


def test_a_refusal_keeps_the_choice_and_stands_once_at_its_field(client: FlaskClient) -> None:
    listing = ListingFactory(sizes=("US 6", "US 7"), stock=2, engraving_limit=10)
    small, _large = variants_of(listing)
    html = add(client, small.id, 3).get_data(as_text=True)
    assert html.count("Only 2 left of this piece. Choose fewer.") == 2  # the summary and the field
    assert '<a href="#quantity">Only 2 left' in html
    assert re.search(rf'value="{small.id}"\s+checked\s', html)
    html = add(client, small.id, 0).get_data(as_text=True)
    assert re.search(r'name="quantity"\s+type="number"\s+inputmode="numeric"\s+value="0"', html)


def test_a_line_taken_out_in_another_window_leads_back_to_the_bag(client: FlaskClient) -> None:
    listing = ListingFactory(sizes=("US 6",), stock=2)
    (only,) = variants_of(listing)
    add(client, only.id, 1)
    line = db.session.scalars(sa.select(CartLine.id)).one()
    for _window in range(2):
        answer = client.post(f"/cart/lines/{line}/removal", data=token(client))
        assert (answer.status_code, answer.location) == (303, "/cart")
    assert client.post(f"/cart/lines/{line}", data={"quantity": 2, **token(client)}).status_code == 303
    assert "That has already changed in the meantime" in client.get("/cart").get_data(as_text=True)


def test_the_bag_names_the_engraving(client: FlaskClient) -> None:
    listing = ListingFactory(sizes=("US 6",), stock=2, engraving_limit=10)
    (only,) = variants_of(listing)
    assert add(client, only.id, 1, engraving="Suksma").status_code == 303
    assert "Engraving: Suksma" in client.get("/cart").get_data(as_text=True)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"variant_id": "two"},
        {"variant_id": "-1"},
        {"variant_id": 10**30},
        {"variant_id": 10**9, "quantity": 1},
        {"listing_id": 10**30},
        {"quantity": "0"},
    ],
)
def test_nonsense_is_no_server_error(client: FlaskClient, data: dict[str, Any]) -> None:
    assert client.post("/cart/lines", data=data).status_code in (303, 404, 422)


def test_another_site_cannot_fill_the_bag(client: FlaskClient) -> None:
    answer = client.post("/cart/lines", data={"variant_id": piece()}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_a_note_and_a_gift_are_kept(client: FlaskClient) -> None:
    shop = WorkshopFactory()
    add(client, piece(workshop=shop))
    client.post(f"/cart/notes/{shop.id}", data={"text": "For my mother", "is_gift": "y", **token(client)})
    assert "For my mother" in client.get("/cart").get_data(as_text=True)
    answer = client.post(f"/cart/notes/{shop.id}", data={"text": "x" * 501, **token(client)})
    assert answer.status_code == 422
    assert "Write at most 500 characters." in answer.get_data(as_text=True)


def test_signing_in_keeps_the_bag(app: Flask) -> None:
    user, guest = UserFactory(), visitor()
    both, only_guest = piece(stock=9), piece()
    fill(Owner(user_id=user.id), (both, 2))
    fill(guest, (both, 3), (only_guest, 1))
    services.choose_country(guest, "AU")
    assert guest.session_id is not None
    services.merge(guest.session_id, user.id)
    lines = {line.variant_id: line.quantity for line in db.session.scalars(sa.select(CartLine))}
    assert lines == {both: 5, only_guest: 1}
    cart = db.session.scalars(sa.select(Cart)).one()
    assert (cart.user_id, cart.session_id, cart.country) == (user.id, None, "AU")
    services.merge(guest.session_id, user.id)


def test_the_sign_in_itself_moves_the_bag(client: FlaskClient) -> None:
    add(client, piece())
    user = UserFactory()
    data = {"email": user.email, "password": PASSWORD, **token(client)}
    assert client.post("/sign-in", data=data).status_code == 303
    assert queries.count_of(Owner(user_id=user.id)) == 1


def test_a_person_sees_the_same_bag_on_another_device(client: FlaskClient, new_client: Any) -> None:
    user = UserFactory()
    sign_in(client, user)
    add(client, piece(title_en="Dome Ring"))
    other = new_client()
    sign_in(other, user)
    assert "Dome Ring" in page(other)


def test_a_line_holds_twenty_at_most_and_a_bag_fifty_lines(app: Flask) -> None:
    owner, variant = visitor(), piece(made_to_order=True, engraving_limit=20)
    for _time in range(3):
        services.add_line(owner, LineRequest(variant, 10))
    assert queries.count_of(owner) == 20
    for number in range(services.MOST_LINES - 1):
        services.add_line(owner, LineRequest(variant, 1, f"n{number}"))
    with pytest.raises(services.CartFull):
        services.add_line(owner, LineRequest(variant, 1, "one more"))


def test_fitting_leaves_what_can_be_bought(app: Flask) -> None:
    owner, gone, few, made = visitor(), piece(stock=1), piece(stock=5), piece(made_to_order=True, stock=0)
    fill(owner, (gone, 1), (few, 4), (made, 2))
    db.session.execute(sa.update(Variant).where(Variant.id == gone).values(stock=0))
    db.session.execute(sa.update(Variant).where(Variant.id == few).values(stock=3))
    db.session.commit()
    services.fit(owner)
    assert {line.variant_id: line.quantity for line in db.session.scalars(sa.select(CartLine))} == {few: 3, made: 2}


def test_prices_follow_the_rate_of_the_day(app: Flask) -> None:
    owner = visitor()
    fill(owner, (piece(price=745_000), 1))
    FxRateFactory(rate=Decimal("14900"))
    contents = queries.contents(owner)
    assert contents is not None
    assert contents.items == Money(5000, "USD")


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_needs_eight_statements_at_most(client: FlaskClient, statements: Any, count: int) -> None:
    for _number in range(count):
        add(client, piece())
    client.get("/cart")
    with statements() as seen:
        client.get("/cart")
    assert len(seen) <= 8, seen.texts


def test_a_person_s_page_needs_eight_too(client: FlaskClient, statements: Any) -> None:
    sign_in(client, UserFactory())
    for _number in range(5):
        add(client, piece())
    client.get("/cart")
    with statements() as seen:
        client.get("/cart")
    assert len(seen) <= 8, seen.texts

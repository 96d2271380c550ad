"""The address book of a buyer."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from marketplace.accounts import queries, services
from marketplace.accounts.services import addresses as book
from tests.factories.accounts import AddressFactory, UserFactory
from tests.helpers import send, sign_in

PAGE = "/account/addresses"
UBUD = {
    "label": "My mother, Ubud",
    "country": "ID",
    "drawn_for": "ID",
    "name": "Ibu Wayan Chen",
    "phone": "0812 3456 7890",
    "street": "Jalan Bisma 12",
    "district": "Ubud",
    "city": "Gianyar",
    "state": "Bali",
    "postcode": "80571",
}


def test_an_address_is_saved_edited_and_removed(client: FlaskClient) -> None:
    user = UserFactory()
    sign_in(client, user)
    assert send(client, PAGE, UBUD).status_code == 303
    [saved] = queries.addresses_of(user.id)
    assert (saved.label, saved.is_default) == ("My mother, Ubud", True)
    assert saved.address.phone == "+6281234567890"
    page = client.get(PAGE).text
    assert "Gianyar, Bali 80571" in page
    assert "Used first" in page

    path = f"{PAGE}/{saved.id}"
    assert 'value="Jalan Bisma 12"' in client.get(path).text
    assert send(client, path, {**UBUD, "street": "Jalan Bisma 14"}).status_code == 303
    assert queries.addresses_of(user.id)[0].address.street == "Jalan Bisma 14"
    assert send(client, path + "/removal", page=PAGE).status_code == 303
    assert queries.addresses_of(user.id) == []


def test_the_country_decides_the_fields_and_keeps_what_was_typed(client: FlaskClient) -> None:
    sign_in(client, UserFactory())
    page = send(client, PAGE, {**UBUD, "country": "AU"})
    assert page.status_code == 200
    assert "Victoria" in page.text
    assert 'name="district"' not in page.text
    assert 'value="Jalan Bisma 12"' in page.text
    again = send(client, PAGE, {**UBUD, "country": "AU", "drawn_for": "AU"})
    assert again.status_code == 422
    assert "choose one from the list" in again.text
    assert "There is a problem" in again.text


def test_the_form_speaks_indonesian_under_its_market(client: FlaskClient) -> None:
    sign_in(client, UserFactory())
    page = client.get("/id" + PAGE).text
    assert '<html lang="id"' in page
    assert 'name="district"' in page, "Indonesia is the market's own country"


def test_one_is_used_first(client: FlaskClient) -> None:
    user = UserFactory()
    sign_in(client, user)
    first = AddressFactory(user_id=user.id, is_default=True)
    second = AddressFactory(user_id=user.id, label="Work")
    third = AddressFactory(user_id=user.id, label="Third")
    assert send(client, f"{PAGE}/{third.id}/first", page=PAGE).status_code == 303
    assert [entry.id for entry in queries.addresses_of(user.id) if entry.is_default] == [third.id]
    services.remove_address(user.id, third.id)
    assert [entry.id for entry in queries.addresses_of(user.id) if entry.is_default] == [first.id]
    services.remove_address(user.id, first.id)
    assert [entry.is_default for entry in queries.addresses_of(user.id)] == [True]
    assert second.id == queries.addresses_of(user.id)[0].id


def test_anothers_address_is_not_there(client: FlaskClient) -> None:
    theirs = AddressFactory(user_id=UserFactory().id)
    sign_in(client, UserFactory())
    path = f"{PAGE}/{theirs.id}"
    assert client.get(path).status_code == 404
    assert send(client, path, UBUD, page=PAGE).status_code == 404
    assert send(client, path + "/removal", page=PAGE).status_code == 404
    assert send(client, path + "/first", page=PAGE).status_code == 404
    assert queries.address_of(theirs.user_id, theirs.id) is not None


def test_extra_fields_change_nothing_else(client: FlaskClient) -> None:
    user, other = UserFactory(), UserFactory()
    sign_in(client, user)
    send(client, PAGE, {**UBUD, "user_id": str(other.id), "is_default": "0", "id": "99"})
    assert queries.addresses_of(other.id) == []
    assert queries.addresses_of(user.id)[0].is_default


def test_hostile_text_is_text(client: FlaskClient) -> None:
    sign_in(client, UserFactory())
    hostile = '<script>alert(1)</script>"\u202e{{7*7}}'
    assert send(client, PAGE, {**UBUD, "label": hostile, "street": hostile}).status_code == 303
    page = client.get(PAGE).text
    assert "<script>alert" not in page
    assert "{{7*7}}" in page
    for value in ("x" * 5000, "a\x00b", "\ufffe\u202e"):
        assert send(client, PAGE, {**UBUD, "street": value}).status_code in (303, 422)


def test_the_book_has_an_end(client: FlaskClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(book, "MOST", 2)
    sign_in(client, UserFactory())
    codes = [send(client, PAGE, UBUD).status_code for _ in range(3)]
    assert codes == [303, 303, 422]

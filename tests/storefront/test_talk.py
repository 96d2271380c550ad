"""A buyer's side of a talk: from the page of a piece or an order, with an account or with an order's link alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from marketplace.accounts.models import User
from marketplace.cart.services import Owner
from marketplace.catalog.models import Listing
from marketplace.core.db import db
from marketplace.media.models import Photo, PhotoShape
from marketplace.messages import access, limits, services
from marketplace.messages.models import Message, Thread
from marketplace.workshops.models import Workshop
from tests.factories.accounts import PASSWORD, AdminFactory, UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.messages import HOME, answer, ask, words
from tests.factories.orders import open_shop, paid_order, parts_of
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.helpers import send, sign_in


def _photo(size: tuple[int, int] = (900, 700)) -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", size, (160, 140, 120)).save(file, "JPEG")
    file.seek(0)
    return file, "wrist.jpg"


@pytest.fixture
def piece(app: Flask) -> Listing:
    open_shop()
    return ListingFactory(workshop=WorkshopFactory(name="Luh Selaka"), stock=9)


@pytest.fixture
def hannah(client: FlaskClient, app: Flask) -> User:
    person = UserFactory(full_name="Hannah Moss")
    sign_in(client, person)
    return person


def _messages() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message).order_by(Message.id)))


def _member(piece: Listing) -> access.Hand:
    kadek = UserFactory(full_name="Kadek")
    MemberFactory(workshop_id=piece.workshop_id, user_id=kadek.id)
    return access.member(piece.workshop_id, kadek.id)


def test_from_the_piece_to_the_answer(client: FlaskClient, hannah: User, piece: Listing) -> None:
    page = client.get(f"/p/{piece.id}-{piece.slug}")
    assert f'href="/messages/piece/{piece.id}"' in page.text
    sent = send(client, f"/messages/piece/{piece.id}", {"text": "Is it heavy?"})
    assert sent.status_code == 303
    shown = client.get(sent.location)
    assert "Is it heavy?" in shown.text
    assert client.get(f"/messages/piece/{piece.id}").location == sent.location, "the same talk again"
    answer(_member(piece), _messages()[0].thread_id, "Six grams.")
    listed = client.get("/account/messages")
    assert "Six grams." in listed.text
    assert "Messages (1)" in listed.text
    assert "Kadek" not in client.get(sent.location).text, "to the buyer the workshop speaks"


def test_the_form_sent_twice_is_one_message(client: FlaskClient, hannah: User, piece: Listing) -> None:
    opened = client.get(f"/messages/piece/{piece.id}").text
    fields = dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]+)"', opened))
    for _click in range(2):
        client.post(f"/messages/piece/{piece.id}", data={**fields, "text": "Is it heavy?"})
    assert len(_messages()) == 1


def test_a_stranger_signs_in_and_finds_the_words_again(client: FlaskClient, piece: Listing) -> None:
    person = UserFactory()
    sent = send(client, f"/messages/piece/{piece.id}", {"text": "Is it <i>heavy</i>?"})
    assert "/sign-in" in sent.location
    assert _messages() == []
    back = send(client, sent.location, {"email": person.email, "password": PASSWORD})
    opened = client.get(back.location)
    assert f"/messages/piece/{piece.id}" in back.location
    assert "Is it &lt;i&gt;heavy&lt;/i&gt;?</textarea>" in opened.text
    send(client, f"/messages/piece/{piece.id}", {"text": "Is it <i>heavy</i>?"})
    assert [message.body for message in _messages()] == ["Is it <i>heavy</i>?"]
    other = ListingFactory(workshop_id=piece.workshop_id)
    assert (
        "heavy" not in re.findall(r"<textarea.*?</textarea>", client.get(f"/messages/piece/{other.id}").text, re.S)[0]
    )


def test_the_page_of_the_piece_knows_nobody(
    client: FlaskClient, new_client: Callable[[], FlaskClient], hannah: User, piece: Listing
) -> None:
    address = f"/p/{piece.id}-{piece.slug}"
    answer(_member(piece), ask(hannah, piece.id))
    mine, theirs = client.get(address), new_client().get(address)
    assert mine.data == theirs.data
    assert mine.headers["Cache-Control"].startswith("public")


def test_how_soon_it_answers_stands_on_the_public_pages(client: FlaskClient, piece: Listing) -> None:
    addresses = (f"/p/{piece.id}-{piece.slug}", f"/w/{db.session.get_one(Workshop, piece.workshop_id).slug}")
    assert all("Usually answers" not in client.get(address).text for address in addresses)
    workshop = db.session.get_one(Workshop, piece.workshop_id)
    workshop.answer_minutes = 150
    db.session.commit()
    for address in addresses:
        assert "Usually answers within a few hours" in client.get(address, headers={"Cache-Control": "no-cache"}).text


def test_a_guest_writes_by_the_orders_link(client: FlaskClient, piece: Listing) -> None:
    order = paid_order((variants_of(piece)[0].id, 1))
    part = parts_of(order)[0]
    address = f"/orders/{order.token}/{part.id}/messages"
    assert address in client.get(f"/orders/{order.token}").text
    assert send(client, address, {"text": "Please no box."}).status_code == 303
    assert "Please no box." in client.get(address).text
    assert "Please no box." in client.get(f"/id{address}").text
    assert client.get(f"/orders/{order.token}x/{part.id}/messages").status_code == 404


def test_an_accounts_order_is_one_talk_by_both_ways(client: FlaskClient, hannah: User, piece: Listing) -> None:
    order = paid_order((variants_of(piece)[0].id, 1), owner=Owner(user_id=hannah.id))
    part = parts_of(order)[0]
    send(client, f"/orders/{order.token}/{part.id}/messages", {"text": "Please no box."})
    [message] = _messages()
    assert message.user_id == hannah.id
    assert "Please no box." in client.get(f"/account/messages/{message.thread_id}").text


def test_photos_are_for_the_two_sides_alone(
    client: FlaskClient, new_client: Callable[[], FlaskClient], hannah: User, piece: Listing
) -> None:
    sent = send(client, f"/messages/piece/{piece.id}", {"text": "", "photos": [_photo(), _photo((800, 640))]})
    page = client.get(sent.location).text
    addresses = re.findall(r'src="(/account/messages/\d+/photos/\d+[^"]*)"', page)
    assert len(addresses) == 2
    shown = client.get(addresses[0])
    assert shown.mimetype == "image/webp"
    assert shown.headers["Cache-Control"].startswith("private")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    for person in (None, UserFactory(), AdminFactory()):
        other = new_client()
        if person is not None:
            sign_in(other, person)
        assert other.get(addresses[0]).status_code in (303, 404)
    assert "/media/" not in re.sub(r'<a class="id about".*?</a>', "", page, flags=re.S), "no public address of it"
    db.session.rollback()
    for photo in db.session.scalars(sa.select(Photo).where(Photo.shape == PhotoShape.PRIVATE)):
        for _kind, _width, key in photo.renditions:
            assert client.get(f"/media/{key}").status_code == 404


@pytest.mark.parametrize(
    ("file", "words_of_it"),
    [((io.BytesIO(b"<svg onload=alert(1)>"), "x.svg"), "not a photo"), (_photo((40, 40)), "too small")],
    ids=["no photo", "too small"],
)
def test_a_refused_photo_loses_nothing_that_was_typed(
    client: FlaskClient, hannah: User, piece: Listing, file: Any, words_of_it: str
) -> None:
    answered = send(client, f"/messages/piece/{piece.id}", {"text": "My wrist, see here.", "photos": [file]})
    assert answered.status_code == 422
    assert words_of_it in answered.text
    assert "My wrist, see here.</textarea>" in answered.text
    assert _messages() == []


def test_five_photos_are_too_many(client: FlaskClient, hannah: User, piece: Listing) -> None:
    photos = [_photo((200 + number, 200)) for number in range(limits.PHOTOS + 1)]
    answered = send(client, f"/messages/piece/{piece.id}", {"text": "Look", "photos": photos})
    assert answered.status_code == 422
    assert "At most 4 photos" in answered.text


def test_too_long_and_nothing_are_said_at_the_field(client: FlaskClient, hannah: User, piece: Listing) -> None:
    for text, sentence in (("x" * (limits.LONGEST + 1), "Write it shorter"), ("  \0 ", "Write something")):
        answered = send(client, f"/messages/piece/{piece.id}", {"text": text})
        assert answered.status_code == 422
        assert sentence in answered.text
    assert db.session.scalars(sa.select(Thread)).all() == []


def test_too_many_are_told_to_wait(
    client: FlaskClient, hannah: User, piece: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NEW_PERSON", limits.Limit("talk:new", 1, limits.NEW_PERSON.window))
    ask(hannah, piece.id)
    answered = send(client, f"/account/messages/{_messages()[0].thread_id}", {"text": "And again"})
    assert answered.status_code == 429
    assert "And again</textarea>" in answered.text
    assert int(answered.headers["Retry-After"]) > 0


def test_foreign_talks_are_not_there(client: FlaskClient, hannah: User, piece: Listing) -> None:
    theirs = ask(UserFactory(), piece.id)
    for path in ("", "/photos/1"):
        assert client.get(f"/account/messages/{theirs}{path}").status_code == 404
    for path in ("", "/look", "/report"):
        answered = send(client, f"/account/messages/{theirs}{path}", {"text": "x"}, page="/account/addresses")
        assert answered.status_code == 404


def test_opening_changes_nothing_and_looking_reads(client: FlaskClient, hannah: User, piece: Listing) -> None:
    talk = ask(hannah, piece.id)
    answer(_member(piece), talk, "Six grams.")
    address = f"/account/messages/{talk}"
    opened = client.get(address).text
    assert "Messages (1)" in client.get("/account/orders").text
    state = re.search(r'data-state="([^"]+)"', opened)
    assert state is not None
    quiet = send(client, f"{address}/look", {"state": state[1]}, page=address)
    assert quiet.status_code == 204
    assert "Messages (1)" not in client.get("/account/orders").text
    answer(_member(piece), talk, "And it is blackened.")
    news = send(client, f"{address}/look", {"state": state[1]}, page=address)
    assert news.status_code == 200
    assert news.text.lstrip().startswith("<ol")
    assert "And it is blackened." in news.text
    assert send(client, f"{address}/look", {}, page=address).location == address, "a button, without script"


def test_what_a_workshop_writes_is_text(client: FlaskClient, hannah: User, piece: Listing) -> None:
    talk = ask(hannah, piece.id)
    answer(_member(piece), talk, "<script>alert(1)</script> https://example.com/x +62 812 3456 7890")
    page = client.get(f"/account/messages/{talk}").text
    assert "<script>alert" not in page
    assert '<a href="https://example.com/x" rel="nofollow ugc noopener noreferrer">' in page
    assert "+62 812 3456 7890" in page


def test_a_report_lets_the_collective_read_until_it_has_answered(
    client: FlaskClient, new_client: Callable[[], FlaskClient], hannah: User, piece: Listing
) -> None:
    talk = ask(hannah, piece.id)
    office = new_client()
    sign_in(office, AdminFactory(language="en"))
    assert office.get(f"/admin/talks/{talk}").status_code == 404
    empty = send(client, f"/account/messages/{talk}/report", {"reason": " "}, page=f"/account/messages/{talk}")
    assert empty.status_code == 422
    send(client, f"/account/messages/{talk}/report", {"reason": "Asks for cash."}, page=f"/account/messages/{talk}")
    assert "Asks for cash." in office.get(f"/admin/talks/{talk}").text
    assert "Hannah Moss" in office.get("/admin/talks/").text
    closed = send(office, f"/admin/talks/{talk}/closing", {"why": "Spoke with both"}, page=f"/admin/talks/{talk}")
    assert closed.status_code == 303
    assert office.get(f"/admin/talks/{talk}").status_code == 404
    assert "Could you make it" in client.get(f"/account/messages/{talk}").text


def test_a_guest_reports_too(client: FlaskClient, piece: Listing) -> None:
    order = paid_order((variants_of(piece)[0].id, 1))
    part = parts_of(order)[0]
    address = f"/orders/{order.token}/{part.id}/messages"
    assert send(client, f"{address}/report", {"reason": "Rude"}, page=address).status_code == 404, "nobody has written"
    services.write_about_order(access.guest(order.token), part.id, words(), address=HOME)
    assert send(client, f"{address}/report", {"reason": "Rude"}, page=address).status_code == 303
    assert db.session.scalars(sa.select(Thread.report_reason)).one() == "Rude"

"""The workshop's side of a talk: what waits, the ready-made answers, each answer under its own name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.catalog.models import Listing
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.messages import access, queries
from marketplace.messages.models import Message, QuickReply
from marketplace.messages.replies import DEFAULTS, MOST
from marketplace.workshops.models import MemberRole, Workshop
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.messages import ask
from tests.factories.orders import open_shop, paid_order, parts_of
from tests.factories.workshops import MemberFactory
from tests.helpers import send, sign_in

from .conftest import Maker, fields_of, photo


@pytest.fixture
def piece(luh: Maker) -> Listing:
    open_shop()
    return ListingFactory(workshop=luh.workshop, stock=9)


def _bodies() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message.body).order_by(Message.id)))


def _reply(maker: Maker, talk: int, data: dict[str, Any]) -> Any:
    return send(maker.browser, f"/seller/messages/{talk}", data)


def test_a_question_is_seen_answered_and_read(luh: Maker, piece: Listing) -> None:
    talk = ask(UserFactory(full_name="Hannah Moss"), piece.id, "Is it heavy?")
    home = luh.get("/seller/").text
    assert "Hannah Moss" in home
    assert "Is it heavy?" in home
    assert 'aria-label="Messages, 1 new"' in home or 'aria-label="Pesan, 1 baru"' in home
    assert "Is it heavy?" in luh.get("/seller/messages/").text
    assert _reply(luh, talk, {"text": "Enam gram."}).status_code == 303
    page = luh.get(f"/seller/messages/{talk}").text
    assert "Enam gram." in page
    assert luh.user.full_name in page, "each answer under its own name"
    found = queries.talk(access.member(luh.workshop.id, luh.user.id), talk)
    assert found is not None
    assert found.waiting_since is None


def test_a_buyers_address_of_mail_is_never_shown(luh: Maker, piece: Listing) -> None:
    nameless = UserFactory(full_name="", email="secret@example.com")
    sly = UserFactory(full_name="other@example.com")
    for buyer in (nameless, sly):
        talk = ask(buyer, piece.id)
        for path in ("/seller/", "/seller/messages/", f"/seller/messages/{talk}"):
            assert "@example.com" not in luh.get(path).text


def test_another_workshops_talks_are_not_there(luh: Maker, wayan: Maker, piece: Listing) -> None:
    talk = ask(UserFactory(), piece.id)
    order = paid_order((variants_of(piece)[0].id, 1))
    part = parts_of(order)[0]
    for path in (f"/{talk}", f"/{talk}/photos/1", f"/order/{part.id}"):
        assert wayan.get(f"/seller/messages{path}").status_code == 404
    for path in (f"/{talk}", f"/{talk}/look", f"/{talk}/report", f"/order/{part.id}"):
        assert wayan.post(f"/seller/messages{path}", {"text": "x", "reason": "x"}).status_code == 404
    assert "Could you" not in wayan.get("/seller/messages/").text
    assert len(_bodies()) == 1


def test_a_packer_does_not_talk(luh: Maker, piece: Listing, new_client: Callable[[], FlaskClient]) -> None:
    packer, browser = UserFactory(language="id"), new_client()
    MemberFactory(workshop_id=luh.workshop.id, user_id=packer.id, role=MemberRole.PACKER)
    sign_in(browser, packer)
    talk = ask(UserFactory(), piece.id, "Is it heavy?")
    for path in ("/seller/messages/", f"/seller/messages/{talk}", "/seller/answers/"):
        assert browser.get(path).status_code == 403
    home = browser.get("/seller/").text
    assert "/seller/messages/" not in home
    assert "Is it heavy?" not in home


def test_an_order_is_written_about_before_the_buyer_does(luh: Maker, piece: Listing) -> None:
    order = paid_order((variants_of(piece)[0].id, 1))
    part = parts_of(order)[0]
    address = f"/seller/messages/order/{part.id}"
    sent = send(luh.browser, address, {"text": "Cincinnya sudah jadi."})
    assert "Cincinnya sudah jadi." in luh.get(sent.location).text
    assert luh.get(address).location == sent.location
    assert order.public_no in luh.get(sent.location).text


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_ready_answer_is_in_the_buyers_language(luh: Maker, piece: Listing, language: str) -> None:
    talk = ask(UserFactory(language=language), piece.id)
    opened = luh.get(f"/seller/messages/{talk}").text
    assert DEFAULTS[0].body_en in opened, "both languages can be seen"
    assert DEFAULTS[0].body_id in opened
    fields = {**fields_of(opened), "text": "Halo.", "use": "0"}
    for name in ("reason",):
        fields.pop(name, None)
    again = luh.browser.post(f"/seller/messages/{talk}", data=fields)
    assert again.status_code == 200, "without script the page comes back with the words in the box"
    assert fields_of(again.text)["text"] == f"Halo.\r\n\r\n{DEFAULTS[0].speaking(language)}".replace("\r\n", "\n")
    assert len(_bodies()) == 1, "nothing is sent by it"


def test_a_ready_answer_as_it_stands_shows_what_it_says_in_the_other_language(luh: Maker, piece: Listing) -> None:
    talk = ask(UserFactory(language="en"), piece.id)
    _reply(luh, talk, {"text": DEFAULTS[5].body_en})
    says = re.search(r'<ol class="says".*?</ol>', luh.get(f"/seller/messages/{talk}").text, re.S)
    assert says is not None
    assert DEFAULTS[5].body_id in says[0]


def test_ready_answers_are_changed_in_one_form(luh: Maker, wayan: Maker) -> None:
    fields = fields_of(luh.get("/seller/answers/").text)
    assert fields["answers-0-title"] == DEFAULTS[0].title
    empty = {f"answers-0-{name}": "" for name in ("title", "body_id", "body_en")}
    new = {"answers-6-title": "Kotak", "answers-6-body_id": "Ada kotaknya.", "answers-6-body_en": ""}
    assert luh.post("/seller/answers/", {**fields, **empty, **new}).status_code == 303
    mine = queries.replies_of(luh.workshop.id)
    assert [reply.title for reply in mine] == [*(reply.title for reply in DEFAULTS[1:]), "Kotak"]
    assert mine[-1].speaking("en") == "Ada kotaknya.", "where one language is missing, the other is sent"
    assert list(queries.replies_of(wayan.workshop.id)) == list(DEFAULTS)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"answers-6-title": "", "answers-6-body_id": "Ada."}, "answers-6-title"),
        ({"answers-6-title": "Kotak", "answers-6-body_id": ""}, "answers-6-body_id"),
        ({"answers-6-title": "x" * 61, "answers-6-body_id": "Ada."}, "answers-6-title"),
        ({"answers-6-title": "Kotak", "answers-6-body_id": "x" * 1001}, "answers-6-body_id"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_at_its_field(luh: Maker, wrong: dict[str, str], field: str) -> None:
    answered = luh.post("/seller/answers/", {**fields_of(luh.get("/seller/answers/").text), **wrong})
    assert answered.status_code == 422
    assert f'href="#{field}"' in answered.text
    assert f'id="{field}-e"' in answered.text
    assert db.session.scalars(sa.select(QuickReply)).all() == []


def test_answers_beyond_the_most_are_not_kept(luh: Maker) -> None:
    many = {f"answers-{number}-{name}": "x" for number in range(MOST + 5) for name in ("title", "body_id")}
    assert luh.post("/seller/answers/", many).status_code < 500
    assert len(queries.replies_of(luh.workshop.id)) <= MOST


def test_default_answers_name_no_price() -> None:
    for reply in DEFAULTS:
        assert not re.search(r"\d|Rp|\$|rupiah", reply.body_en + reply.body_id)
        assert reply.body_en
        assert reply.body_id


def test_photos_come_from_the_camera(luh: Maker, piece: Listing) -> None:
    talk = ask(UserFactory(), piece.id)
    assert 'capture="environment"' in luh.get(f"/seller/messages/{talk}").text
    _reply(luh, talk, {"text": "", "photos": [photo()]})
    page = luh.get(f"/seller/messages/{talk}").text
    found = re.search(r'src="(/seller/messages/\d+/photos/\d+[^"]*)"', page)
    assert found is not None
    assert luh.get(found[1]).mimetype == "image/webp"


def test_a_suspended_workshop_answers_about_running_orders(luh: Maker, piece: Listing) -> None:
    talk = ask(UserFactory(), piece.id)
    order = paid_order((variants_of(piece)[0].id, 1))
    part = parts_of(order)[0]
    workshop = db.session.get_one(Workshop, luh.workshop.id)
    workshop.suspended_at = clock.now()
    db.session.commit()
    assert send(luh.browser, f"/seller/messages/order/{part.id}", {"text": "Besok dikirim."}).status_code == 303
    refused = _reply(luh, talk, {"text": "Enam gram."})
    assert refused.status_code == 422
    assert "Enam gram.</textarea>" in refused.text


def test_a_forged_form_is_refused(luh: Maker, piece: Listing) -> None:
    talk = ask(UserFactory(), piece.id)
    for path in ("", "/report"):
        assert luh.browser.post(f"/seller/messages/{talk}{path}", data={"text": "x", "reason": "x"}).status_code == 422
    assert luh.browser.post(f"/seller/messages/{talk}/look", data={"state": ""}).status_code == 403
    assert luh.browser.post(f"/seller/messages/{talk}", data={"use": "0"}).status_code == 422
    assert len(_bodies()) == 1

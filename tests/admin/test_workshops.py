"""The workshop's page: what a suspension would do, doing it, and lifting it."""

from __future__ import annotations

from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.workshops.models import Workshop
from tests.admin.conftest import post
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory
from tests.factories.orders import open_shop, paid_order, piece
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.moderation.test_workshops import everything, public_of


def test_the_effect_is_spelt_out_before_and_comes_true(client: FlaskClient, admin: User) -> None:
    open_shop()
    workshop = WorkshopFactory(name="Luh Selaka")
    ListingFactory(workshop=workshop)
    paid_order((piece(workshop=workshop), 1))
    MemberFactory(workshop_id=workshop.id, user_id=UserFactory(full_name="Ni Luh Ayu").id)
    page = client.get(f"/admin/workshops/{workshop.id}").text
    assert "Hides 2 pieces at once" in page
    assert "The 1 running order goes on" in page
    assert "Ni Luh Ayu" in page
    assert "Suspend Luh Selaka" in page
    before = everything()
    form = {"code": "late", "words": "Tiga pesanan terlambat."}
    answer = post(client, f"/admin/workshops/{workshop.id}/suspension", data=form, follow_redirects=True)
    assert "Suspended. Its pieces are hidden" in answer.text
    assert "Shows 2 pieces again" in answer.text
    assert public_of(workshop) == 0
    answer = post(
        client, f"/admin/workshops/{workshop.id}/reinstatement", data={"why": "All posted"}, follow_redirects=True
    )
    assert "The suspension is lifted" in answer.text
    assert "Komang Adi" in answer.text
    assert everything() == before


def test_no_reason_no_suspension(client: FlaskClient, admin: User) -> None:
    workshop = WorkshopFactory()
    for form in ({}, {"code": ""}, {"code": "made-up"}, {"code": "other", "words": " "}):
        answer = post(client, f"/admin/workshops/{workshop.id}/suspension", data=form)
        assert answer.status_code == 422
        assert "There is a problem" in answer.text
    assert db.session.get_one(Workshop, workshop.id, populate_existing=True).suspended_at is None


def test_trust_is_given_and_taken_on_the_page(client: FlaskClient, admin: User) -> None:
    workshop = WorkshopFactory()
    address = f"/admin/workshops/{workshop.id}/trust"
    assert post(client, address, data={"act": "give"}).status_code == 422
    post(client, address, data={"act": "give", "why": "Known for years"})
    assert db.session.get_one(Workshop, workshop.id, populate_existing=True).is_trusted
    post(client, address, data={"act": "take", "why": "A wrong weight"})
    assert not db.session.get_one(Workshop, workshop.id, populate_existing=True).is_trusted


def test_found_by_name_person_and_state(client: FlaskClient, admin: User) -> None:
    WorkshopFactory(name="Luh Selaka", contact_name="Ni Luh Ayu")
    WorkshopFactory(name="Palu Alus")
    for words in ("selaka", "luh ayu"):
        page = client.get("/admin/workshops/", query_string={"q": words}).text
        assert "Luh Selaka" in page
        assert "Palu Alus" not in page
    assert "Nothing found" in client.get("/admin/workshops/?show=suspended").text

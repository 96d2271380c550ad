"""People, rates and the record on the collective's pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.catalog.pricing import rates
from marketplace.core.db import db
from marketplace.moderation import services
from tests.admin.conftest import post
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, quote_rates
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.helpers import sign_in


def fresh(user: Any) -> User:
    return db.session.get_one(User, user.id, populate_existing=True)


def test_a_closed_account_is_out_at_once(client: FlaskClient, admin: User, new_client: Any) -> None:
    user, theirs = UserFactory(), new_client()
    sign_in(theirs, user)
    assert theirs.get("/account/security").status_code == 200
    address = f"/admin/people/{user.id}/disable"
    assert post(client, address, data={"why": ""}).status_code == 422
    assert fresh(user).is_active
    page = post(client, address, data={"why": "Asked for it"}, follow_redirects=True).text
    assert "The account is closed" in page
    assert "Asked for it" in page
    assert theirs.get("/account/security").status_code == 303
    post(client, f"/admin/people/{user.id}/enable", data={"why": "Asked again"})
    assert fresh(user).is_active


def test_an_admin_is_made_and_unmade(client: FlaskClient, admin: User) -> None:
    user = UserFactory()
    post(client, f"/admin/people/{user.id}/admin-rights", data={"why": "New in the office"})
    assert fresh(user).is_admin
    post(client, f"/admin/people/{user.id}/admin-rights/removal", data={"why": "Left again"})
    assert not fresh(user).is_admin


def test_ones_own_rights_are_anothers_to_decide(client: FlaskClient, admin: User) -> None:
    page = client.get(f"/admin/people/{admin.id}").text
    assert "This is you" in page
    assert "Close the account" not in page
    answer = post(client, f"/admin/people/{admin.id}/disable", data={"why": "by mistake"}, follow_redirects=True)
    assert "This is your own account" in answer.text
    assert fresh(admin).is_active


def test_found_by_name_and_email(client: FlaskClient, admin: User) -> None:
    user = UserFactory(full_name="Ni Komang Trisna", email="komang@example.com")
    MemberFactory(workshop_id=WorkshopFactory(name="Alit Rupa").id, user_id=user.id)
    UserFactory(full_name="Maya Chen", email="maya@example.com")
    for words in ("trisna", "komang@"):
        page = client.get("/admin/people/", query_string={"q": words}).text
        assert "Ni Komang Trisna" in page
        assert "Alit Rupa" in page
        assert "Maya Chen" not in page
    page = client.get("/admin/people/?show=admins").text
    assert "Komang Adi" in page
    assert "Maya Chen" not in page


def test_the_days_rate_is_entered_as_people_write_it(client: FlaskClient, admin: User) -> None:
    quote_rates()
    form = {"currency": "USD", "rate": "16.700", "source": "Bank Indonesia"}
    page = post(client, "/admin/rates/", data=form, follow_redirects=True).text
    assert "Entered." in page
    assert "16,700" in page
    assert "Bank Indonesia" in page
    assert rates().rate("USD").rate == Decimal(16700)
    for wrong in ("", "sixteen", "167", "-5", "0"):
        answer = post(client, "/admin/rates/", data={**form, "rate": wrong})
        assert answer.status_code == 422, wrong
        assert "There is a problem" in answer.text, wrong
    assert rates().rate("USD").rate == Decimal(16700)
    assert db.session.scalars(sa.select(AuditRow.action)).all() == ["rate.enter"]


def test_the_record_shows_who_what_before_after_and_why(client: FlaskClient, admin: User) -> None:
    listing = ListingFactory()
    services.take_down(listing.id, admin.id, "material", "Ini kuningan.")
    services.enable_person(UserFactory().id, admin.id, "nothing to do")
    page = client.get("/admin/record/").text
    assert "Komang Adi" in page
    assert "took the piece down" in page
    assert "Ini kuningan." in page
    assert "Taken down: <del>no</del> → yes" in page
    assert f'href="/admin/listings/{listing.id}"' in page
    assert "took the piece down" in client.get(f"/admin/record/?kind=listing&id={listing.id}").text
    assert "took the piece down" not in client.get("/admin/record/?kind=workshop").text
    assert client.get("/admin/record/?kind=made-up&id=x&after=1-2-3").status_code == 200


def test_the_office_speaks_the_accounts_language(client: FlaskClient, admin: User) -> None:
    admin.language = "id"
    db.session.commit()
    assert '<html lang="id">' in client.get("/admin/").text

"""Each act in a workshop is written down under the name of who did it, not under the workshop's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.catalog.models import StockMove
from marketplace.core.db import db
from marketplace.workshops.models import MemberRole
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import open_shop, paid_order, parts_of
from tests.factories.workshops import MemberFactory
from tests.helpers import send, sign_in
from tests.seller.conftest import Maker


@pytest.fixture
def kadek(luh: Maker, new_client: Callable[[], FlaskClient]) -> tuple[User, FlaskClient]:
    """Packs for Luh Selaka."""
    return helper(luh, new_client, MemberRole.PACKER)


def helper(luh: Maker, new_client: Callable[[], FlaskClient], role: MemberRole) -> tuple[User, FlaskClient]:
    user, browser = UserFactory(full_name="Kadek Wulan", language="id"), new_client()
    MemberFactory(workshop_id=luh.workshop.id, user_id=user.id, role=role)
    sign_in(browser, user)
    return user, browser


def done_by(user: User) -> list[str]:
    db.session.rollback()
    return list(
        db.session.scalars(sa.select(AuditRow.action).where(AuditRow.actor_id == user.id).order_by(AuditRow.id))
    )


def test_an_order_goes_through_the_packers_hands(app: Flask, luh: Maker, kadek: tuple[User, FlaskClient]) -> None:
    open_shop()
    user, phone = kadek
    listing = ListingFactory(workshop=luh.workshop, stock=5)
    part = parts_of(paid_order((variants_of(listing)[0].id, 1)))[0]
    page = f"/seller/orders/{part.id}"
    for act in ("acceptance", "start"):
        assert send(phone, f"{page}/{act}", page=page).status_code == 303
    assert done_by(user) == ["seller_order.accept", "seller_order.start"]
    assert done_by(luh.user) == []


def test_a_count_on_the_shelf_names_who_counted(luh: Maker, kadek: tuple[User, FlaskClient]) -> None:
    user, phone = kadek
    listing = ListingFactory(workshop=luh.workshop, stock=5)
    variant = variants_of(listing)[0]
    page = f"/seller/listings/{listing.id}/stock"
    fields = {"deed": "made", "number": "2", "saw": "5"}
    assert send(phone, f"{page}/{variant.id}", fields, page=page).status_code == 303
    db.session.rollback()
    moves = db.session.scalars(sa.select(StockMove).where(StockMove.variant_id == variant.id)).all()
    assert [move.moved_by for move in moves][-1:] == [user.id]


def test_a_makers_acts_on_a_piece_and_on_the_shops_words(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    user, phone = helper(luh, new_client, MemberRole.MAKER)
    listing = ListingFactory(workshop=luh.workshop, stock=5)
    page = f"/seller/listings/{listing.id}"
    for act in ("pause", "resume", "copy", "archive", "return"):
        assert send(phone, f"{page}/{act}", page="/seller/settings/").status_code == 303, act
    words = {"story_id": "Cerita baru.", "story_en": "", "phone": "0812 3456 7890"}
    assert send(phone, "/seller/settings/", words).status_code == 303
    assert done_by(user) == [
        "listing.pause",
        "listing.resume",
        "listing.copy",
        "listing.archive",
        "listing.bring_back",
        "workshop.profile",
    ]
    row = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "workshop.profile")).one()
    assert (row.before["story_id"] != row.after["story_id"], row.after["story_id"]) == (True, "Cerita baru.")

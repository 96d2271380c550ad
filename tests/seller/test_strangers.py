"""Another workshop's pieces, photos and orders are not there, for every verb; without a workshop nobody enters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.catalog.models import Listing, VersionPhoto
from marketplace.core.db import db
from marketplace.orders.models import SellerOrder
from tests.factories.accounts import AdminFactory, UserFactory
from tests.factories.catalog import ListingFactory
from tests.factories.orders import open_shop, paid_order, piece
from tests.helpers import sign_in
from tests.seller.conftest import Maker

SELLER_PAGES = (
    *("/seller/", "/seller/listings/", "/seller/orders/", "/seller/earnings/", "/seller/settings/"),
    *("/seller/account/", "/seller/payouts/", "/seller/statements/", "/seller/bank/"),
)


def _rules(app: Flask, argument: str) -> list[tuple[str, str]]:
    """(method, rule) of every seller's endpoint with this argument, from the app's own map."""
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("seller_") and argument in rule.arguments
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_another_workshops_piece_is_not_there(app: Flask, luh: Maker, wayan: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop)
    photo_id = db.session.scalar(sa.select(VersionPhoto.photo_id)) or 0
    before = (listing.state, listing.edits)
    rules = _rules(app, "listing_id")
    assert len(rules) >= 12
    for method, rule in rules:
        path = rule.replace("<int:listing_id>", str(listing.id)).replace("<int:photo_id>", str(photo_id))
        answer = wayan.browser.open(
            path, method=method, data={"saw": "0", "title_id": "Direbut"} if method == "POST" else None
        )
        assert answer.status_code == 404, (method, path)
    db.session.rollback()
    fresh = db.session.get_one(Listing, listing.id, populate_existing=True)
    assert (fresh.state, fresh.edits) == before


def test_another_workshops_photo_is_not_there(luh: Maker, wayan: Maker) -> None:
    mine, theirs = ListingFactory(workshop=wayan.workshop), ListingFactory(workshop=luh.workshop, photos=2)
    foreign = db.session.scalar(sa.select(VersionPhoto.photo_id).order_by(VersionPhoto.id.desc()))
    assert wayan.get(f"/seller/photos/{foreign}/original").status_code == 404
    for act in ("move", "removal"):
        assert wayan.post(f"/seller/listings/{mine.id}/photos/{foreign}/{act}").status_code in (404, 422)
        assert wayan.post(f"/seller/listings/{theirs.id}/photos/{foreign}/{act}").status_code == 404
    assert db.session.scalar(sa.select(sa.func.count(VersionPhoto.id))) == 3


def test_another_workshops_order_is_not_there(app: Flask, luh: Maker, wayan: Maker) -> None:
    open_shop()
    order = paid_order((piece(workshop=luh.workshop), 1))
    part = db.session.scalars(sa.select(SellerOrder).where(SellerOrder.order_id == order.id)).one()
    rules = _rules(app, "seller_order_id")
    assert len(rules) >= 6
    for method, rule in rules:
        path = rule.replace("<int:seller_order_id>", str(part.id))
        answer = wayan.browser.open(
            path, method=method, data={"reason": "flaw", "carrier": "pos", "tracking_number": "EE1"}
        )
        assert answer.status_code == 404, (method, path)
    db.session.rollback()
    assert db.session.get_one(SellerOrder, part.id, populate_existing=True).status.value == "paid"
    listed = wayan.get("/seller/orders/").text + wayan.get("/seller/earnings/").text + wayan.get("/seller/").text
    assert order.public_no not in listed


@pytest.mark.parametrize("path", SELLER_PAGES)
def test_the_entrance_is_for_the_workshops_people(app: Flask, new_client: Callable[[], FlaskClient], path: str) -> None:
    anyone = new_client()
    assert anyone.get(path).status_code == 303
    for person in (UserFactory(), AdminFactory()):
        browser = new_client()
        sign_in(browser, person)
        assert browser.get(path).status_code == 403


def test_a_number_that_is_nothing_is_not_there(luh: Maker) -> None:
    for path in ("/seller/listings/999999", "/seller/orders/999999", "/seller/photos/999999/original"):
        assert luh.get(path).status_code == 404


def test_the_workshop_is_never_taken_from_the_form(luh: Maker, wayan: Maker) -> None:
    sent: dict[str, Any] = {"workshop_id": str(luh.workshop.id), "state": "live", "title_id": "Milik siapa"}
    wayan.send("/seller/listings/new", sent, "/seller/listings/new")
    listing = db.session.scalars(sa.select(Listing)).one()
    assert (listing.workshop_id, listing.state.value) == (wayan.workshop.id, "draft")


def test_a_page_that_is_not_there_is_told_in_the_workshops_language(luh: Maker, client: FlaskClient) -> None:
    for path in ("/seller/nowhere", "/seller/listings/999999"):
        answer = luh.get(path)
        assert answer.status_code == 404
        assert '<html lang="id">' in answer.text
        assert 'href="/seller/"' in answer.text
        assert "no-store" in answer.headers["Cache-Control"]
    assert '<html lang="en">' in client.get("/seller/nowhere").text  # a stranger's page is the shop's

"""Nothing is done for a page that was not opened in this session; what was typed stays."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Listing, VersionPhoto
from marketplace.core.db import db
from marketplace.orders.models import SellerOrder
from tests.factories.catalog import ListingFactory
from tests.factories.orders import open_shop, paid_order, piece
from tests.seller.conftest import Maker, fields_of, photo


@pytest.mark.parametrize("token", ["", "made-up"])
def test_the_editor_keeps_what_was_typed_and_saves_nothing(luh: Maker, wayan: Maker, token: str) -> None:
    listing = ListingFactory(workshop=luh.workshop)
    page = f"/seller/listings/{listing.id}"
    photo_id = db.session.scalar(sa.select(VersionPhoto.photo_id))
    opened = {**fields_of(luh.get(page).text), "csrf_token": token, "title_id": "Diketik lama"}
    for path in (page, f"{page}/submission", f"{page}/photos", f"{page}/photos/{photo_id}/removal", f"{page}/pause"):
        answer = luh.browser.post(path, data={**opened, "photos": [photo()]})
        assert answer.status_code == 422, path
        assert fields_of(answer.text)["title_id"] == "Diketik lama"
    theirs = luh.browser.post(page, data={**opened, "csrf_token": wayan.token()})
    assert theirs.status_code == 422
    db.session.rollback()
    fresh = db.session.get_one(Listing, listing.id, populate_existing=True)
    assert (fresh.edits, fresh.state.value) == (0, "live")
    assert db.session.scalar(sa.select(sa.func.count(VersionPhoto.id))) == 1


def test_bare_buttons_do_nothing_without_a_token(luh: Maker) -> None:
    open_shop()
    listing = ListingFactory(workshop=luh.workshop)
    order = paid_order((piece(workshop=luh.workshop), 1))
    part = db.session.scalars(sa.select(SellerOrder).where(SellerOrder.order_id == order.id)).one()
    before = [row.state for row in db.session.scalars(sa.select(Listing))]
    for path in (
        *(f"/seller/listings/{listing.id}/{act}" for act in ("pause", "archive", "copy", "withdrawal")),
        *(f"/seller/orders/{part.id}/{act}" for act in ("acceptance", "start", "refusal", "shipment")),
    ):
        assert luh.browser.post(path, data={"reason": "flaw"}).status_code in (303, 422), path
    db.session.rollback()
    after: list[Any] = [row.state for row in db.session.scalars(sa.select(Listing))]
    assert after == before
    assert db.session.get_one(SellerOrder, part.id, populate_existing=True).status.value == "paid"
    assert luh.browser.post("/seller/listings/new", data={"title_id": "Baru"}).status_code == 422
    assert luh.browser.post("/seller/settings/", data={"phone": "0812 1111 2222"}).status_code == 422
    assert luh.browser.post("/seller/apply/", data={"workshop_name": "Lain"}).status_code == 422


def test_a_request_from_another_site_is_refused(luh: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop)
    data = {"csrf_token": luh.token()}
    for origin in ("https://evil.example", "null"):
        answer = luh.browser.post(f"/seller/listings/{listing.id}/archive", data=data, headers={"Origin": origin})
        assert answer.status_code == 403

"""An artisan changes prices, stock and state of many pieces in one screen, and sends a file of them."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import (
    Costing,
    Import,
    ImportStatus,
    Listing,
    ListingState,
    MetalRate,
    PriceChange,
    StockMove,
    Variant,
)
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.workshops.models import Member, MemberRole
from tests.factories.catalog import CategoryFactory, ListingFactory, variants_of
from tests.factories.sheets import RING, file_of
from tests.factories.workshops import WorkshopFactory

from .conftest import Maker, fields_of

SCREEN, FILES = "/seller/many/", "/seller/files/"


def box_of(form: dict[str, Any], variant_id: int, kind: str) -> str:
    [row] = [name for name, value in form.items() if name.endswith("-variant_id") and value == str(variant_id)]
    return row.replace("variant_id", kind)


def save(maker: Maker, changes: dict[str, str], **more: str) -> Any:
    form = fields_of(maker.browser.get(SCREEN).text)
    return maker.browser.post(SCREEN, data={**form, **changes, **more})


@pytest.fixture
def pieces(luh: Maker) -> list[Listing]:
    ring = ListingFactory(workshop=luh.workshop, title_id="Cincin", price=745_000, sizes=("US 6", "US 7"), stock=4)
    bowl = ListingFactory(
        workshop=luh.workshop, title_id="Bokor", price=2_000_000, made_to_order=True, lead_time_days=9
    )
    return [ring, bowl]


def prices(listing: Listing) -> list[int]:
    db.session.expire_all()
    return [row.price_amount for row in variants_of(listing)]


def test_prices_stock_and_state_change_together(luh: Maker, pieces: list[Listing]) -> None:
    ring, bowl = pieces
    small, large = variants_of(ring)
    form = fields_of(luh.browser.get(SCREEN).text)
    [state] = [
        name.replace("listing_id", "state")
        for name, value in form.items()
        if value == str(bowl.id) and "pieces" in name
    ]
    changes = {
        box_of(form, small.id, "price"): "Rp 800.000",
        box_of(form, large.id, "price"): "0,9 jt",
        box_of(form, large.id, "stock"): "1",
        state: "paused",
    }
    answer = save(luh, changes)
    assert answer.status_code == 303
    assert prices(ring) == [800_000, 900_000]
    assert [row.stock for row in variants_of(ring)] == [4, 1]
    assert db.session.get_one(Listing, bowl.id).state is ListingState.PAUSED
    assert "4 " in luh.browser.get(answer.location).text
    history = db.session.execute(sa.select(PriceChange.new_amount, PriceChange.changed_by, PriceChange.reason))
    assert {tuple(row) for row in history} == {(800_000, luh.user.id, "bulk"), (900_000, luh.user.id, "bulk")}
    assert db.session.scalars(sa.select(StockMove.moved_by)).all() == [luh.user.id]
    assert "800.000" in luh.browser.get(f"/id/p/{ring.id}-{ring.slug}").text  # the public page at once


def test_a_slip_of_a_zero_is_asked_about_and_nothing_is_saved(luh: Maker, pieces: list[Listing]) -> None:
    small, large = variants_of(pieces[0])
    form = fields_of(luh.browser.get(SCREEN).text)
    slip, right = box_of(form, small.id, "price"), box_of(form, large.id, "price")
    answer = save(luh, {slip: "74.500", right: "800.000"})
    assert answer.status_code == 422
    assert "745.000?" in answer.text
    assert fields_of(answer.text)[slip] == "74.500"  # what was typed stays
    assert prices(pieces[0]) == [745_000, 745_000]
    sure = slip.replace("-price", "-sure")
    assert save(luh, {slip: "74.500", right: "800.000", sure: "y"}).status_code == 303
    assert prices(pieces[0]) == [74_500, 800_000]


def test_a_price_below_the_cost_is_asked_about(luh: Maker, pieces: list[Listing]) -> None:
    now = clock.now()
    db.session.add(MetalRate(metal="silver", idr_per_gram=45_000, source="x", quoted_at=now, created_at=now))
    db.session.add(Costing(listing_id=pieces[0].id, workshop_id=luh.workshop.id, labour_idr=190_000, updated_at=now))
    db.session.commit()
    form = fields_of(luh.browser.get(SCREEN).text)
    low = box_of(form, variants_of(pieces[0])[0].id, "price")
    answer = save(luh, {low: "400.000"})
    assert answer.status_code == 422
    assert "495.694" in answer.text  # 6.8 g x 0.925 x 45,000 x 1.08, and the work
    assert save(luh, {low: "400.000", low.replace("-price", "-sure"): "y"}).status_code == 303
    assert prices(pieces[0]) == [400_000, 745_000]


def test_one_wrong_box_keeps_all_others_from_being_saved(luh: Maker, pieces: list[Listing]) -> None:
    small, large = variants_of(pieces[0])
    form = fields_of(luh.browser.get(SCREEN).text)
    changes = {box_of(form, small.id, "price"): "800.000", box_of(form, large.id, "stock"): "banyak"}
    answer = save(luh, changes)
    assert answer.status_code == 422
    assert f'id="{box_of(form, large.id, "stock")}-e"' in answer.text
    assert prices(pieces[0]) == [745_000, 745_000]


def test_a_sale_and_anothers_price_in_between(luh: Maker, pieces: list[Listing]) -> None:
    small, large = variants_of(pieces[0])
    form = fields_of(luh.browser.get(SCREEN).text)
    db.session.execute(sa.update(Variant).where(Variant.id == small.id).values(stock=3))
    db.session.execute(sa.update(Variant).where(Variant.id == large.id).values(price_amount=790_000))
    db.session.commit()
    stock, price = box_of(form, small.id, "stock"), box_of(form, large.id, "price")
    assert luh.browser.post(SCREEN, data={**form, stock: "6"}).status_code == 303
    db.session.expire_all()
    assert variants_of(pieces[0])[0].stock == 5  # two were made, one was sold
    refused = luh.browser.post(SCREEN, data={**form, price: "800.000"})
    assert refused.status_code == 422
    assert prices(pieces[0]) == [745_000, 790_000]


def test_all_prices_are_filled_in_and_saved_only_then(luh: Maker, pieces: list[Listing]) -> None:
    filled = save(luh, {"percent": "5", "step": "5000"}, do="fill")
    assert filled.status_code == 200
    assert "785.000" in filled.text  # 782.250, rounded up
    assert prices(pieces[0]) == [745_000, 745_000]
    assert luh.browser.post(SCREEN, data=fields_of(filled.text)).status_code == 303
    assert prices(pieces[0]) == [785_000, 785_000]
    assert prices(pieces[1]) == [2_100_000]


def test_another_workshops_piece_is_not_there(luh: Maker, pieces: list[Listing]) -> None:
    theirs = ListingFactory(workshop=WorkshopFactory(), title_id="Punya tetangga", price=500_000)
    form = fields_of(luh.browser.get(SCREEN).text)
    assert "Punya tetangga" not in luh.browser.get(SCREEN).text
    variant = variants_of(theirs)[0].id
    row = next(name for name in form if name.endswith("-variant_id")).removesuffix("variant_id")
    forged = {**form, f"{row}variant_id": str(variant), f"{row}saw_price": "500000", f"{row}price": "600.000"}
    assert luh.browser.post(SCREEN, data=forged).status_code == 404
    assert prices(theirs) == [500_000]


def test_the_screen_costs_the_same_for_many_pieces(luh: Maker, statements: Any) -> None:
    ListingFactory(workshop=luh.workshop)
    luh.browser.get(SCREEN)
    with statements() as few:
        luh.browser.get(SCREEN)
    for _n in range(5):
        ListingFactory(workshop=luh.workshop, sizes=("US 6", "US 7"))
    with statements() as many:
        luh.browser.get(SCREEN)
    assert len(many) <= len(few) <= 8


def upload(maker: Maker, data: bytes, **more: Any) -> Any:
    body = {"csrf_token": maker.token(), "file": (io.BytesIO(data), "barang.csv")}
    return maker.browser.post(FILES, data=body, content_type="multipart/form-data", **more)


def test_a_file_is_looked_through_then_written(luh: Maker, pieces: list[Listing]) -> None:
    out = luh.browser.get(f"{FILES}pieces.csv")
    assert out.headers["Content-Disposition"].endswith('.csv"')
    changed = out.data.replace(b"745000", b"755000")
    page = upload(luh, changed).location
    seen = luh.browser.get(page).text
    assert "Cincin" in seen, seen
    assert prices(pieces[0]) == [745_000, 745_000]
    assert luh.post(f"{page}/approval").status_code == 303
    assert prices(pieces[0]) == [755_000, 755_000]
    assert "approval" not in luh.browser.get(page).text


def test_faults_are_shown_row_by_row_and_can_be_taken_along(luh: Maker) -> None:
    CategoryFactory(slug="rings", name_en="Rings", name_id="Cincin")
    page = upload(luh, file_of([RING, {**RING, "price": "gratis"}])).location
    html = luh.browser.get(page).text
    assert "745.000" in html  # the example of how to write it
    csv = luh.browser.get(f"{page}/faults.csv").text
    assert csv.splitlines()[1].startswith("3,")
    assert db.session.scalars(sa.select(Import.status)).all() == [ImportStatus.REFUSED]


def test_no_file_a_huge_file_and_a_picture_get_a_clear_answer(luh: Maker) -> None:
    assert (
        luh.browser.post(FILES, data={"csrf_token": fields_of(luh.browser.get(FILES).text)["csrf_token"]}).status_code
        == 422
    )
    large = luh.browser.post(
        FILES,
        input_stream=io.BytesIO(b"x"),
        environ_overrides={"CONTENT_LENGTH": str(200 * 1024 * 1024)},
        content_type="multipart/form-data",
    )
    assert large.status_code == 413
    assert "8 MB" in large.text
    page = upload(luh, b"\x89PNG\r\n\x1a\n" + bytes(100)).location
    assert "CSV UTF-8" in luh.browser.get(page).text


def test_a_stranger_and_a_packer_see_no_files(luh: Maker, wayan: Maker) -> None:
    page = upload(luh, file_of([RING])).location
    for address in (page, f"{page}/faults.csv"):
        assert wayan.browser.get(address).status_code == 404
    assert wayan.browser.post(f"{page}/approval").status_code == 404
    member = db.session.scalars(sa.select(Member).where(Member.user_id == luh.user.id)).one()
    member.role = MemberRole.PACKER
    db.session.commit()
    for address in (SCREEN, FILES, page, f"{FILES}pieces.csv"):
        assert luh.browser.get(address).status_code == 403

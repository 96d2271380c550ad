"""The sheet on the form: the sum is open, what it suggests is taken over by the maker, and it never moves the price."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from marketplace.catalog.models import Costing, Listing
from marketplace.catalog.queries.costing import usual
from marketplace.catalog.queries.repricing import proposals
from marketplace.catalog.services import state
from marketplace.core import clock
from marketplace.core.db import db
from tests.factories.catalog import CostingFactory, ListingFactory, MetalRateFactory, quote_rates, variants_of

from .conftest import Maker, fields_of


@pytest.fixture(autouse=True)
def _rates(app: Any) -> None:
    quote_rates()
    MetalRateFactory()


@pytest.fixture
def piece(luh: Maker, rings: Any) -> Listing:
    listing: Any = ListingFactory(workshop=luh.workshop, category=rings, price=700_000, sizes=("US 7",))
    return listing


def address(piece: Listing) -> str:
    return f"/seller/listings/{piece.id}"


def sheet_of(piece: Listing) -> Costing | None:
    db.session.rollback()
    return db.session.get(Costing, piece.id, populate_existing=True)


def shown(html: str, key: str) -> str:
    found = re.search(rf'<dd[^>]*data-out="{key}">([^<]*)</dd>', html)
    return found[1].replace("\u00a0", " ").strip() if found else ""


SHEET = {"cost-labour": "190.000", "cost-finishing": "25 rb"}


def test_the_worked_example_stands_on_the_page(luh: Maker, piece: Listing) -> None:
    assert luh.send(address(piece), SHEET, address(piece)).status_code == 303
    row = sheet_of(piece)
    assert row is not None
    assert (row.labour_idr, row.finishing_idr, row.loss_bp, row.margin_bp) == (190_000, 25_000, 800, 3_000)
    html = luh.get(address(piece)).text
    assert [shown(html, key) for key in ("metal", "cost", "hint")] == ["Rp 305.694", "Rp 520.694", "Rp 745.000"]
    assert [shown(html, key) for key in ("net", "gain", "usd")] == ["Rp 644.000", "Rp 123.306", "USD 43,00"]
    assert variants_of(piece)[0].price_amount == 700_000  # a sheet moves no price


def test_without_script_a_button_takes_the_suggestion_over(luh: Maker, piece: Listing) -> None:
    luh.send(address(piece), {**SHEET, "cost-take": "1"}, address(piece))
    db.session.rollback()
    assert variants_of(piece)[0].price_amount == 745_000


def test_each_size_gets_its_own_suggestion(luh: Maker, rings: Any) -> None:
    weights = {"US 9": Decimal("8.0")}
    piece: Any = ListingFactory(
        workshop=luh.workshop, category=rings, sizes=("US 6", "US 9"), variant_weights=weights, price=700_000
    )
    luh.send(address(piece), SHEET, address(piece))
    html = luh.get(address(piece)).text.replace("\u00a0", " ")
    # 8.0 × 0.925 × 45,000 × 1.08 = 359,640; + 215,000 = 574,640; / 0.7 = 820,914
    assert re.search(r'<dd data-size="1">\s*Rp 825\.000\s*</dd>', html)
    luh.send(address(piece), {"cost-take": "1"}, address(piece))
    db.session.rollback()
    assert [variant.price_amount for variant in variants_of(piece)] == [745_000, 825_000]


def test_a_price_under_its_cost_is_said(luh: Maker, piece: Listing) -> None:
    assert re.search(r"data-under\s+hidden", luh.get(address(piece)).text)
    luh.send(address(piece), {"cost-labour": "900.000"}, address(piece))
    assert re.search(r"data-under\s*>", luh.get(address(piece)).text)


def test_what_cannot_be_read_comes_back_as_typed(luh: Maker, piece: Listing) -> None:
    answer = luh.send(address(piece), {"cost-labour": "banyak", "cost-margin": "95"}, address(piece))
    assert answer.status_code == 422
    assert 'value="banyak"' in answer.text
    assert 'id="cost-labour-e"' in answer.text
    assert 'id="cost-margin-e"' in answer.text
    assert sheet_of(piece) is None


def test_a_page_without_a_sheet_leaves_it_alone(luh: Maker, piece: Listing) -> None:
    luh.send(address(piece), SHEET, address(piece))
    form = {name: value for name, value in fields_of(luh.get(address(piece)).text).items() if "cost-" not in name}
    assert luh.post(address(piece), form).status_code == 303
    row = sheet_of(piece)
    assert row is not None
    assert row.labour_idr == 190_000


def test_an_empty_sheet_is_not_kept(luh: Maker, piece: Listing) -> None:
    luh.send(address(piece), {}, address(piece))
    assert sheet_of(piece) is None


def test_the_next_piece_begins_with_the_loss_and_margin_used_last(luh: Maker, piece: Listing) -> None:
    luh.send(address(piece), {**SHEET, "cost-loss": "6,5", "cost-margin": "25"}, address(piece))
    sheet = usual(luh.workshop.id)
    assert (sheet.loss_bp, sheet.margin_bp, sheet.labour_idr) == (650, 2_500, 0)
    fresh = fields_of(luh.get("/seller/listings/new").text)
    assert (fresh["cost-loss"], fresh["cost-margin"]) == ("6,5", "25")


def test_a_copy_has_its_sheet(luh: Maker, piece: Listing) -> None:
    CostingFactory(listing=piece, shows_breakdown=True)
    copied = state.copy(piece.id, luh.workshop.id)
    row = db.session.get(Costing, copied)
    assert row is not None
    assert (row.labour_idr, row.workshop_id, row.shows_breakdown) == (190_000, luh.workshop.id, True)


def test_saving_other_words_does_not_answer_a_proposal(luh: Maker, piece: Listing) -> None:
    luh.send(address(piece), SHEET, address(piece))
    MetalRateFactory(idr_per_gram=54_000)
    assert len(proposals(luh.workshop.id).rows) == 1
    luh.send(address(piece), {"description_id": "Lain lagi ceritanya."}, address(piece))
    assert len(proposals(luh.workshop.id).rows) == 1
    luh.send(address(piece), {"price": "800.000"}, address(piece))  # said with the new rate before her eyes
    assert proposals(luh.workshop.id).rows == ()


def test_an_old_rate_and_a_missing_one_are_said(luh: Maker, piece: Listing, stopped_clock: clock.Hands) -> None:
    luh.send(address(piece), SHEET, address(piece))
    fresh = luh.get(address(piece)).text
    MetalRateFactory(quoted_at=clock.now() - timedelta(hours=100))
    stopped_clock.forward(hours=80)
    assert luh.get(address(piece)).text.count("badc") > fresh.count("badc")


def test_nobody_keeps_a_sheet_on_anothers_piece(luh: Maker, wayan: Maker, piece: Listing) -> None:
    form = fields_of(luh.get(address(piece)).text)
    assert wayan.post(address(piece), {**form, **SHEET}).status_code == 404
    assert sheet_of(piece) is None

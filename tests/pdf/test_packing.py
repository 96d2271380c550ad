"""Slips, labels and picking lists: as many pages as they need, in the right language, with everything on them."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from marketplace.accounts.postal import PostalAddress
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import speaking
from marketplace.core.pdf import pictures, render
from marketplace.media.models import Photo
from marketplace.media.store import storage
from marketplace.orders import queries
from marketplace.orders.models import Line, SellerOrder
from marketplace.orders.queries import SellerPart
from marketplace.seller import packing
from marketplace.seller.packing import Sheet
from marketplace.workshops.models import Workshop
from marketplace.workshops.queries.sender import Sender, sender_of
from tests.factories.orders import JAKARTA, MELBOURNE, fill, open_shop, paid_order, parts_of, piece, visitor
from tests.factories.workshops import WorkshopFactory
from tests.pdf.test_papers import HOSTILE, LONG

has_reader = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
LONG_ADDRESS = PostalAddress(
    "Anak Agung Ayu Ngurah Puspa Dewi Kusuma Wardhani Sastrawan Putri Maharani",
    "+628123456789012",
    "ID",
    "Perumahan Griya Tansa Trisna Permai Indah Blok C Nomor 17 A, belakang Balai Banjar Tegal Kuwalon, Gang Melati IV",
    "Kecamatan Mengwi, Desa Penarungan, Lingkungan Banjar Blungbang Kawan",
    "Kabupaten Badung",
    "Bali",
    "80351",
)
TOKYO = PostalAddress(
    "山田花子", "+81312345678", "JP", "千代田区丸の内一丁目九番", city="東京", state="13", postcode="100-0005"
)


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def bought(shop: Workshop, count: int = 1, title: str = "Dome Ring", **facts: Any) -> SellerPart:
    """A paid order of so many different pieces of this workshop, read in the language of the moment."""
    owner = visitor()
    order_facts = {name: facts.pop(name) for name in ("address", "is_gift", "language", "market") if name in facts}
    note, engraving = facts.pop("note", ""), facts.pop("engraving", "")
    variants = [piece(workshop=shop, title_en=title, title_id=title, **facts) for _number in range(count)]
    fill(owner, *((variant, 1) for variant in variants))
    (part,) = parts_of(paid_order(owner=owner, **order_facts))
    db.session.execute(sa.update(SellerOrder).where(SellerOrder.id == part.id).values(note=note))
    db.session.execute(sa.update(Line).where(Line.seller_order_id == part.id).values(engraving=engraving))
    db.session.commit()
    return again(shop, part.id)


def longer(row: SellerPart, count: int) -> SellerPart:
    """The same order as if it had so many lines; a cart of the shop holds fewer."""
    return replace(row, part=replace(row.part, lines=row.part.lines * count))


def again(shop: Workshop, part_id: int) -> SellerPart:
    db.session.rollback()
    row = queries.part_of(shop.id, part_id)
    assert row is not None
    return row


def slip(*rows: SellerPart, for_buyer: bool = True, language: str = "en", prices: bool = True) -> dict[str, Any]:
    sheets = [Sheet(row, packing.contents_of(row), language, for_buyer=for_buyer, prices=prices) for row in rows]
    return packing.slips(sheets, Sender("Luh Selaka", ("Celuk, Sukawati, Gianyar 80582", "Bali, Indonesia"), "+62811"))


def pages(document: str, facts: dict[str, Any]) -> int:
    return len(pictures(document, facts, dots_per_inch=30, any_letters=True))


def text_of(document: str, facts: dict[str, Any]) -> str:
    made = render(document, facts, any_letters=True)
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=made, stdout=subprocess.PIPE, check=True)
    return read.stdout.decode().replace("\u00a0", " ")


def sheets_of(facts: dict[str, Any]) -> Any:
    (sheet,) = facts["sheets"]
    return sheet


@pytest.mark.parametrize(("count", "title", "wanted"), [(1, "Dome Ring", 1), (5, "Dome Ring", 1), (60, LONG, 7)])
def test_a_slip_has_as_many_pages_as_it_needs(count: int, title: str, wanted: int) -> None:
    row = longer(bought(WorkshopFactory(), 1, title, address=JAKARTA, language="id", market="id"), count)
    assert pages("slip", slip(row, language="id")) == wanted


def test_each_slip_of_many_counts_its_own_pages() -> None:
    shop = WorkshopFactory()
    rows = [bought(shop), longer(bought(shop, 1, LONG), 12), bought(shop)]
    facts = slip(*rows, for_buyer=False)
    assert [len(sheet["rows"]) for sheet in facts["sheets"]] == [1, 12, 1]
    assert pages("slip", facts) == sum(pages("slip", slip(row, for_buyer=False)) for row in rows)


def test_a_gift_has_its_note_and_no_price_but_customs_know_the_value() -> None:
    row = bought(WorkshopFactory(), is_gift=True, note="For my mother", price=745_000)
    buyer, bench = sheets_of(slip(row)), sheets_of(slip(row, for_buyer=False))
    assert buyer["prices"] is False
    assert buyer["customs"] is None
    assert "“For my mother”" in buyer["says"]
    assert "This parcel is a gift: no prices inside." in buyer["foot"] + buyer["rows"]
    assert "$" not in str(buyer)
    assert any("A gift" in words for words in bench["says"])
    assert bench["customs"]["rows"][0][-1].startswith("USD ")
    assert bench["customs"]["rows"][0][3:5] == ["7113.11", "ID"]


def test_a_plain_parcel_abroad_has_prices_and_customs_lines() -> None:
    row = bought(WorkshopFactory(), 2, weight_grams=28)
    sheet = sheets_of(slip(row))
    assert all(line["price"].startswith("$") for line in sheet["rows"])
    assert len(sheet["customs"]["rows"]) == 2
    sums = dict(sheet["customs"]["sums"])
    assert sums["Weight of the parcel, about"] == "0.136 kg"
    assert sums["Value"] == f"USD {row.part.items.decimal}"
    assert sums["Destination"] == "Australia"
    assert "Maya Chen" in sheet["to"]["lines"]
    assert "+61 400 000 000" not in sheet["to"]["lines"], "her number is for the courier"


def test_a_parcel_inside_the_country_needs_no_customs_lines() -> None:
    row = bought(WorkshopFactory(), address=JAKARTA, language="id", market="id")
    for for_buyer in (True, False):
        assert sheets_of(slip(row, for_buyer=for_buyer, language="id"))["customs"] is None


def test_a_slip_of_the_bench_tells_no_price_and_has_boxes_wish_and_engraving() -> None:
    row = bought(WorkshopFactory(), note="Please pack it well", engraving="Ayu & Made")
    sheet = sheets_of(slip(row, for_buyer=False))
    assert (sheet["prices"], sheet["ticks"]) == (False, True)
    assert sheet["rows"][0]["engraving"] == "Engraving: Ayu & Made"
    assert any("Please pack it well" in words for words in sheet["says"])
    assert "+61 400 000 000" in sheet["to"]["lines"]
    assert sheets_of(slip(row))["says"] == [], "a wish to the bench does not go into the parcel"


def test_who_may_not_know_sums_prints_none() -> None:
    sheet = sheets_of(slip(bought(WorkshopFactory()), prices=False))
    assert sheet["prices"] is False
    assert all(line["price"] == "" for line in sheet["rows"])


def test_the_small_photo_of_a_piece_stands_beside_it() -> None:
    shop = WorkshopFactory()
    row = bought(shop)
    line = row.part.lines[0]
    assert line.photo is not None
    assert sheets_of(slip(row))["rows"][0]["photo"] is None, "its file is not there"
    out = io.BytesIO()
    Image.new("RGB", (160, 200), (40, 90, 160)).save(out, "WEBP")
    storage().put("photos/orders/blue.webp", out.getvalue())
    db.session.execute(
        sa.update(Photo).where(Photo.id == line.photo.id).values(renditions=[["webp", 160, "photos/orders/blue.webp"]])
    )
    db.session.commit()
    facts = slip(again(shop, row.id))
    assert sheets_of(facts)["rows"][0]["photo"] == 0
    page = Image.open(io.BytesIO(pictures("slip", facts, dots_per_inch=50)[0])).convert("RGB")
    colors = page.getcolors(page.width * page.height) or []
    assert sum(count for count, (red, _g, blue) in colors if blue > 130 and red < 80) > 300, "the photo is drawn"


def labels(rows: Sequence[SellerPart], **how: Any) -> dict[str, Any]:
    return packing.labels(rows, sender_of(rows[0].part.workshop_id), **how)


@pytest.mark.parametrize(
    ("count", "start", "wanted"), [(1, 1, 1), (1, 8, 1), (2, 8, 2), (8, 1, 1), (8, 2, 2), (9, 1, 2), (17, 1, 3)]
)
def test_eight_labels_are_a_sheet_and_a_used_sheet_goes_on(count: int, start: int, wanted: int) -> None:
    row = bought(WorkshopFactory())
    facts = labels([row] * count, start=start)
    assert pages("labels", facts) == wanted


def test_the_first_places_of_a_used_sheet_stay_empty() -> None:
    row = bought(WorkshopFactory())
    (png,) = pictures("labels", labels([row], start=4), dots_per_inch=40)
    page = Image.open(io.BytesIO(png)).convert("L")
    wide, high = page.width // 2, page.height // 4
    inked = [
        page.crop((x * wide + 3, y * high + 3, (x + 1) * wide - 3, (y + 1) * high - 3)).getextrema()[0] < 128
        for y in range(4)
        for x in range(2)
    ]
    assert inked == [False, False, False, True, False, False, False, False]


def test_one_label_on_each_a6() -> None:
    row = bought(WorkshopFactory())
    made = pictures("labels", labels([row] * 3, paper="a6"), dots_per_inch=40)
    assert len(made) == 3
    size = Image.open(io.BytesIO(made[0])).size
    assert size[0] > size[1], "on its side"


def test_a_label_names_whom_from_whom_by_what_and_for_which_order() -> None:
    row = bought(WorkshopFactory(name="Luh Selaka", banjar="Cemenggaon", phone="+62811"))
    (label,) = labels([row])["labels"]
    assert (label["name"], label["lines"][-1], label["number"]) == ("Maya Chen", "+61 400 000 000", row.number)
    assert "Luh Selaka" in label["from"]
    assert "Banjar Cemenggaon" in label["from"]
    assert label["service"] == row.part.service_name


@pytest.mark.parametrize("paper", ["a4", "a6"])
@pytest.mark.parametrize("address", [LONG_ADDRESS, TOKYO, MELBOURNE])
def test_no_label_runs_out_of_its_place(paper: str, address: PostalAddress) -> None:
    """A very long address becomes smaller; the edges of its place stay white."""
    is_home = address.country == "ID"
    row = bought(
        WorkshopFactory(name="W" * 60),
        address=address,
        language="id" if is_home else "en",
        market="id" if is_home else "world",
    )
    facts = labels([row], paper=paper)
    facts["labels"][0]["lines"] += [HOSTILE, "W" * 200]
    (png,) = pictures("labels", facts, dots_per_inch=50, any_letters=True)
    page = Image.open(io.BytesIO(png)).convert("L")
    place = page.crop((0, 0, page.width // 2, page.height // 4)) if paper == "a4" else page
    edge = 10
    inner = place.copy()
    inner.paste(255, (edge, edge, place.width - edge, place.height - edge))
    assert inner.getextrema() == (255, 255)
    assert place.getextrema()[0] < 128


def test_rare_letters_are_told_of() -> None:
    shop = WorkshopFactory()
    assert packing.has_rare_letters(bought(shop, address=TOKYO))
    assert not packing.has_rare_letters(bought(shop))
    assert not packing.has_rare_letters(bought(shop, address=LONG_ADDRESS, language="id", market="id"))


@pytest.mark.parametrize(("count", "title", "wanted"), [(1, "Dome Ring", 1), (60, "Dome Ring", 5), (60, LONG, 5)])
def test_a_picking_list_has_as_many_pages_as_it_needs(count: int, title: str, wanted: int) -> None:
    row = longer(bought(WorkshopFactory(), 1, title), count)
    assert pages("picking", packing.picking([row], "until Friday")) == wanted


def test_a_picking_list_says_how_many_of_what_for_whom_until_when() -> None:
    shop = WorkshopFactory()
    late, later = bought(shop, engraving="Ayu"), bought(shop, 2)
    db.session.execute(
        sa.update(SellerOrder).where(SellerOrder.id == late.id).values(ship_by_on=clock.today() - timedelta(2))
    )
    db.session.commit()
    rows = queries.chosen_parts(shop.id, [later.id, late.id])
    facts = packing.picking(rows, "until Friday")
    assert [(line["number"], line["quantity"], line["late"]) for line in facts["rows"]] == [
        (late.number, 1, True),
        (later.number, 1, False),
        (later.number, 1, False),
    ]
    assert facts["rows"][0]["engraving"] == "Engraving: Ayu"
    assert facts["subject"] == "3 pieces, until Friday"


@pytest.mark.parametrize("language", ["en", "id"])
def test_what_people_wrote_stays_text(language: str) -> None:
    shop = WorkshopFactory(name=HOSTILE[:60])
    row = bought(shop, 1, HOSTILE[:120], note=HOSTILE, engraving=HOSTILE[:40])
    with speaking(language):
        row = again(shop, row.id)
        assert pages("slip", slip(row, language=language, for_buyer=False)) == 1
        assert pages("labels", labels([row])) == 1
        assert pages("picking", packing.picking([row], HOSTILE)) == 1


@has_reader
@pytest.mark.parametrize("language", ["en", "id"])
def test_everything_can_be_read_on_the_papers(language: str) -> None:
    is_home = language == "id"
    shop = WorkshopFactory(name="Luh Selaka")
    row = bought(
        shop,
        2,
        "Cincin Kubah" if is_home else "Dome Ring",
        engraving="Ayu",
        address=JAKARTA if is_home else MELBOURNE,
        language=language,
        market="id" if is_home else "world",
    )
    with speaking(language):
        row = again(shop, row.id)
        papers = {
            "slip": text_of("slip", slip(row, language=language)),
            "labels": text_of("labels", labels([row])),
            "picking": text_of("picking", packing.picking([row], "")),
        }
    for text in papers.values():
        assert row.number in text
    for document in ("slip", "picking"):
        assert row.part.lines[0].title in papers[document]
        assert "Ayu" in papers[document]
    for document in ("slip", "labels"):
        assert row.address_lines[0] in papers[document]
        assert "Luh Selaka" in papers[document]
    assert row.address_lines[-1] in papers["labels"], "the phone"
    assert ("7113.11" in papers["slip"]) is not is_home

"""Five fields and what the kind demands; pairs and sets, sizes that weigh their own, engraving, the phrase book."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Costing, Listing, ListingState, ListingVersion, PriceChange
from marketplace.core.db import db
from tests.factories.catalog import CategoryFactory, ListingFactory, quote_rates, variants_of
from tests.seller.conftest import Maker, fields_of, photo

NEW = "/seller/listings/new"


@pytest.fixture(autouse=True)
def _rates(app: Any) -> None:
    quote_rates()


@pytest.fixture
def earrings(app: Any) -> Any:
    root = CategoryFactory(slug="jewellery", name_id="Perhiasan", name_en="Jewellery")
    return CategoryFactory(slug="earrings", parent_id=root.id, name_id="Anting", name_en="Earrings", size_kind="")


def five(kind: Any, **changes: Any) -> dict[str, Any]:
    return {
        "category_id": str(kind.id),
        "title_id": "Anting Jawan",
        "weight_grams": "4,2 g",
        "techniques": "granulation",
        "price": "450 rb",
        "sizes-0-stock": "2",
        **changes,
    }


def publish(maker: Maker, fields: dict[str, Any]) -> Any:
    return maker.send(NEW, {"photos": [photo()], "do": "publish", **fields}, NEW)


def only_listing() -> Listing:
    db.session.rollback()
    return db.session.scalars(sa.select(Listing).execution_options(populate_existing=True)).one()


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ").split())


def test_a_photo_a_kind_a_name_a_weight_and_a_price_are_enough(luh: Maker, earrings: Any) -> None:
    assert publish(luh, five(earrings)).status_code == 303
    listing = only_listing()
    assert listing.state is ListingState.LIVE
    version = db.session.get_one(ListingVersion, listing.approved_version_id)
    assert (version.material, version.fineness, version.sold_as, version.set_count) == ("silver", 925, "piece", 1)
    assert luh.browser.get(f"/p/{listing.id}-{listing.slug}").status_code == 200


def test_what_the_kind_demands_is_named(luh: Maker, earrings: Any) -> None:
    refused = publish(luh, five(earrings, weight_grams="", techniques=[], price=""))
    assert refused.status_code == 422
    for field in ("weight_grams", "techniques", "price"):
        assert f'href="#{field}"' in refused.text
    page = luh.get(f"/seller/listings/{only_listing().id}").text
    checklist = page[page.index("data-missing aria") : page.index("</ul>", page.index("data-missing aria"))]
    assert re.findall(r'href="#(\w+)"', checklist) == ["weight_grams", "techniques", "price"]


def test_the_kind_may_be_a_chip_or_one_of_the_whole_list(luh: Maker, earrings: Any) -> None:
    rare = CategoryFactory(slug="keris-pendok", parent_id=earrings.parent_id, name_id="Pendok", name_en="Pendok")
    new = luh.get(NEW).text
    assert re.search(rf'type="radio"\s+name="category_id"\s+value="{earrings.id}"', new)
    assert not re.search(rf'type="radio"\s+name="category_id"\s+value="{rare.id}"', new)
    publish(luh, five(rare, category_id="other", other_kind=str(rare.id)))
    page = f"/seller/listings/{only_listing().id}"
    assert fields_of(luh.get(page).text)["category_id"] == str(rare.id), "it is a chip of its own now"
    luh.send(page, {"category_id": str(earrings.id), "other_kind": str(rare.id)}, page)
    assert fields_of(luh.get(page).text)["category_id"] == str(earrings.id)


def test_a_set_says_how_many_it_has_wherever_it_is_shown(luh: Maker, earrings: Any) -> None:
    refused = publish(luh, five(earrings, sold_as="set"))
    assert 'href="#set_count"' in refused.text
    page = f"/seller/listings/{only_listing().id}"
    assert luh.send(f"{page}/submission", {"set_count": "3"}, page).status_code == 303
    listing = only_listing()
    assert "Set of 3" in text_of(luh.browser.get(f"/p/{listing.id}-{listing.slug}").text)
    assert "4.2 g · set of 3" in text_of(luh.browser.get("/c/earrings").text)
    luh.browser.post("/cart/lines", data={"variant_id": variants_of(listing)[0].id, "quantity": 1})
    assert "set of 3" in text_of(luh.browser.get("/cart").text)
    luh.send(f"{page}/submission", {"sold_as": "pair"}, page)
    assert "4.2 g · pair" in text_of(luh.browser.get("/c/earrings").text)


def test_sizes_weigh_and_cost_their_own(luh: Maker, rings: Any) -> None:
    sizes = {
        "sizes-0-size": "6",
        "sizes-0-stock": "1",
        "sizes-0-weight": "5,4 gram",
        "sizes-0-labour": "150rb",
        "sizes-1-size": "9",
        "sizes-1-stock": "1",
        "sizes-1-weight": "7.1",
        "sizes-1-labour": "0",
    }
    assert publish(luh, five(rings, weight_grams="", **sizes)).status_code == 303
    listing = only_listing()
    assert [(str(v.weight_grams), v.labour_idr) for v in variants_of(listing)] == [("5.4", 150_000), ("7.1", 0)]
    assert "5.4 g to 7.1 g by size" in text_of(luh.browser.get(f"/p/{listing.id}-{listing.slug}").text)
    kept = fields_of(luh.get(f"/seller/listings/{listing.id}").text)
    assert (kept["sizes-0-weight"], kept["sizes-0-labour"], kept["sizes-1-labour"]) == ("5,4", "150.000", "0")


def test_an_engraving_has_its_limit_and_its_price(luh: Maker, earrings: Any) -> None:
    publish(luh, five(earrings, engraving_limit="12", engraving_price="Rp 150rb"))
    listing = only_listing()
    assert listing.engraving_price_idr == 150_000
    page = f"/seller/listings/{listing.id}"
    assert fields_of(luh.get(page).text)["engraving_price"] == "150.000"
    assert "$10.00 more." in text_of(luh.browser.get(f"/p/{listing.id}-{listing.slug}").text)
    luh.send(page, {"engraving_price": ""}, page)
    assert "$10.00 more." not in text_of(luh.browser.get(f"/p/{listing.id}-{listing.slug}").text)


def test_a_copy_has_everything_but_the_stock(luh: Maker, rings: Any) -> None:
    sizes = {"sizes-0-size": "6", "sizes-0-stock": "4", "sizes-0-weight": "5,4", "sizes-0-labour": "150rb"}
    more = {
        "sold_as": "set",
        "set_count": "3",
        "engraving_limit": "9",
        "engraving_price": "75rb",
        "cost-labour": "1 jt",
    }
    publish(luh, five(rings, **sizes, **more))
    first = only_listing()
    copied = luh.post(f"/seller/listings/{first.id}/copy")
    second = db.session.get_one(Listing, int(copied.location.rpartition("/")[2]))
    one, two = (fields_of(luh.get(f"/seller/listings/{listing.id}").text) for listing in (first, second))
    own = {"csrf_token", "saw", "sizes-0-variant_id", "sizes-0-saw", "sizes-0-stock"}
    assert {name: value for name, value in one.items() if name not in own} == {
        name: value for name, value in two.items() if name not in own
    }
    assert (two["sizes-0-stock"], two["cost-labour"]) == ("", "1.000.000")
    assert db.session.scalar(sa.select(sa.func.count(Costing.listing_id))) == 2
    prices = db.session.execute(sa.select(PriceChange.listing_id, PriceChange.new_amount).order_by(PriceChange.id))
    assert [tuple(row) for row in prices] == [(first.id, 450_000), (second.id, 450_000)]


def test_the_phrase_book_offers_words_and_writes_none(luh: Maker, wayan: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop, live=False, title_id="Cincin Kawin Jawan", title_en="")
    db.session.execute(sa.update(ListingVersion).values(description_id="", stones_id=""))
    db.session.commit()
    page = luh.get(f"/seller/listings/{listing.id}").text
    offered = re.findall(r'<li data-word="([^"]+)">', page)
    assert offered == ["wedding ring", "granulation"]
    assert fields_of(page)["title_en"] == ""
    answer = luh.get("/seller/phrases?to=en&text=Gelang+%3Cb%3Ejawan")
    assert re.findall(r'data-word="([^"]+)"', answer.text) == ["bracelet", "granulation"]
    assert luh.get("/seller/phrases?to=xx&text=" + "cincin+" * 900).status_code == 200
    assert luh.get("/seller/phrases").text.strip() == ""

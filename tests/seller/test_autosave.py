"""The editor saves itself: nothing typed is lost, whichever answer gets lost, in whatever order the saves arrive."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Listing, ListingVersion, PriceChange, StockMove, Variant, VersionStatus
from marketplace.catalog.services import photos, repricing
from marketplace.core.db import db
from tests.factories.catalog import ListingFactory, PhotoFactory, quote_rates, variants_of
from tests.seller.conftest import Maker, fields_of
from tests.seller.test_listing_story import complete

KEY = "0c5d1f0e-8a2b-4c7d-9e6f-00000000000a"


@pytest.fixture(autouse=True)
def _rates(app: Any) -> None:
    quote_rates()


class Page:
    """An open editor, as its script sees it: the fields as they stand, a name of its own, a count of its saves."""

    def __init__(self, maker: Maker, listing_id: int | None = None, name: str = "page-one") -> None:
        self.maker, self.name, self.step = maker, name, 0
        self.address = f"/seller/listings/{listing_id}" if listing_id else "/seller/listings/new"
        self.fields = {**fields_of(maker.get(self.address).text), "page": name}

    def typed(self, **fields: Any) -> dict[str, Any]:
        """The next save, ready to be sent, now or later."""
        self.step += 1
        self.fields.update(fields)
        return {**self.fields, "step": str(self.step)}

    def send(self, save: dict[str, Any]) -> Any:
        return self.maker.browser.post(self.address, data=save, headers={"Accept": "application/json"})

    def save(self, **fields: Any) -> Any:
        """Send at once, and take over what the answer says."""
        answer = self.send(self.typed(**fields))
        self.fields.update({"saw": answer.json["saw"], **answer.json.get("hidden", {})})
        self.address = answer.json.get("address", self.address)
        return answer


def words_of(listing_id: int) -> ListingVersion:
    db.session.rollback()
    query = sa.select(ListingVersion).where(ListingVersion.listing_id == listing_id).order_by(ListingVersion.id.desc())
    return db.session.scalars(query.execution_options(populate_existing=True)).first()  # type: ignore[return-value]


def listing_count() -> int:
    db.session.rollback()
    return int(db.session.scalar(sa.select(sa.func.count(Listing.id))) or 0)


def test_a_piece_is_begun_and_filled_without_a_button(luh: Maker, rings: Any) -> None:
    page = Page(luh)
    first = page.save(draft_key=KEY, title_id="Cincin")
    assert first.status_code == 201
    listing_id = first.json["id"]
    assert "category_id" in [missing["field"] for missing in first.json["missing"]]
    for name, value in complete(rings).items():
        assert page.save(**{name: value}).status_code == 200, name
    last = page.save(price="1,2 jt")
    assert [missing["field"] for missing in last.json["missing"]] == ["photos"]
    assert 'href="#photos"' in last.json["checklist"]
    assert last.json["receives"] == "Rp\u00a01.104.000"
    assert fields_of(luh.get(f"/seller/listings/{listing_id}").text)["price"] == "1.200.000"
    assert [(v.size, v.stock, v.price_amount) for v in variants_of(db.session.get_one(Listing, listing_id))] == [
        ("US 7", 3, 1_200_000)
    ]
    assert listing_count() == 1


def test_a_draft_whose_answer_was_lost_is_begun_once(luh: Maker, wayan: Maker) -> None:
    page = Page(luh)
    save = page.typed(draft_key=KEY, title_id="Cincin")
    numbers = {page.send(save).json["id"] for _time in range(3)}
    pressed = luh.browser.post("/seller/listings/new", data=page.typed(title_id="Cincin Jawan"))
    assert pressed.status_code == 303
    assert listing_count() == len(numbers) == 1
    assert words_of(numbers.pop()).title_id == "Cincin Jawan"
    theirs = Page(wayan).save(draft_key=KEY, title_id="Gelang")  # the same key is another workshop's own
    assert (theirs.status_code, listing_count()) == (201, 2)


def test_a_lost_answer_is_no_conflict_with_oneself(luh: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop, live=False)
    page = Page(luh, listing.id)
    page.send(page.typed(title_id="Satu"))  # saved, but the phone never heard of it: it still shows the old count
    again = page.send(page.typed(title_id="Dua"))
    assert again.status_code == 200
    assert words_of(listing.id).title_id == "Dua"


def test_an_older_save_that_comes_late_changes_nothing(luh: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop, live=False)
    page = Page(luh, listing.id)
    older, newer = page.typed(title_id="Cinc"), page.typed(title_id="Cincin Jawan")
    assert page.send(newer).json["old"] is False
    late = page.send(older)
    assert (late.status_code, late.json["old"]) == (200, True)
    assert words_of(listing.id).title_id == "Cincin Jawan"


def test_another_windows_words_are_never_overwritten_unseen(luh: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop, live=False)
    phone, desk = Page(luh, listing.id, "phone-page"), Page(luh, listing.id, "desk-page")
    assert phone.save(title_id="Dari ponsel").status_code == 200
    refused = desk.save(title_id="Dari meja")
    assert refused.status_code == 409
    assert "jendela lain" in refused.json["sentence"]
    assert words_of(listing.id).title_id == "Dari ponsel"
    assert desk.save(title_id="Dari meja, setelah dibaca").status_code == 200  # she has been told, and goes on
    assert phone.save(title_id="Dari ponsel lagi").status_code == 409
    assert words_of(listing.id).title_id == "Dari meja, setelah dibaca"


def test_what_is_no_number_is_named_and_the_rest_is_kept(luh: Maker, rings: Any) -> None:
    page = Page(luh)
    page.save(draft_key=KEY, **complete(rings))
    answer = page.save(
        title_id="Cincin Baru", price="mahal", weight_grams="berat", material="emas-palsu", category_id="999"
    )
    assert answer.status_code == 422
    assert {problem["field"] for problem in answer.json["problems"]} == {
        *("price", "weight_grams", "material", "category_id")
    }
    kept = words_of(answer.json["id"])
    assert (kept.title_id, float(kept.weight_grams or 0), kept.material) == ("Cincin Baru", 6.8, "silver")
    assert kept.category_id == rings.id
    assert variants_of(db.session.get_one(Listing, kept.listing_id))[0].price_amount == 745_000
    twice = page.save(
        price="750.000",
        weight_grams="7",
        material="silver",
        category_id=str(rings.id),
        **{"sizes-1-size": "7", "sizes-1-stock": "1"},
    )
    assert [problem["field"] for problem in twice.json["problems"]] == ["sizes-0-size"]
    assert float(words_of(kept.listing_id).weight_grams or 0) == 7


def test_sizes_keep_their_numbers_from_save_to_save(luh: Maker, rings: Any) -> None:
    page = Page(luh)
    one = page.save(draft_key=KEY, **complete(rings))
    first = variants_of(db.session.get_one(Listing, one.json["id"]))[0].id
    assert one.json["hidden"] == {"sizes-0-variant_id": str(first), "sizes-0-saw": "3"}
    page.save(**{"sizes-0-size": "8", "sizes-1-size": "6", "sizes-1-stock": "2"})
    deaf = page.typed(**{"sizes-1-stock": "4"})
    deaf.pop("sizes-1-variant_id")  # a phone that did not hear which one it is
    page.send(deaf)
    db.session.rollback()
    rows = db.session.execute(sa.select(Variant.id, Variant.size, Variant.stock).order_by(Variant.id)).all()
    assert [tuple(row) for row in rows] == [(first, "US 8", 3), (first + 1, "US 6", 4)]
    moves = db.session.execute(sa.select(StockMove.change, StockMove.left).order_by(StockMove.id)).all()
    assert [tuple(move) for move in moves] == [(3, 3), (2, 2), (2, 4)]
    prices = db.session.execute(sa.select(PriceChange.old_amount, PriceChange.new_amount)).all()
    assert [tuple(price) for price in prices] == [(None, 745_000)] * 2


def test_half_a_price_is_never_what_the_public_pays(luh: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop, price=745_000)
    page = Page(luh, listing.id)
    answer = page.save(price="74.500", title_id="Nama Baru")
    assert answer.status_code == 200
    assert "Simpan" in answer.json["note"] or "Save" in answer.json["note"]
    assert variants_of(listing)[0].price_amount == 745_000
    assert words_of(listing.id).status is VersionStatus.DRAFT, "the words wait in a version of their own"
    pressed = luh.browser.post(page.address, data=page.typed(price="800.000"))
    assert pressed.status_code == 303
    assert variants_of(listing)[0].price_amount == 800_000


def test_a_version_under_review_is_not_taken_back_by_a_slip(wayan: Maker) -> None:
    listing = ListingFactory(workshop=wayan.workshop, live=False, status=VersionStatus.IN_REVIEW)
    page = Page(wayan, listing.id)
    answer = page.save(title_id="Terpeleset")
    assert (answer.status_code, bool(answer.json["note"])) == (200, True)
    assert words_of(listing.id).status is VersionStatus.IN_REVIEW
    assert wayan.browser.post(page.address, data=page.typed()).status_code == 303
    assert words_of(listing.id).title_id == "Terpeleset"


def test_a_photo_that_arrives_meanwhile_is_no_conflict(luh: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop, live=False)
    phone, desk = Page(luh, listing.id, "phone-page"), Page(luh, listing.id, "desk-page")
    photos.add(listing.id, luh.workshop.id, PhotoFactory(workshop_id=luh.workshop.id).id)
    assert phone.save(title_id="Satu").status_code == 200
    assert desk.save(title_id="Dua").status_code == 409


def test_an_old_page_is_told_its_new_token_and_another_workshop_nothing(luh: Maker, wayan: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop, live=False)
    for page in (Page(luh, listing.id), Page(luh)):
        page.fields["csrf_token"] = "made-up"
        refused = page.send(page.typed(title_id="Lama"))
        assert refused.status_code == 403
        assert "sentence" in refused.json
    page.fields["csrf_token"] = refused.json["token"]
    assert page.save(title_id="Lama", draft_key=KEY).status_code == 201
    stranger = Page(wayan)
    stranger.address = f"/seller/listings/{listing.id}"
    assert stranger.send(stranger.typed(title_id="Maling")).status_code == 404
    assert words_of(listing.id).title_id != "Maling"


def test_a_price_that_changed_elsewhere_is_not_typed_over_by_an_open_page(luh: Maker, rings: Any) -> None:
    """Whatever changes a price forgets which page saved last (drafts.touch, repricing): the page is told."""
    page = Page(luh)
    begun = page.save(draft_key=KEY, **complete(rings))
    repricing._touch({begun.json["id"]})
    db.session.commit()
    assert page.save(title_id="Cincin lama").status_code == 409

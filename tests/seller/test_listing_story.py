"""A piece from the camera to the shop window, in Indonesian, without any script."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Listing, ListingState, ListingVersion, Variant, VersionPhoto
from marketplace.catalog.services import review
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.media.models import Photo
from tests.factories.catalog import ListingFactory, quote_rates, variants_of
from tests.seller.conftest import Maker, fields_of, photo


@pytest.fixture(autouse=True)
def _rates(app: Any) -> None:
    quote_rates()


def listings() -> list[Listing]:
    db.session.rollback()
    query = sa.select(Listing).order_by(Listing.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def words_of(listing: Listing) -> ListingVersion:
    db.session.rollback()
    query = sa.select(ListingVersion).where(ListingVersion.listing_id == listing.id).order_by(ListingVersion.id.desc())
    return db.session.scalars(query.execution_options(populate_existing=True)).first()  # type: ignore[return-value]


def complete(rings: Any, **changes: Any) -> dict[str, Any]:
    return {
        "title_id": "Cincin Kubah Jawan",
        "description_id": "Sembilan baris jawan menutupi cincin ini.",
        "category_id": str(rings.id),
        "material": "silver",
        "fineness": "925",
        "weight_grams": "6,8",
        "techniques": "granulation",
        "price": "745.000",
        "made_to_order": "no",
        "sizes-0-size": "7",
        "sizes-0-stock": "3",
        **changes,
    }


def test_a_piece_goes_from_three_photos_to_the_shop(luh: Maker, rings: Any) -> None:
    first = luh.send(
        "/seller/listings/new", {"photos": [photo(), photo((9, 9, 9)), photo((200, 9, 9))]}, "/seller/listings/new"
    )
    assert first.status_code == 303
    listing = listings()[0]
    page = f"/seller/listings/{listing.id}"
    assert first.location.endswith(f"{page}#photos")
    assert luh.get(page).text.count('class="shot"') == 3

    published = luh.send(f"{page}/submission", complete(rings, price="1,2 jt"), page)
    assert published.status_code == 303
    listing = listings()[0]
    assert listing.state is ListingState.LIVE
    assert [(v.size, v.stock, v.price_amount, float(v.size_mm or 0)) for v in variants_of(listing)] == [
        ("US 7", 3, 1_200_000, 17.32)
    ]
    shown = luh.browser.get(f"/id/p/{listing.id}-{listing.slug}")
    assert shown.status_code == 200
    assert "Cincin Kubah Jawan" in shown.text
    assert "Rp\u00a01.200.000" in shown.text


def test_an_unfinished_draft_is_saved_and_says_what_is_missing(luh: Maker, rings: Any) -> None:
    saved = luh.send("/seller/listings/new", {"title_id": "Gelang", "sizes-0-stock": "2"}, "/seller/listings/new")
    listing = listings()[0]
    page = f"/seller/listings/{listing.id}"
    assert saved.location.endswith(page)
    shown = luh.get(page).text
    assert fields_of(shown)["title_id"] == "Gelang"
    assert fields_of(shown)["sizes-0-stock"] == "2"
    for field in ("photos", "category_id", "price"):
        assert f'href="#{field}"' in shown
    refused = luh.send(f"{page}/submission", {}, page)
    assert refused.status_code == 422
    assert 'id="problem"' in refused.text
    assert listings()[0].state is ListingState.DRAFT


def test_what_was_typed_stays_when_a_number_is_wrong(luh: Maker, rings: Any) -> None:
    wrong = complete(rings, price="mahal", weight_grams="ringan", **{"sizes-0-size": "99"})
    answer = luh.send("/seller/listings/new", {**wrong, "photos": [photo()]}, "/seller/listings/new")
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    for name in ("title_id", "description_id", "price", "weight_grams", "sizes-0-size", "category_id", "material"):
        assert kept[name] == wrong[name], name
    assert kept["techniques"] == "granulation"
    assert 'href="#price"' in answer.text
    assert 'href="#sizes-0-size"' in answer.text
    listing = listings()[0]
    assert f'action="/seller/listings/{listing.id}"' in answer.text, "the next press goes on with this draft"
    assert db.session.scalar(sa.select(sa.func.count(VersionPhoto.id))) == 1, "the photo is not lost"


def test_a_bad_file_is_named_and_harms_no_other(luh: Maker) -> None:
    bad = (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "../gambar.svg")
    sent = {"title_id": "Bros", "photos": [photo(), bad]}
    answer = luh.send("/seller/listings/new", sent, "/seller/listings/new")
    assert answer.status_code == 422
    assert "../gambar.svg:" in answer.text
    assert fields_of(answer.text)["title_id"] == "Bros"
    assert db.session.scalar(sa.select(sa.func.count(VersionPhoto.id))) == 1
    assert db.session.scalar(sa.select(sa.func.count(Photo.id))) == 1
    assert words_of(listings()[0]).title_id == "Bros"


def test_an_edit_waits_while_the_approved_version_stays_in_the_shop(luh: Maker, rings: Any) -> None:
    listing = ListingFactory(workshop=luh.workshop, category=rings, sizes=("US 7",), title_id="Nama Lama", title_en="")
    page, public = f"/seller/listings/{listing.id}", f"/id/p/{listing.id}-{listing.slug}"
    assert luh.send(page, {"title_id": "Nama Baru"}, page).status_code == 303
    assert "Nama Lama" in luh.browser.get(public).text
    assert "Nama Baru" not in luh.browser.get(public).text
    assert "Nama Baru" in luh.get(f"{page}/preview").text
    assert luh.send(f"{page}/submission", {}, page).status_code == 303
    assert "Nama Baru" in luh.browser.get(public, follow_redirects=True).text


def test_the_first_piece_of_a_new_workshop_is_looked_at(wayan: Maker, rings: Any) -> None:
    wayan.send(
        "/seller/listings/new", {**complete(rings), "photos": [photo()], "do": "publish"}, "/seller/listings/new"
    )
    listing, version = listings()[0], words_of(listings()[0])
    assert (listing.state, version.status.value) == (ListingState.DRAFT, "in_review")
    assert wayan.browser.get(f"/id/p/{listing.id}-{listing.slug}").status_code == 404
    page = f"/seller/listings/{listing.id}"
    assert wayan.send(f"{page}/withdrawal", {}, page).status_code == 303
    assert words_of(listing).status.value == "draft"
    wayan.send(f"{page}/submission", {}, page)
    version = words_of(listing)
    review.reject(version.id, version.revision, by=wayan.user.id, code="photos", reason="Fotonya gelap.")
    assert "Fotonya gelap." in wayan.get(page).text
    assert page in wayan.get("/seller/").text, "what was sent back is the first thing to do"


def test_photos_are_moved_described_and_removed_without_losing_what_is_typed(luh: Maker) -> None:
    luh.send("/seller/listings/new", {"photos": [photo(), photo((1, 2, 3))]}, "/seller/listings/new")
    listing = listings()[0]
    page = f"/seller/listings/{listing.id}"

    def order() -> list[tuple[int, str]]:
        rows = db.session.scalars(
            sa.select(VersionPhoto)
            .where(VersionPhoto.version_id == words_of(listing).id)
            .order_by(VersionPhoto.position)
            .execution_options(populate_existing=True)
        )
        return [(row.photo_id, row.alt_id) for row in rows]

    (first, _none), (second, _nothing) = order()
    typed = {"title_id": "Sedang diketik", "texts-1-alt_id": "Cincin di atas kain", "step": "-1"}
    assert luh.send(f"{page}/photos/{second}/move", typed, page).status_code == 303
    assert order() == [(second, "Cincin di atas kain"), (first, "")]
    assert words_of(listing).title_id == "Sedang diketik"
    assert luh.send(f"{page}/photos/{first}/removal", {}, page).status_code == 303
    assert [photo_id for photo_id, _alt in order()] == [second]


def test_two_windows_do_not_overwrite_each_other(luh: Maker, rings: Any) -> None:
    listing = ListingFactory(workshop=luh.workshop, category=rings, sizes=("US 7",), stock=5)
    page = f"/seller/listings/{listing.id}"
    one, two = fields_of(luh.get(page).text), fields_of(luh.get(page).text)
    assert luh.post(page, {**one, "sizes-0-stock": "8"}).status_code == 303
    answer = luh.post(page, {**two, "sizes-0-stock": "4"})
    assert answer.status_code == 422
    assert variants_of(listings()[0])[0].stock == 8
    again = fields_of(answer.text)
    assert again["sizes-0-stock"] == "4", "typed text stays"
    assert luh.post(page, again).status_code == 303
    assert variants_of(listings()[0])[0].stock == 4, "now it was said with open eyes"


def test_a_sale_between_opening_and_saving_is_kept(luh: Maker, rings: Any) -> None:
    listing = ListingFactory(workshop=luh.workshop, category=rings, sizes=("US 7",), stock=5)
    page = f"/seller/listings/{listing.id}"
    opened = fields_of(luh.get(page).text)
    db.session.execute(sa.update(Variant).where(Variant.listing_id == listing.id).values(stock=3))
    db.session.commit()
    assert luh.post(page, {**opened, "sizes-0-stock": "6"}).status_code == 303
    assert variants_of(listings()[0])[0].stock == 4


def test_hide_show_put_away_and_copy_from_the_list(luh: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop)
    page, public = f"/seller/listings/{listing.id}", f"/p/{listing.id}-{listing.slug}"
    for act, state, seen in (
        ("pause", ListingState.PAUSED, 404),
        ("resume", ListingState.LIVE, 200),
        ("archive", ListingState.ARCHIVED, 404),
        ("return", ListingState.PAUSED, 404),
    ):
        assert luh.post(f"{page}/{act}").status_code == 303
        assert listings()[0].state is state
        assert luh.browser.get(public).status_code == seen
    copied = luh.post(f"{page}/copy")
    assert copied.status_code == 303
    assert [row.state for row in listings()] == [ListingState.PAUSED, ListingState.DRAFT]
    for show, count in (("live", 0), ("draft", 1), ("paused", 1)):
        assert luh.get(f"/seller/listings/?show={show}").text.count('class="lst"') == count


def test_a_suspended_workshop_may_write_but_not_publish(luh: Maker, rings: Any) -> None:
    luh.send("/seller/listings/new", {**complete(rings), "photos": [photo()]}, "/seller/listings/new")
    listing = listings()[0]
    luh.workshop.suspended_at, luh.workshop.suspension_reason = clock.now(), "Pesanan terlambat tiga kali."
    db.session.commit()
    page = f"/seller/listings/{listing.id}"
    assert "Pesanan terlambat tiga kali." in luh.get("/seller/").text
    answer = luh.send(f"{page}/submission", {"title_id": "Tetap tersimpan"}, page)
    assert answer.status_code == 422
    assert listings()[0].state is ListingState.DRAFT
    assert words_of(listing).title_id == "Tetap tersimpan"


def test_what_she_receives_is_shown_beside_the_price(luh: Maker, rings: Any) -> None:
    listing = ListingFactory(workshop=luh.workshop, category=rings, sizes=("US 7",), price=1_000_000)
    shown = luh.get(f"/seller/listings/{listing.id}").text
    assert "Rp\u00a0920.000" in shown
    assert "$61.00" in shown or "USD\u00a061,00" in shown


def test_the_list_finds_by_name_and_pages_by_key(luh: Maker) -> None:
    for number in range(26):
        ListingFactory(workshop=luh.workshop, title_id=f"Cincin {number:02}", photos=0)
    shown = luh.get("/seller/listings/").text
    assert shown.count('class="lst"') == 24
    older = re.search(r'href="(/seller/listings/[^"]*after=[^"]*)"', shown)
    assert older is not None
    assert luh.get(older[1].replace("&amp;", "&")).text.count('class="lst"') == 2
    assert luh.get("/seller/listings/?q=Cincin+07").text.count('class="lst"') == 1
    assert luh.get("/seller/listings/?q=%25").text.count('class="lst"') == 0


@pytest.mark.parametrize("text", ["\x00", "\ud800", "9" * 400, "-1", "1e9", "½", "<script>", "{{7*7}}", "' or 1=1"])
def test_no_text_in_any_field_breaks_the_editor(luh: Maker, text: str) -> None:
    hostile = text.encode("utf-8", "surrogatepass").decode("latin-1")
    opened = fields_of(luh.get("/seller/listings/new").text)
    sent = {name: hostile for name in opened if name != "csrf_token"}
    answer = luh.post("/seller/listings/new", {**opened, **sent})
    assert answer.status_code in (303, 422)
    assert "<script>" not in answer.text.replace('<script type="module"', "")


def test_the_original_is_hers_alone_and_never_shown_as_a_page(luh: Maker, wayan: Maker) -> None:
    sent = photo()
    data = sent[0].getvalue()
    luh.send("/seller/listings/new", {"photos": [sent]}, "/seller/listings/new")
    photo_id = db.session.scalar(sa.select(Photo.id))
    answer = luh.get(f"/seller/photos/{photo_id}/original")
    assert answer.data == data
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "application/octet-stream"
    assert "no-store" in answer.headers["Cache-Control"]
    assert wayan.get(f"/seller/photos/{photo_id}/original").status_code == 404


def test_the_list_asks_the_database_as_often_for_twenty_pieces_as_for_one(luh: Maker, statements: Any) -> None:
    ListingFactory(workshop=luh.workshop)
    luh.get("/seller/listings/")
    with statements() as few:
        luh.get("/seller/listings/")
    for _number in range(19):
        ListingFactory(workshop=luh.workshop)
    with statements() as many:
        luh.get("/seller/listings/")
    assert len(many) <= len(few) <= 8


def test_a_hand_made_photo_number_is_no_error(luh: Maker) -> None:
    luh.send("/seller/listings/new", {"photos": [photo()]}, "/seller/listings/new")
    listing = listings()[0]
    page = f"/seller/listings/{listing.id}"
    for number in ("x", "999999", "-1", "9" * 30):
        answer = luh.send(page, {"texts-0-photo_id": number, "price": "salah"}, page)
        assert answer.status_code == 422


def test_more_sizes_are_offered_up_to_a_sensible_number(luh: Maker, rings: Any) -> None:
    codes = tuple(f"US {number}" for number in range(3, 15)) + tuple(f"US {number}.5" for number in range(3, 14))
    listing = ListingFactory(workshop=luh.workshop, category=rings, sizes=(*codes, *(f"X{n}" for n in range(6))))
    page = f"/seller/listings/{listing.id}"
    assert luh.get(f"{page}?more=1").text.count('-stock"') >= 30
    assert luh.send(page, {"more": "1"}, page).status_code in (303, 422)
    flood = {f"sizes-{number}-size": f"US {number}" for number in range(200)}
    assert luh.send(page, flood, page).status_code in (303, 422)


def test_what_is_missing_is_named_at_its_field_too(luh: Maker) -> None:
    luh.send("/seller/listings/new", {"title_id": "Cincin"}, "/seller/listings/new")
    page = f"/seller/listings/{listings()[0].id}"
    answer = luh.send(f"{page}/submission", {"title_id": "Cincin"}, page)
    assert answer.status_code == 422
    for field in ("category_id", "price"):
        assert f'id="{field}-e"' in answer.text, field
    assert answer.text.count("Tambahkan sedikitnya satu foto.") == 2  # in the summary and above the photos

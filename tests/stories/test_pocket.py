"""The workshop in a pocket: from the application to the first piece on a slow phone whose thin line breaks; a tab shut
without signal; a phone that changes hands; two who write at once; a cropped photo; the page without script.
"""

from __future__ import annotations

import io
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import expect

from marketplace.catalog.models import Listing, ListingVersion
from marketplace.media.models import Photo, Upload

from .conftest import LiveShop
from .people import letter, photo, sign_in
from .pocket import COLORS, KEPT, LINE, camera, color_of, count, kept_of, slow_down, workshop_id
from .thumb import Thumb

pytestmark = pytest.mark.browser
Person = Callable[..., Any]

KOMANG = "bu.komang@example.com"
SHOP = "Komang Jawan Singapadu"
PATIENCE = 30_000  # milliseconds: a slow phone on a busy machine


def editor(page: Any, address: str = "/seller/listings/new") -> None:
    if address:
        page.goto(address)
    page.wait_for_selector("form[data-kept]", state="attached")


def said(page: Any, words: str, seconds: float = 30) -> None:
    expect(page.locator("[data-saved] [role=status]")).to_contain_text(re.compile(words), timeout=seconds * 1000)


def open_fold(thumb: Thumb, name: str) -> None:
    fold = thumb.page.locator(f"[data-unfold] > details:has([name={name}])").first
    if fold.get_attribute("open") is None:
        thumb.tap(fold.locator("> summary"))


def open_account(live: LiveShop, thumb: Thumb) -> None:
    page = thumb.page
    page.goto("/id/sign-up")
    thumb.write("[name=name]", "Ni Komang Ayu")
    thumb.write("[name=email]", KOMANG)
    thumb.write("[name=password]", "empat ekor bangau")
    page.wait_for_timeout(2500)  # nobody fills in a form faster (the page asks for that)
    thumb.tap("main form[action$='/sign-up'] button.btn")
    page.wait_for_url("**/id/sign-up/sent")
    page.goto(letter(live, KOMANG, "/confirm/").links[0])
    thumb.tap("main form button.btn")
    page.wait_for_url(lambda url: "/confirm/" not in url)


def apply(thumb: Thumb, folder: Path) -> None:
    page = thumb.page
    page.goto("/seller/apply/")
    thumb.write("[name=workshop_name]", SHOP)
    thumb.choose("[name=banjar]", label="Tangsub")
    thumb.write("[name=since_year]", "2004")
    thumb.tap("label:has([name=specialities][value=granulation])")
    thumb.write("[name=artisan_count]", "2")
    thumb.tap("label:has([name=form_of_address][value=Ibu])")
    thumb.write("[name=phone]", "0812 3600 1122")
    thumb.write("[name=story]", "Kami berdua mengerjakan jawan sejak 2004 di rumah.")
    shots = []
    for number in range(4):
        shots.append(folder / f"kirim-{number}.jpg")
        shots[-1].write_bytes(photo(COLORS[number], "barang", (900, 1200))["buffer"])
    with thumb.waiting(), page.expect_navigation():
        thumb.gallery(page.locator("input[name=piece]"), shots[:3])
    with thumb.waiting(), page.expect_navigation():
        thumb.gallery(page.locator("input[name=bench]"), shots[3:])
    expect(page.locator(".shots .shot img")).to_have_count(4, timeout=PATIENCE)
    thumb.tap("label:has([name=agreed])")
    with thumb.waiting(), page.expect_navigation():
        thumb.tap("button[formaction$=submission]")
    assert page.locator(".note--bad, .f--bad").count() == 0, page.locator("main").inner_text()


def approve(admin: Any, place: str, name: str) -> None:
    admin.goto(f"/admin/{place}/")
    admin.get_by_role("link", name=re.compile(name)).first.click()
    admin.wait_for_url(re.compile(rf"/admin/{place}/\d+"))
    admin.check("#decide input[name=decision][value=yes]")
    with admin.expect_navigation():
        admin.locator("#decide button.btn:visible").first.click()


def middle_of_the_third(page: Any) -> None:
    """Two photos have arrived, of the third a part has."""
    page.wait_for_function(
        """() => document.querySelectorAll(".shot:not(.shot--up)").length === 2
             && document.querySelector(".shot--up progress").value > 0""",
        timeout=2 * PATIENCE,
    )


def hold_the_photos(page: Any) -> None:
    """Pieces of photos wait until they are let go: how quick the machine is must not decide what a story sees."""
    page.evaluate(
        """() => {
          const real = window.fetch;
          const gate = new Promise((open) => { window.letThePhotosGo = open; });
          window.fetch = async (address, options) => {
            if (String(address).includes("/bytes")) await gate;
            return real(address, options);
          };
        }"""
    )


def test_a_first_piece_from_a_slow_phone_whose_signal_breaks(live: LiveShop, person: Person, tmp_path: Path) -> None:
    shots = [camera(tmp_path, number) for number in range(4)]
    began = time.monotonic()
    page, admin = person(phone=True), person()
    page.context.set_default_timeout(2 * PATIENCE)
    slow_down(page)
    thumb = Thumb(page)
    open_account(live, thumb)
    apply(thumb, tmp_path)
    sign_in(admin, "admin")
    approve(admin, "applications", SHOP)
    told = ["", thumb.told("Account and application")]

    page.goto("/seller/")
    thumb = Thumb(page)
    listing_began = time.monotonic()
    with thumb.waiting():
        thumb.tap(".dock .add")
        page.wait_for_url("**/seller/listings/new")
        editor(page, "")
    thumb.gallery(page.locator("input[data-photos]").last, shots)
    expect(page.locator(".shot--up")).to_have_count(4, timeout=PATIENCE)
    thumb.tap(page.locator("[data-kinds] .opt", has_text="Liontin"))
    thumb.write("[name=title_id]", "Liontin Bulan Jawan")
    thumb.write("[name=weight_grams]", "4,2")
    thumb.choose("[name=fineness]", value="925")
    thumb.write("[name=price]", "1,2 jt")
    thumb.write("[name=sizes-0-stock]", "2")
    with thumb.waiting():
        middle_of_the_third(page)

    page.context.set_offline(True)
    open_fold(thumb, "techniques")
    thumb.tap("label:has([name=techniques][value=granulation])")
    open_fold(thumb, "description_id")
    thumb.write("[name=description_id]", "Dua bulan sabit dari butiran jawan, ringan dipakai.")
    said(page, r"Tanpa sinyal: 2 foto menunggu\. Tersimpan di ponsel, \d\d\.\d\d")
    assert len(kept_of(live, number_in(page)).originals) == 2
    hold_the_photos(page)
    page.context.set_offline(False)
    slow_down(page)  # coming back has made the line quick

    with thumb.waiting(), page.expect_navigation(timeout=2 * PATIENCE):
        thumb.tap("button[form=listing][value=publish]")
        said(page, "masih dikirim")  # it waits for the photos and says so
        page.evaluate("letThePhotosGo()")
    listing_took = time.monotonic() - listing_began
    assert page.locator(".f--bad, #problem").count() == 0, page.locator("main").inner_text()
    number = number_in(page)
    approve(admin, "listings", "Liontin Bulan Jawan")

    mine = workshop_id(live, SHOP)
    kept = kept_of(live, number)
    assert count(live, Listing, Listing.workshop_id == mine) == 1
    assert count(live, Photo, Photo.workshop_id == mine) == 4
    assert count(live, Upload, Upload.workshop_id == mine) == 4
    assert [color_of(data) for data in kept.originals] == list(COLORS)
    sizes = [Image.open(io.BytesIO(data)).size for data in kept.originals]
    assert sizes == [(1920, 2560)] * 4  # upright, and no larger
    assert all(len(data) < 900_000 for data in kept.originals)
    assert (kept.words.title_id, kept.words.material, kept.words.fineness) == ("Liontin Bulan Jawan", "silver", 925)
    assert kept.words.description_id == "Dua bulan sabit dari butiran jawan, ringan dipakai."
    assert (float(kept.words.weight_grams), kept.words.techniques) == (4.2, ["granulation"])
    assert (kept.stock, kept.prices) == (2, [1_200_000])
    shown = person()
    shown.goto(f"/id/p/{number}-x")
    assert "Liontin Bulan Jawan" in shown.locator("h1").inner_text()

    taken, sent = [path.stat().st_size for path in shots], [len(data) for data in kept.originals]
    told += [
        thumb.told("The first piece"),
        f"Photos: {sum(taken) / 1e6:.1f} MB taken, {sum(sent) / 1e6:.2f} MB sent, the largest {max(sent) // 1000} KB",
        f"Four photos of 850 KB each would need {4 * 850_000 / LINE:.0f} s on this line, beside the typing",
        f"The browser: {listing_took:.0f} s for the piece, {time.monotonic() - began:.0f} s for the whole story",
    ]
    sys.stdout.write("\n".join(told) + "\n")
    assert thumb.seconds < 240


def number_in(page: Any) -> int:
    found = re.search(r"/seller/listings/(\d+)", page.url)
    assert found, page.url
    return int(found[1])


def artisan(person: Person, name: str = "artisan") -> Any:
    """A maker's phone, with the worker installed that keeps the shell."""
    page = person(phone=True)
    sign_in(page, name)
    page.goto("/seller/")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    return page


def titled(live: LiveShop, title: str) -> list[int]:
    with live.database() as database:
        found = sa.select(ListingVersion.listing_id).where(ListingVersion.title_id == title).distinct()
        return list(database.scalars(found))


def arrived(page: Any, title: str, live: LiveShop) -> int:
    """Nothing waits on the phone any more, and the shop has it once."""
    said(page, "Tersimpan di server")
    expect(page.locator(".shot--up")).to_have_count(0, timeout=PATIENCE)
    [number] = titled(live, title)
    return number


def test_a_tab_closed_without_signal_loses_nothing(live: LiveShop, person: Person, tmp_path: Path) -> None:
    page = artisan(person)
    context = page.context
    editor(page)
    context.set_offline(True)
    page.fill("[name=title_id]", "Cincin Tengah Sawah")
    page.fill("[name=price]", "745.000")
    shots = [camera(tmp_path, number, (1600, 1200)) for number in (0, 1)]
    page.locator("input[data-photos]").last.set_input_files(shots)
    said(page, "2 foto menunggu.*Tersimpan di ponsel")
    page.wait_for_timeout(600)
    page.close()

    # Opened again, still without signal: the phone has kept the page too.
    page = context.new_page()
    page.goto("/seller/")
    assert "Tanpa sinyal" in page.locator("h1").inner_text()
    page.get_by_role("link", name="Cincin Tengah Sawah").click()
    editor(page, "")
    assert page.input_value("[name=title_id]") == "Cincin Tengah Sawah"
    assert page.input_value("[name=price]") == "745.000"
    expect(page.locator(".shot--up img")).to_have_count(2, timeout=PATIENCE)
    page.locator("button[form=listing][value=publish]").click()
    said(page, "Tidak ada yang hilang")
    page.fill("[name=sizes-0-stock]", "3")
    assert titled(live, "Cincin Tengah Sawah") == []

    # Two tabs see the signal at the same moment, and a third page only looks.
    second = context.new_page()
    editor(second)
    assert second.input_value("[name=title_id]") == "Cincin Tengah Sawah"
    asked: list[str] = []
    for one in (page, second):
        one.on("request", lambda request: asked.append(request.url))
    context.set_offline(False)
    number = arrived(page, "Cincin Tengah Sawah", live)
    assert f"/seller/listings/{number}" in page.url
    kept = kept_of(live, number)
    assert [color_of(data) for data in kept.originals] == list(COLORS[:2])
    assert (kept.prices, kept.stock) == ([745_000], 3)
    assert len([address for address in asked if address.endswith("/seller/uploads")]) == 2


def test_a_phone_that_changes_hands_shows_nothing_of_the_one_before(live: LiveShop, person: Person) -> None:
    page = artisan(person)
    context = page.context
    editor(page)
    context.set_offline(True)
    page.fill("[name=title_id]", "Rahasia Bu Luh")
    said(page, "Tersimpan di ponsel")
    context.clear_cookies()  # her session ended elsewhere
    context.set_offline(False)
    said(page, "Anda sudah keluar.*tersimpan di ponsel ini")
    buyer = context.new_page()
    sign_in(buyer, "buyer")  # somebody else in another tab, while hers is still open
    page.fill("[name=price]", "2 jt")
    page.wait_for_timeout(2500)
    said(page, "Anda sudah keluar.*tersimpan di ponsel ini")
    assert titled(live, "Rahasia Bu Luh") == []
    context.clear_cookies()

    sign_in(page, "artisan2")
    editor(page)
    assert page.input_value("[name=title_id]") == ""
    page.wait_for_timeout(2500)
    assert titled(live, "Rahasia Bu Luh") == []  # hers is not sent as the other's

    context.clear_cookies()
    sign_in(page, "artisan")
    editor(page)
    number = arrived(page, "Rahasia Bu Luh", live)
    with live.database() as database:
        hers = database.scalar(sa.select(Listing.workshop_id).where(Listing.id == number))
    assert hers == workshop_id(live, "Luh Selaka")


def test_signing_out_takes_everything_from_the_phone(live: LiveShop, person: Person) -> None:
    page = artisan(person)
    context = page.context
    editor(page)
    context.set_offline(True)
    page.fill("[name=title_id]", "Belum Terkirim")
    said(page, "Tersimpan di ponsel")
    kept = context.new_page()
    kept.goto("/seller/")
    expect(kept.locator("main")).to_contain_text("Belum Terkirim", timeout=PATIENCE)
    kept.close()
    page.goto("about:blank")
    context.set_offline(False)

    # What has not been sent is asked about; the answer no changes nothing.
    def cut(route: Any) -> None:
        route.abort() if route.request.method == "POST" else route.continue_()

    context.route("**/seller/listings/new", cut)
    page.goto("/account/security")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.locator("form[action$='/sign-out'] button").click()
    page.wait_for_timeout(300)
    assert len(asked) == 1
    assert page.evaluate(KEPT)["drafts"] == 1

    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.locator("form[action$='/sign-out'] button").click()
    assert page.evaluate(KEPT) == {"drafts": 0, "photos": 0, "meta": 0}
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_two_who_write_at_once_are_both_kept_and_asked(live: LiveShop, person: Person) -> None:
    page, other = artisan(person), artisan(person)
    editor(page)
    page.fill("[name=title_id]", "Gelang Dua Tangan")
    number = arrived(page, "Gelang Dua Tangan", live)
    page.context.set_offline(True)
    page.fill("[name=title_id]", "Gelang Dua Tangan, ponsel")
    said(page, "Tersimpan di ponsel")

    editor(other, f"/seller/listings/{number}")
    other.fill("[name=title_id]", "Gelang Dua Tangan, bengkel")
    said(other, "Tersimpan di server")
    page.context.set_offline(False)
    said(page, "Keduanya disimpan")
    assert kept_of(live, number).words.title_id == "Gelang Dua Tangan, bengkel"
    assert page.input_value("[name=title_id]") == "Gelang Dua Tangan, ponsel"
    page.get_by_role("button", name="Pakai yang saya ketik di sini").click()
    said(page, "Tersimpan di server")
    assert kept_of(live, number).words.title_id == "Gelang Dua Tangan, ponsel"


def test_a_photo_is_cropped_by_keys_alone(live: LiveShop, person: Person, tmp_path: Path) -> None:
    page = artisan(person)
    editor(page)
    page.check("[data-crop-first]")
    page.fill("[name=title_id]", "Liontin Dipotong Rapi")
    page.locator("input[data-photos]").last.set_input_files([camera(tmp_path, 2, (1600, 1200))])
    expect(page.locator("[data-crop-dialog] canvas")).to_be_visible(timeout=PATIENCE)
    page.locator("[data-crop-dialog] canvas").focus()
    for key in ("+", "+", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Pakai bagian ini").focus()
    page.keyboard.press("Enter")
    number = arrived(page, "Liontin Dipotong Rapi", live)
    [data] = kept_of(live, number).originals
    width, height = Image.open(io.BytesIO(data)).size
    assert (width, height) == (round(1200 / 1.44), round(1500 / 1.44))


def test_the_editor_works_without_script(live: LiveShop, person: Person) -> None:
    page = person(phone=True, script=False)
    sign_in(page, "artisan")
    page.goto("/seller/listings/new")
    for hidden in ("[data-saved]", "[data-crop-dialog]", ".ck:has([data-crop-first])"):
        expect(page.locator(hidden)).to_be_hidden()
    page.fill("[name=title_id]", "Tanpa Skrip")
    page.locator("input[data-photos]").last.set_input_files([photo((90, 90, 90), "depan")])
    page.locator("button[form=listing][value=save]").click()
    page.wait_for_url(re.compile(r"/seller/listings/\d+"))
    [number] = titled(live, "Tanpa Skrip")
    assert len(kept_of(live, number).originals) == 1


def test_a_worker_of_yesterday_gives_way_to_todays(live: LiveShop, person: Person) -> None:
    """Another version of the assets is another shell; the old one goes, and no page waits for it."""
    page = artisan(person)
    page.evaluate("caches.open('shell-of-yesterday').then((cache) => cache.put('/seller/', new Response('old')))")
    page.evaluate("navigator.serviceWorker.getRegistration('/seller/').then((one) => one.unregister())")
    page.reload()
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.wait_for_function("caches.keys().then((all) => all.length === 1 && all[0] !== 'shell-of-yesterday')")
    page.goto("/seller/")
    assert page.locator("[data-install]").count() == 1

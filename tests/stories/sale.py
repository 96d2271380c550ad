"""One sale from end to end in a real browser: Bu Luh applies and lists, Maya buys from two workshops, both post.

Bu Luh works on a phone of 390 pixels in Bahasa Indonesia, Maya on a desktop in English, the collective in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import expect

from marketplace.catalog.models import Variant
from marketplace.core import clock
from marketplace.orders.models import Order, OrderStatus
from marketplace.payments.models import RUNNING, DemoSession, PaymentAttempt

from .conftest import LiveShop
from .people import demo_pay, letter, photo, sign_in

PHONE_390 = {"width": 390, "height": 844}
LUH = "bu.luh@example.com"
MAYA = "maya.chen@example.com"
Person = Callable[..., Any]


def watched(page: Any, problems: list[str]) -> Any:
    """A page whose script errors and refused content (our own policy) are collected."""
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page


def open_account(live: LiveShop, page: Any) -> None:
    page.goto("/id/sign-up")
    page.fill("[name=name]", "Ni Luh Sari")
    page.fill("[name=email]", LUH)
    page.fill("[name=password]", "tiga burung kuntul")
    page.wait_for_timeout(2500)  # nobody fills in a form faster (the page asks for that)
    page.locator("main form[action$='/sign-up'] button.btn").click()
    page.wait_for_url("**/id/sign-up/sent")
    link = letter(live, LUH, "/confirm/").links[0]
    assert "/id/confirm/" in link
    page.goto(link)
    page.locator("main form button.btn").click()
    page.wait_for_url(lambda url: "/confirm/" not in url)


def apply(page: Any) -> None:
    page.goto("/seller/apply/")
    assert page.locator("html").get_attribute("lang") == "id"
    page.fill("[name=workshop_name]", "Sari Perak Tangsub")
    page.select_option("[name=banjar]", "Tangsub")
    page.fill("[name=since_year]", "1998")
    page.locator("label:has([name=specialities][value=granulation])").click()
    page.fill("[name=artisan_count]", "4")
    page.fill("[name=contact_name]", "Ni Luh Sari")
    page.locator("label:has([name=form_of_address][value=Ibu])").click()
    page.fill("[name=phone]", "0812 3600 7788")
    page.fill("[name=story]", "Kami berempat mengerjakan jawan sejak 1998, di pekarangan rumah di Banjar Tangsub.")
    for number, color in enumerate(((120, 118, 115), (90, 88, 86), (60, 58, 57)), 1):
        with page.expect_navigation():
            page.locator("input[name=piece]").set_input_files(photo(color, f"barang {number}"))
    with page.expect_navigation():
        page.locator("input[name=bench]").set_input_files(photo((150, 120, 90), "meja kerja"))
    assert page.input_value("[name=workshop_name]") == "Sari Perak Tangsub"
    expect(page.locator(".shots .shot img")).to_have_count(4)
    page.locator("[name=agreed]").check()
    page.locator("button[formaction$=submission]").click()
    page.wait_for_load_state()
    assert page.locator(".note--bad, .f--bad").count() == 0, page.locator("main").inner_text()


def approve_application(page: Any) -> None:
    sign_in(page, "admin")
    page.goto("/admin/applications/")
    page.get_by_role("link", name=re.compile("Sari Perak Tangsub")).first.click()
    page.wait_for_url(re.compile(r"/admin/applications/\d+"))
    page.check("input[name=decision][value=yes]")
    page.locator("#decide button.btn").click()
    page.wait_for_load_state()


def list_a_piece(page: Any) -> int:
    """Three photos, kind, name, weight, price, stock; gives the listing's number."""
    page.goto("/seller/listings/new")
    page.wait_for_selector("form[data-kept]", state="attached")
    page.locator("input[name=photos]").last.set_input_files(
        [photo((130, 126, 120), "depan"), photo((100, 98, 95), "samping"), photo((70, 66, 60), "dipakai")]
    )
    expect(page.locator(".shots .shot:not(.shot--up)")).to_have_count(3)
    number = int(re.search(r"/seller/listings/(\d+)", page.url)[1])  # type: ignore[index]
    page.locator("[data-kinds] .opt:has([value=other])").click()
    page.select_option("[name=other_kind]", label=option_with(page, "Giwang"))
    page.fill("[name=title_id]", "Giwang Bulan Jawan")
    for folded in ("description_id", "techniques"):
        page.locator(f"[data-unfold] > details:has([name={folded}]) > summary").first.click()
    page.fill("[name=description_id]", "Dua bulan sabit kecil dari butiran jawan, ringan dipakai seharian.")
    page.locator("details:has([name=title_en]) > summary").click()
    page.fill("[name=title_en]", "Granulated Crescent Studs")
    page.fill("[name=description_en]", "Two small crescents of silver grains, light enough for the whole day.")
    page.locator("label:has([name=techniques][value=granulation])").click()
    page.select_option("[name=fineness]", "925")
    page.fill("[name=weight_grams]", "4,2")
    page.fill("[name=price]", "1,2 jt")
    page.fill("[name='sizes-0-stock']", "2")
    with page.expect_navigation():
        page.locator("button[form=listing][value=publish]").click()
    assert page.locator(".f--bad").count() == 0, page.locator("main").inner_text()
    return number


def option_with(page: Any, text: str) -> str:
    label: str = page.locator("[name=other_kind] option", has_text=text).first.inner_text()
    return label


def approve_listing(page: Any, number: int) -> None:
    page.goto(f"/admin/listings/{number}")
    page.check("#decide input[name=decision][value=yes]")
    page.locator("#decide button.btn:visible").first.click()
    page.wait_for_load_state()


def put_into_bag(page: Any, words: str, name: str) -> None:
    page.goto("/")
    page.locator("header input[name=q]:visible").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    page.get_by_role("link", name=name).first.click()
    page.wait_for_url(re.compile(r"/p/\d+-"))
    page.get_by_role("button", name="Add to bag").first.click()
    page.wait_for_url("**/cart")


def check_out(page: Any) -> None:
    page.goto("/checkout")
    page.fill("[name=email]", MAYA)
    page.select_option("[name=country]", "AU")
    page.wait_for_load_state("networkidle")
    if page.locator("[name=redraw][value=country]").is_visible():
        page.locator("[name=redraw][value=country]").click()
    page.wait_for_selector("[name=postcode]")
    page.fill("[name=name]", "Maya Chen")
    page.fill("[name=street]", "18 Lygon Street")
    page.fill("[name=city]", "Melbourne")
    page.select_option("[name=state]", label="Victoria")
    page.fill("[name=postcode]", "3053")
    page.fill("[name=phone]", "+61 400 000 000")
    page.get_by_role("button", name=re.compile(r"^Pay ")).first.click()
    page.wait_for_url("**/demo-payment/**")


def order_link(live: LiveShop, holding: str) -> str:
    return next(link for link in letter(live, MAYA, holding).links if re.search(r"/orders/[\w-]+$", link))


def newest_order_no(live: LiveShop) -> str:
    with live.database() as database:
        return str(database.scalar(sa.select(Order.public_no).order_by(Order.id.desc()).limit(1)))


def make_overdue(live: LiveShop) -> None:
    """Let 40 minutes pass for what is unpaid: the clock of a running shop cannot be moved."""
    past, unpaid = clock.now() - timedelta(minutes=40), OrderStatus.AWAITING_PAYMENT
    with live.database() as database:
        database.execute(sa.update(Order).where(Order.status == unpaid).values(hold_until=past))
        database.execute(sa.update(PaymentAttempt).where(PaymentAttempt.status.in_(RUNNING)).values(expires_at=past))
        database.execute(sa.update(DemoSession).where(DemoSession.status == "open").values(expires_at=past))


def stock_of(live: LiveShop, listing: int) -> int:
    with live.database() as database:
        return int(database.scalar(sa.select(sa.func.sum(Variant.stock)).where(Variant.listing_id == listing)) or 0)


def post_parcel(page: Any, order_no: str, *, start: bool = False) -> None:
    """The workshop accepts, works and posts, from the list of what is due."""
    page.goto("/seller/orders/")
    page.locator("a", has_text=order_no).first.click()
    page.wait_for_url(re.compile(r"/seller/orders/\d+$"))
    page.locator("form[action$=acceptance] button").click()
    page.wait_for_load_state()
    if start:
        page.locator("form[action$=start] button").click()
        page.wait_for_load_state()
    page.select_option("[name=carrier]", index=1)
    page.fill("[name=tracking_number]", "EE123456789ID")
    page.locator("form[action$=shipment] button").click()
    page.wait_for_load_state()
    assert page.locator(".f--bad").count() == 0


@dataclass
class Sale:
    """What the story left behind, for those who look at its pages afterwards."""

    order_link: str
    order_no: str
    listing: int
    problems: list[str]


def live_it(live: LiveShop, person: Person) -> Sale:
    """The whole story; every step asserts what its person must see."""
    problems: list[str] = []
    luh, admin = watched(person(phone=True, size=PHONE_390), problems), watched(person(), problems)
    maya = watched(person(), problems)

    open_account(live, luh)
    apply(luh)
    approve_application(admin)
    assert letter(live, LUH, "/seller").language in ("id", "")
    piece = list_a_piece(luh)
    approve_listing(admin, piece)

    # A decline leaves the order; the second try pays it.
    put_into_bag(maya, "crescent studs", "Granulated Crescent Studs")
    put_into_bag(maya, "frangipani drops", "Jepun Frangipani Drops")
    expect(maya.locator("main section h2", has_text=re.compile("Sari Perak Tangsub|Luh Selaka"))).to_have_count(2)
    check_out(maya)
    demo_pay(maya, "decline")
    maya.wait_for_url(re.compile(r"/orders/[\w-]+"))
    assert "Nothing was charged" in maya.locator("main").inner_text()
    maya.get_by_role("button", name=re.compile("^(Pay|Try)")).first.click()
    demo_pay(maya, "approve")
    maya.wait_for_url(re.compile(r"/orders/[\w-]{16,}$"))
    assert "Thank you, Maya" in maya.locator("h1").inner_text()
    order_no = re.search(r"PC-\w+", maya.locator("main").inner_text())[0]  # type: ignore[index]
    assert stock_of(live, piece) == 1
    assert letter(live, MAYA, order_no).subject
    assert letter(live, LUH, order_no).to == LUH

    # An abandoned payment holds the last piece until its time is up; then it is back, once.
    other = watched(person(), problems)
    put_into_bag(other, "crescent studs", "Granulated Crescent Studs")
    check_out(other)
    demo_pay(other, "abandon")
    other.wait_for_load_state()
    assert stock_of(live, piece) == 0
    make_overdue(live)
    live.flask("sweep")
    live.flask("sweep")
    assert stock_of(live, piece) == 1

    # Paid, but the way back is lost: the mail opens the paid order.
    lost = watched(person(), problems)
    put_into_bag(lost, "crescent studs", "Granulated Crescent Studs")
    check_out(lost)
    demo_pay(lost, "approve_lost")
    lost.wait_for_load_state()
    lost.goto(order_link(live, newest_order_no(live)))
    assert "Thank you, Maya" in lost.locator("h1").inner_text()
    assert stock_of(live, piece) == 0

    # Both workshops post their parcel; the buyer follows and says that it came.
    post_parcel(luh, order_no, start=True)
    selaka = watched(person(phone=True, size=PHONE_390), problems)
    sign_in(selaka, "artisan")
    post_parcel(selaka, order_no)
    assert "EE123456789ID" in letter(live, MAYA, "EE123456789ID").text
    maya.reload()
    text = maya.locator("main").inner_text()
    assert text.count("EE123456789ID") >= 2
    maya.get_by_role("button", name="It arrived").first.click()
    maya.wait_for_load_state()
    assert "Delivered" in maya.locator("main").inner_text()

    return Sale(maya.url, order_no, piece, problems)

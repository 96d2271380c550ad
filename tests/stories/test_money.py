"""The money of the sale, followed to the end: receipt, refund, earned, paid out by two people, disputed, all accounted.

The workshop works on a phone in Bahasa Indonesia, the collective on a desktop, and on a phone, in either language.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from marketplace.core import clock
from marketplace.orders.models import Order, SellerOrder, SellerOrderStatus
from marketplace.payments.models import Dispute
from marketplace.payouts.models import Payout

from .conftest import PASSWORD, LiveShop
from .people import demo_pay, letter, set_up_second_factor, sign_in, without_second_factor
from .sale import MAYA, PHONE_390, Sale, check_out, put_into_bag, watched

pytestmark = pytest.mark.browser
Person = Callable[..., Any]
SELAKA = "artisan@demo.test"
ACCOUNT = "0012345678"


def let_the_hold_pass(live: LiveShop) -> None:
    """The days after a delivery are over; the clock of a running shop cannot be moved."""
    with live.database() as database:
        database.execute(
            sa.update(SellerOrder)
            .where(SellerOrder.status == SellerOrderStatus.DELIVERED)
            .values(payable_on=clock.today() - timedelta(days=1))
        )
    live.flask("sweep")


def main_of(page: Any) -> str:
    text: str = page.locator("main").inner_text()
    return text


def download(page: Any, click: Callable[[], None]) -> tuple[str, bytes]:
    """(name, content) of the file that a click brings."""
    with page.expect_download() as waiting:
        click()
    file = waiting.value
    with open(file.path(), "rb") as opened:
        return file.suggested_filename, opened.read()


def fetched(page: Any, path: str) -> bytes:
    answer = page.request.get(path)
    assert answer.status == 200, path
    body: bytes = answer.body()
    return body


def path_of(address: str) -> str:
    return re.sub(r"https?://[^/]+", "", address)


def test_the_buyer_keeps_a_receipt_in_either_language(sale: Sale, person: Person) -> None:
    maya = person()
    link = path_of(sale.order_link)
    maya.goto(f"{link}/receipt")
    text = main_of(maya)
    assert "Receipt" in text
    assert sale.order_no in text
    assert "Maya Chen" in text
    assert fetched(maya, f"{link}/receipt.pdf").startswith(b"%PDF")

    ayu = person(phone=True)  # of the demo shop: she pays in rupiah
    sign_in(ayu, "buyer2")
    ayu.goto("/id/account/orders")
    ayu.locator("a[href$='/receipt']").first.click()
    ayu.wait_for_url("**/id/orders/*/receipt")
    text = main_of(ayu)
    assert "Rp" in text
    assert "$" not in text
    assert "Receipt" not in text
    assert fetched(ayu, f"{path_of(ayu.url)}.pdf").startswith(b"%PDF")


def test_a_workshop_gives_part_of_the_money_back_from_its_phone(sale: Sale, live: LiveShop, person: Person) -> None:
    problems: list[str] = []
    page = watched(person(phone=True, size=PHONE_390), problems)
    sign_in(page, "artisan")
    number = own_part(live, sale.order_no)
    page.goto(f"/seller/orders/{number}")
    page.goto(f"/seller/orders/{number}/refund")
    page.locator("label:has([name=how][value=part])").click()
    page.fill("[name=amount]", "-5")
    page.select_option("[name=reason]", index=1)
    page.locator("main form button[type=submit], main form button.btn").last.click()
    page.wait_for_load_state()
    assert page.locator(".f--bad, [aria-invalid=true]").count() > 0
    assert page.input_value("[name=amount]") == "-5"
    page.fill("[name=amount]", "100.000")
    page.locator("main form button[type=submit], main form button.btn").last.click()
    page.locator("button[name=step][value=confirm]").click()
    page.wait_for_url(re.compile(r"/seller/orders/\d+(#\w+)?$"))
    live.flask("sweep")
    buyer = person()
    buyer.goto(path_of(sale.order_link))
    assert re.search(r"[Rr]efund", main_of(buyer))
    assert letter(live, MAYA, "on its way back")
    assert [problem for problem in problems if "422" not in problem] == []  # the wrong sum was told as one


def own_part(live: LiveShop, order_no: str) -> int:
    """The part of the order that is Luh Selaka's (the demo shop's first workshop)."""
    with live.database() as database:
        query = (
            sa.select(SellerOrder.id)
            .join(Order, Order.id == SellerOrder.order_id)
            .where(Order.public_no == order_no, SellerOrder.workshop_id == selaka_id(database))
        )
        return int(database.scalars(query).one())


def selaka_id(database: sa.Connection) -> int:
    return int(database.execute(sa.text("select id from workshops where slug = 'luh-selaka'")).scalar_one())


def test_a_new_account_needs_the_password_and_waits(live: LiveShop, sale: Sale, person: Person) -> None:
    page = person(phone=True)
    sign_in(page, "artisan")
    page.goto("/seller/bank/")
    assert "/account/security/two-step" in page.url, "the account is behind a second factor"
    codes = set_up_second_factor(page)
    assert page.url.endswith("/seller/bank/"), "and one is led back"
    had_one = page.locator("dl, .kv").count() > 0
    page.select_option("[name=bank_code]", "014")
    page.fill("[name=number]", "12-34")
    page.fill("[name=holder]", "Ni Luh Ayu Selaka")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button.btn--wide").click()
    page.wait_for_load_state()
    assert page.locator("[aria-invalid=true]").count() == 1
    assert page.input_value("[name=number]") == "12-34"
    page.fill("[name=number]", "001 234 5678")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button.btn--wide").click()
    page.wait_for_load_state()
    text = main_of(page)
    assert "5678" in text
    assert ACCOUNT not in text
    if had_one:
        assert letter(live, SELAKA, "ekening")
        with live.database() as database:  # the three days pass
            database.execute(sa.text("update bank_accounts set usable_at = changed_at"))
    other = person(phone=True)
    other.goto("/sign-in?next=/seller/bank/")
    other.fill("[name=email]", SELAKA)
    other.fill("[name=password]", PASSWORD)
    other.locator("main form button.btn").first.click()
    other.wait_for_url("**/sign-in/code")
    other.goto("/sign-in/code?with=recovery")
    other.fill("[name=code]", codes[0])
    other.locator("main form button.btn").click()
    other.wait_for_url("**/seller/bank/")
    without_second_factor(live, "artisan")


def test_two_people_pay_the_workshop_and_it_sees_where_its_money_is(sale: Sale, live: LiveShop, person: Person) -> None:
    problems: list[str] = []
    buyer = watched(person(), problems)
    buyer.goto(path_of(sale.order_link))
    while buyer.get_by_role("button", name="It arrived").count():
        buyer.get_by_role("button", name="It arrived").first.click()
        buyer.wait_for_load_state()
    let_the_hold_pass(live)

    artisan = watched(person(phone=True), problems)
    sign_in(artisan, "artisan")
    artisan.goto("/seller/earnings/")
    assert "Jumat" in main_of(artisan)

    ketut, made = watched(person(), problems), watched(person(phone=True), problems)
    sign_in(ketut, "admin")
    sign_in(made, "bendahara")
    ketut.goto("/admin/payouts/")
    assert "Luh Selaka" in main_of(ketut)
    ketut.locator("main form button.btn--wide").click()
    ketut.wait_for_url(re.compile(r"/admin/payouts/\d+$"))
    run = path_of(ketut.url)
    assert ketut.locator("form[action$='/approval']").count() == 0  # not by who prepared it
    made.goto(run)
    made.locator("form[action$='/approval'] button").click()
    made.wait_for_load_state()
    assert made.locator("form[action$='/sending']").count() == 0  # nor sent by who approved it
    ketut.goto(run)
    ketut.locator("form[action$='/sending'] button").click()
    ketut.wait_for_load_state()
    name, file = download(ketut, lambda: ketut.locator(f"a[href$='{run}/file']").first.click())
    assert name.startswith("TEST-")
    rows = list(csv.reader(io.StringIO(file.decode("utf-8"))))
    assert rows[0][0] == "TEST"
    assert any(ACCOUNT in row for row in rows), rows
    assert fetched(ketut, f"{run}/file") == file
    ketut.fill("form[action$='/payment'] >> nth=-1 >> [name=reference]", "BCA-2026-0042")
    ketut.locator("form[action$='/payment'] button.btn--wide").click()
    ketut.wait_for_load_state()
    assert letter(live, SELAKA, "5678")

    number = payout_number(live)
    artisan.goto(f"/seller/payouts/{number}")
    assert "BCA-2026-0042" in main_of(artisan)
    artisan.goto("/seller/account/")
    assert sale.order_no in main_of(artisan)
    month = f"{clock.today():%Y-%m}"
    artisan.goto(f"/seller/statements/{month}")
    assert sale.order_no in main_of(artisan)
    assert fetched(artisan, f"/seller/statements/{month}.pdf").startswith(b"%PDF")
    assert sale.order_no in fetched(artisan, f"/seller/statements/{month}.csv").decode("utf-8-sig")
    assert problems == []


def payout_number(live: LiveShop) -> int:
    with live.database() as database:
        query = sa.select(Payout.id).where(Payout.workshop_id == selaka_id(database)).order_by(Payout.id.desc())
        return int(database.scalars(query.limit(1)).one())


def test_a_bank_takes_money_back_and_a_person_decides(sale: Sale, live: LiveShop, person: Person) -> None:
    admin, order_no = person(phone=True), bought(person())
    sign_in(admin, "admin")
    live.flask("payments", "demo-dispute", order_no)
    live.flask("sweep")
    admin.goto("/admin/disputes/")
    admin.get_by_role("link", name=re.compile(order_no)).first.click()
    admin.wait_for_url(re.compile(r"/admin/disputes/\d+$"))
    admin.locator("form[action$='/evidence'] textarea").first.fill("Posted with EMS; the buyer signed for it.")
    admin.locator("form[action$='/evidence'] button").click()
    admin.wait_for_load_state()
    assert "the buyer signed" in admin.locator("form[action$='/evidence'] textarea").first.input_value()

    lost = bought(person())
    live.flask("payments", "demo-dispute", lost, "--lost")
    live.flask("sweep")
    admin.goto(f"/admin/disputes/{newest_dispute(live)}")
    admin.locator("label:has([name=bearer][value=collective])").click()
    admin.fill("form[action$='/decision'] textarea", "The parcel was lost on the way; the workshop did all it could.")
    admin.locator("form[action$='/decision'] button.btn--wide").click()
    admin.wait_for_load_state()
    assert admin.locator("form[action$='/decision']").count() == 0


def bought(page: Any) -> str:
    """A paid order's number."""
    put_into_bag(page, "frangipani drops", "Jepun Frangipani Drops")
    check_out(page)
    demo_pay(page, "approve")
    page.wait_for_url(re.compile(r"/orders/[\w-]{16,}$"))
    number: str = re.search(r"PC-\w+", main_of(page))[0]  # type: ignore[index]
    return number


def newest_dispute(live: LiveShop) -> int:
    with live.database() as database:
        return int(database.scalars(sa.select(Dispute.id).order_by(Dispute.id.desc()).limit(1)).one())


def test_every_rupiah_is_accounted_for(sale: Sale, live: LiveShop, person: Person) -> None:
    """After all of it: the command, its answer for machines, and the page that an admin reads."""
    live.flask("sweep")
    live.flask("payments", "reconcile", "--since", f"{clock.today() - timedelta(days=2)}")
    told = live.flask("books", "check")  # another exit status than 0 would raise
    assert told.strip()
    assert json.loads(live.flask("books", "check", "--json"))
    page = person(phone=True)
    sign_in(page, "admin")
    page.goto("/admin/books/")
    page.locator("form[action$='/check'] button").click()
    page.wait_for_load_state()
    expect(page.locator("h1")).to_be_visible()
    assert fetched(page, "/admin/books/ledger.csv").count(b"\n") > 20

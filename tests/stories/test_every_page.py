"""Every page, as its own people see it: nothing for axe to find, nothing wider than the screen, nothing broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from marketplace.core import clock

from .conftest import PASSWORD, LiveShop
from .people import set_up_second_factor, sign_in, without_second_factor
from .sale import Sale

pytestmark = pytest.mark.browser
Person = Callable[..., Any]

SHOP = (
    "/",
    "/c/jewellery",
    "/c/rings",
    "/p/1-granulated-dome-ring",
    "/p/7-woven-collar-chain-with-box-clasp",
    "/w",
    "/w/luh-selaka",
    "/search?q=jawan",
    "/search?q=toe+ring+gold+18k",
    "/saved",
    "/saved?ids=1,2,3",
    "/cart",
    "/orders/track",
    "/messages/piece/1",
    "/sign-in",
    "/sign-up",
    "/reset",
    "/nothing-here",
    *(f"/pages/{name}" for name in ("about", "shipping", "returns", "privacy", "terms", "sizes", "care", "contact")),
)
BUYER = (
    "/account/orders",
    "/account/messages",
    "/account/messages/1",
    "/messages/piece/7",
    "/account/addresses",
    "/account/security",
    "/account/security/two-step",
    "/seller/apply/",
    "/confirm-password",
)
ARTISAN = (
    "/seller/",
    "/seller/orders/",
    "/seller/orders/papers",
    "/seller/listings/",
    "/seller/listings/new",
    "/seller/offline/id",
    "/seller/offline/id/new",
    "/seller/many/",
    "/seller/files/",
    "/seller/listings/6",
    "/seller/listings/6/preview",
    "/seller/prices/",
    "/seller/prices/before",
    "/seller/prices/pieces/6",
    "/seller/earnings/",
    "/seller/account/",
    "/seller/payouts/",
    "/seller/statements/",
    "/seller/bank/",
    f"/seller/statements/{clock.today():%Y-%m}",
    "/seller/payouts/3",
    "/seller/settings/",
    "/seller/messages/",
    "/seller/messages/1",
    "/seller/messages/3",
    "/seller/answers/",
    "/seller/people/",
    "/seller/people/me",
    "/seller/know/",
    "/seller/know/?weeks=52",
    "/seller/demand/",
)
ADMIN = (
    "/admin/",
    "/admin/applications/",
    "/admin/applications/1",
    "/admin/listings/",
    "/admin/listings/1",
    "/admin/workshops/",
    "/admin/workshops/2",
    "/admin/orders/",
    "/admin/orders/1",
    "/admin/people/",
    "/admin/talks/",
    "/admin/people/1",
    "/admin/record/",
    "/admin/rates/",
    "/admin/metals/",
    "/admin/commission/",
    "/admin/payouts/",
    "/admin/payouts/1",
    "/admin/books/",
    "/admin/books/entries",
    "/admin/books/differences",
    "/admin/books/messages",
    "/admin/disputes/",
    "/admin/disputes/1",
    "/admin/refunds/",
    "/admin/demand/",
    "/admin/workshops/8",
)
# Controls on the screen that are lower than 44 pixels; text links inside sentences are not controls.
SMALL = """() => [...document.querySelectorAll(
  '.btn, .ib, .link, .dock a, select, textarea, input:not([type=hidden], [type=radio], [type=checkbox], [type=file])')]
  .filter(e => e.offsetParent && !e.classList.contains('vh') && e.getBoundingClientRect().height < 43.5)
  .map(e => e.outerHTML.slice(0, 120))"""
WORST = ("critical", "serious", "moderate", "minor")


def _found(page: Any) -> list[str]:
    """What axe has to say of the page as it stands."""
    result = Axe().run(page)
    return [
        f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in result.response["violations"]
        if one["impact"] in WORST
    ]


def _look(page: Any, path: str) -> Iterator[str]:
    """Problems of one page at its width and at 320."""
    answer = page.goto(path)
    if answer.status >= 500 or (answer.status >= 400 and "nothing-here" not in path):
        yield f"{path}: {answer.status}"
        return
    for finding in _found(page):
        yield f"{path}: {finding}"
    if page.locator("h1").count() != 1:
        yield f"{path}: {page.locator('h1').count()} h1"
    wide = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 700})
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        yield f"{path}: {over} px wider than 320"
    page.set_viewport_size(wide)


def _walk(page: Any, paths: tuple[str, ...]) -> list[str]:
    return [problem for path in paths for problem in _look(page, path)]


LOOKS = pytest.mark.parametrize(("phone", "dark"), [(True, False), (False, True)], ids=["phone-light", "desktop-dark"])


@pytest.mark.parametrize(
    ("market", "phone", "dark"), [("/id", True, False), ("", False, True)], ids=["id-phone-light", "en-desktop-dark"]
)
def test_the_shop(sale: Sale, person: Person, market: str, phone: bool, dark: bool) -> None:
    page = person(phone=phone, dark=dark)
    order = re.sub(r"https?://[^/]+(/id)?", "", sale.order_link)
    assert _walk(page, tuple(market + path for path in (*SHOP, order, f"{order}/receipt"))) == []


@LOOKS
def test_the_bag_and_the_checkout(sale: Sale, person: Person, phone: bool, dark: bool) -> None:
    page = person(phone=phone, dark=dark)
    page.goto("/p/2-jawan-blossom-studs")
    page.locator("main form[action$='/cart/lines'] button.btn").first.click()
    page.wait_for_url("**/cart")
    assert _walk(page, ("/cart", "/checkout", "/id/cart", "/id/checkout")) == []


@LOOKS
@pytest.mark.parametrize(
    ("name", "paths"), [("buyer", BUYER), ("artisan", ARTISAN), ("admin", ADMIN)], ids=["buyer", "artisan", "admin"]
)
def test_private_pages(
    sale: Sale, live: LiveShop, person: Person, name: str, paths: tuple[str, ...], phone: bool, dark: bool
) -> None:
    page = person(phone=phone, dark=dark)
    sign_in(page, name)
    assert _walk(page, paths) == []


@LOOKS
def test_the_second_factor_and_what_stands_behind_it(live: LiveShop, person: Person, phone: bool, dark: bool) -> None:
    page = person(phone=phone, dark=dark)
    found: list[str] = []
    sign_in(page, "artisan")
    page.goto("/seller/bank/")
    set_up_second_factor(page, lambda seen: found.extend(f"{seen.url}: {one}" for one in _found(seen)))
    found += _walk(page, ("/seller/bank/", "/account/security/two-step", "/account/security", "/seller/settings/"))
    found += _walk(page, ("/confirm-code?next=/seller/bank/", "/confirm-code?with=recovery"))
    other = person(phone=phone, dark=dark)
    other.goto("/sign-in")
    other.fill("[name=email]", "artisan@demo.test")
    other.fill("[name=password]", PASSWORD)
    other.locator("main form button.btn").first.click()
    other.wait_for_url("**/sign-in/code")
    found += _walk(other, ("/sign-in/code", "/sign-in/code?with=recovery"))
    without_second_factor(live, "artisan")
    assert found == []


def test_taps_are_large_enough_on_the_workshops_side(sale: Sale, person: Person) -> None:
    """Every button, link in a list and field is 44 pixels high on a phone (text links inside sentences apart)."""
    page = person(phone=True)
    sign_in(page, "artisan")
    small = []
    for path in ARTISAN:
        page.goto(path)
        small += [f"{path}: {text}" for text in page.evaluate(SMALL)]
    assert small == []

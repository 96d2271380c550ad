"""One sale from end to end, and one without a line of script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import LiveShop
from .people import demo_pay, letter, letters
from .sale import LUH, MAYA, Sale

pytestmark = pytest.mark.browser
Person = Callable[..., Any]


def test_one_sale_from_end_to_end(sale: Sale) -> None:
    """No script failed and nothing was refused by our own content policy on the way."""
    assert sale.problems == []


def test_every_mail_speaks_its_readers_language(sale: Sale, live: LiveShop) -> None:
    hers, mine = letters(live, LUH), letters(live, MAYA)
    assert len(hers) >= 4  # confirm, application approved, piece approved, new order
    assert len(mine) >= 4  # two receipts, two parcels on their way
    for one in hers:
        assert "Perak Celuk" in one.text, one.subject
        assert not re.search(r"\b(the|your|you|order)\b", f"{one.subject} {one.text.split('http')[0]}"), one.text
    for one in mine:
        assert "Celuk Silver" in one.text, one.subject
        assert not re.search(r"\b(Anda|pesanan|bengkel|dengan)\b", f"{one.subject} {one.text}"), one.text


def test_the_whole_path_works_without_script(live: LiveShop, person: Person) -> None:
    page = person(script=False, phone=True)
    page.goto("/id/")
    page.goto("/id/search?q=giwang+kembang")
    page.locator("main .card a").first.click()
    page.locator("main form[action$='/cart/lines'] button.btn").first.click()
    page.wait_for_url("**/id/cart")
    page.goto("/id/checkout")
    page.fill("[name=email]", "ayu.lestari@example.com")
    assert page.input_value("[name=country]") == "ID"
    page.fill("[name=name]", "Ayu Lestari")
    page.fill("[name=phone]", "0812 3456 7890")
    page.fill("[name=street]", "Jalan Kemang Timur 14, RT 05/RW 02")
    page.select_option("[name=state]", label="DKI Jakarta")
    page.fill("[name=city]", "Jakarta Selatan")
    page.fill("[name=district]", "Mampang Prapatan")
    page.fill("[name=postcode]", "12730")
    page.locator("#checkout button.btn--wide").last.click()
    demo_pay(page, "approve")
    page.wait_for_url(re.compile(r"/id/orders/[\w-]{16,}$"))
    text = page.locator("main").inner_text()
    assert "Ayu" in text
    assert "Rp" in text
    assert "$" not in text
    assert "Ayu" in letter(live, "ayu.lestari@example.com", "/id/orders/").text
